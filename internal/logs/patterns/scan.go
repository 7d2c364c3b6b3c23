package patterns

import (
	"slices"
	"strings"
)

// token is a piece of a message, or of a template.
type token struct {
	hash       uint64 // wild for a wildcard
	start, end int32  // of the text it was made of
	kind       kind
}

type kind uint8

const (
	unused kind = iota // of no token
	value              // by its looks, or become one
	mark               // punctuation
	key                // before an equals sign, or in JSON
	word               // letters
	name               // a word with the looks of a name: a-b, a_b, camelCase, CAPITALS
)

// wild is the hash of every wildcard.
const wild uint64 = 0x9e3779b97f4a7c15

const (
	maxTokens = 96   // of a message; the rest is one wildcard
	maxLine   = 4096 // bytes that are looked at
	maxWord   = 48   // longer ones are values
	plainKeys = 4    // pairs of key=value that are told apart
)

const (
	fnvBasis = 0xcbf29ce484222325
	fnvPrime = 0x100000001b3
)

// mix spreads what FNV leaves close together.
func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 29
	return h
}

// scanner cuts messages into tokens; its memory is used again.
type scanner struct {
	text   string
	tokens []token
	pairs  int  // of key=value so far
	number bool // the last token is a number, which a unit may follow
	full   bool
	shut   int // where a quote that was opened as a message closes
}

// scan leaves the tokens of the text in s.tokens.
func (s *scanner) scan(text string) {
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i] // the lines below are the details of the first
	}
	if len(text) > maxLine {
		text = text[:maxLine]
	}
	s.text, s.tokens, s.pairs, s.number, s.full = text, s.tokens[:0], 0, false, false
	s.shut = -1
	for i := 0; i < len(text) && !s.full; {
		switch classes[text[i]] {
		case space:
			i++
		case fence, equals, colon:
			i = s.punctuation(i)
		case quote:
			i = s.quoted(i)
		default:
			i = s.run(i)
		}
	}
}

// punctuation takes one byte, and the text that it introduces.
func (s *scanner) punctuation(i int) int {
	before := s.last()
	s.mark(i, i+1)
	if s.text[i] == '(' && before.kind >= word && commands[s.textOf(before)] {
		if end := strings.LastIndexByte(s.text, ')'); end > i {
			s.number = false
			s.value(i+1, end)
			return end
		}
	}
	return i + 1
}

// label takes the text after a word and the colon at i, when the word says that
// it is another's.
func (s *scanner) label(i int) int {
	n := len(s.tokens)
	if n < 3 || i+2 >= len(s.text) || s.text[i+1] != ' ' {
		return i + 1
	}
	before := s.textOf(s.tokens[n-2])
	end := s.limit()
	switch {
	case commands[before]:
	case labels[before]:
		for e := i + 2; e < end; e++ {
			if c := s.text[e]; c == ',' || c == ';' {
				end = e
			}
		}
	default:
		return i + 1
	}
	if end <= i+2 {
		return i + 1
	}
	s.number = false
	s.value(i+2, end)
	return end
}

// limit is where the text ends that is being read: at the quote that closes it.
func (s *scanner) limit() int {
	if s.shut > 0 {
		return s.shut
	}
	return len(s.text)
}

func (s *scanner) last() token {
	if n := len(s.tokens); n > 0 {
		return s.tokens[n-1]
	}
	return token{kind: unused}
}

func (s *scanner) mark(start, end int) {
	s.number = false
	s.push(token{hash: hashOf(s.text[start:end]), start: int32(start), end: int32(end), kind: mark})
}

// ciphers says that a value begins as numbers and dates do.
func (s *scanner) ciphers(start int) bool {
	return start < len(s.text) && (classes[s.text[start]] == digit || classes[s.text[start]] == upper && start+3 <= len(s.text) && (dates[s.text[start:start+3]] || s.text[start:start+3] == "May"))
}

// value adds a wildcard. Numbers in a row, and values with commas between them,
// are a list, which is one wildcard.
func (s *scanner) value(start, end int) {
	n := len(s.tokens)
	if n > 0 && s.tokens[n-1].kind == value && (start == end || s.ciphers(start) && s.ciphers(int(s.tokens[n-1].start))) {
		s.tokens[n-1].end = int32(end)
		return
	}
	if n > 1 && s.tokens[n-2].kind == value && s.tokens[n-1].kind == mark && s.listed(s.tokens[n-1]) {
		s.tokens = s.tokens[:n-1]
		s.tokens[n-2].end = int32(end)
		return
	}
	s.push(token{hash: wild, start: int32(start), end: int32(end), kind: value})
}

func (s *scanner) listed(t token) bool { return t.end-t.start == 1 && s.text[t.start] == ',' }

func (s *scanner) push(t token) {
	if len(s.tokens) == maxTokens-1 {
		s.full = true
		t = token{hash: wild, start: t.start, end: int32(len(s.text)), kind: value}
	}
	s.tokens = append(s.tokens, t)
}

// quoted takes a text in quotes as one value, unless it is a key or the first
// of the message: there programs write the message itself.
func (s *scanner) quoted(i int) int {
	q := s.text[i]
	if i == s.shut {
		return i + 1
	}
	if q == '\'' && i > 0 && (classes[s.text[i-1]] <= digit) {
		s.mark(i, i+1) // the apostrophe of "users' files"
		return i + 1
	}
	closing := q
	if q == '`' && strings.IndexByte(s.text[i+1:], '`') < 0 {
		closing = '\''
	}
	end := i + 1
	for end < len(s.text) && (s.text[end] != closing || closing == '\'' && end+1 < len(s.text) && classes[s.text[end+1]] <= digit) {
		if s.text[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(s.text) {
		s.mark(i, i+1)
		return i + 1
	}
	last := s.last()
	inside := s.text[i+1 : end]
	switch {
	case end+1 < len(s.text) && s.text[end+1] == ':' && q == '"' && last.kind == mark && (s.text[last.start] == '{' || s.text[last.start] == ',') && len(inside) <= maxWord && plain(inside): // a key of JSON
		s.push(token{hash: hashOf(inside), start: int32(i + 1), end: int32(end), kind: key})
		if spoken(inside) && end+2 < len(s.text) && s.text[end+2] == '"' {
			s.mark(end+1, end+2)
			s.open(end + 2)
			return end + 3
		}
		return end + 1
	case last.kind == unused || last.kind == mark && s.text[last.start] == ']' && strings.IndexByte(inside, ' ') >= 0:
		s.shut = end
		return i + 1
	case last.kind == mark && s.text[last.start] == '=' && len(s.tokens) > 1 && spoken(s.textOf(s.tokens[len(s.tokens)-2])) && strings.IndexByte(inside, ' ') >= 0:
		s.shut = end
		return i + 1
	}
	s.number = false
	s.value(i, end+1)
	return end + 1
}

// open remembers where the quote at i closes.
func (s *scanner) open(i int) {
	for end := i + 1; end < len(s.text); end++ {
		switch s.text[end] {
		case '\\':
			end++
		case s.text[i]:
			s.shut = end
			return
		}
	}
}

func plain(s string) bool {
	for i := range len(s) {
		if c := classes[s[i]]; c != letter && c != upper && c != joint && c != dot {
			return false
		}
	}
	return s != ""
}

func (s *scanner) textOf(t token) string { return s.text[t.start:t.end] }

// first is the first byte of a token that is not a value, or 0.
func (s *scanner) first(t token) byte {
	if t.kind == value || int(t.start) >= len(s.text) {
		return 0
	}
	return s.text[t.start]
}

// looks of a run of bytes.
type looks struct {
	digits, slashes, dots, joints, uppers, lowers, colons, others int
	inner                                                         bool // a capital after a small letter
}

// run takes the bytes up to the next space, bracket, comma or equals sign.
func (s *scanner) run(start int) int {
	text := s.text
	var l looks
	hash, end := uint64(fnvBasis), start
scan:
	for ; end < len(text); end++ {
		b := text[end]
		switch classes[b] {
		case space, fence:
			break scan
		case equals:
			if l.slashes == 0 {
				break scan
			}
		case quote:
			if b != '\'' || end+1 >= len(text) || classes[text[end+1]] > upper {
				break scan
			}
		case letter:
			l.lowers++
		case upper:
			l.uppers++
			l.inner = l.inner || l.lowers > 0
		case digit:
			l.digits++
		case colon:
			l.colons++
		case slash:
			l.slashes++
		case dot:
			l.dots++
		case joint:
			l.joints++
		default:
			l.others++
		}
		hash = (hash ^ uint64(b)) * fnvPrime
	}
	if end < len(text) && text[end] == '=' && l.slashes == 0 {
		return s.pair(start, end, hash)
	}
	last := end
	for last > start && trailing(text[last-1]) {
		last--
	}
	if last == start || l.digits+l.lowers+l.uppers+l.slashes == 0 && l.colons < 2 { // nothing but punctuation
		return s.dash(start, end)
	}
	switch {
	case l.digits == 0 && l.slashes == 0 && l.colons > 0 && last > start && strings.IndexByte(text[start:last], ':') >= 0:
		if text[start] == ':' { // "::"
			s.value(start, last)
			break
		}
		l.joints++ // "a:b"
		s.word(start, last, l)
	default:
		if phrase := s.phrase(start); phrase > 0 && l.slashes+l.digits == 0 || phrase > end-start {
			s.number = false
			s.value(start, start+phrase)
			return start + phrase
		}
		s.word(start, last, l)
	}
	if last < end && text[last] == ':' {
		s.mark(last, last+1)
		return max(end, s.label(last))
	} else if last < end && s.full == false {
		s.number = false
	}
	return end
}

// dash takes a run of punctuation. Around an arrow stand values, whatever they
// look like: states that something went from and to. After a value, a dash introduces what the
// value is called: "nginx.service - A web server".
func (s *scanner) dash(start, end int) int {
	before := s.last()
	if run := s.text[start:end]; run == "->" || run == "-->" || run == "=>" {
		if n := len(s.tokens); n > 0 && before.kind >= word {
			s.tokens[n-1].kind, s.tokens[n-1].hash = value, wild
		}
		s.mark(start, end)
		next := end
		for next < len(s.text) && classes[s.text[next]] == space {
			next++
		}
		if next == len(s.text) || classes[s.text[next]] > digit {
			return end
		}
		last := s.unspaced(next)
		s.number = false
		s.value(next, last)
		return last
	}
	s.mark(start, end)
	if before.kind != value || end-start > 2 || s.text[start] != '-' || !slices.ContainsFunc(s.tokens, func(t token) bool { return t.kind == word }) {
		return end
	}
	stop := s.limit()
	if end+1 >= stop {
		return end
	}
	s.value(end+1, stop)
	return stop
}

func trailing(b byte) bool { return b == ':' || b == '.' || b == '!' || b == '?' }

// phrase is the length of the system error that begins at start, or 0.
func (s *scanner) phrase(start int) int {
	if classes[s.text[start]] != upper {
		return 0
	}
	rest := s.text[start:]
	first, _, _ := strings.Cut(rest[:min(len(rest), 16)], " ")
	first = strings.TrimRight(first, ".:,;)]'\"")
	for _, p := range phrases[first] {
		if strings.HasPrefix(rest, p) && (len(rest) == len(p) || classes[rest[len(p)]] > digit) {
			return len(p)
		}
	}
	return 0
}

// pair takes key= and what follows it.
func (s *scanner) pair(start, end int, hash uint64) int {
	if s.pairs++; s.pairs > plainKeys && !spoken(s.text[start:end]) {
		// A long list of pairs: which there are is a matter of the values.
		next := end + 1
		if next < len(s.text) && classes[s.text[next]] != quote && classes[s.text[next]] != space {
			next = s.unspaced(next)
		}
		s.value(start, next)
		return next
	}
	s.number = false
	s.push(token{hash: mix(hash), start: int32(start), end: int32(end), kind: key})
	s.mark(end, end+1)
	next := end + 1
	if next >= len(s.text) || classes[s.text[next]] == space {
		s.value(next, next) // an empty value
		return next
	}
	if classes[s.text[next]] == fence || classes[s.text[next]] == quote || spoken(s.text[start:end]) {
		return next
	}
	last := s.unspaced(next)
	if commands[s.text[start:end]] {
		last = s.limit()
	}
	s.value(next, last)
	return last
}

// unspaced is where a value without spaces ends.
func (s *scanner) unspaced(i int) int {
	for i < len(s.text) && classes[s.text[i]] != space && s.text[i] != ',' && s.text[i] != ';' && s.text[i] != ')' && s.text[i] != ']' {
		i++
	}
	return i
}

// word adds a run as a word, or as a value if it looks like one.
func (s *scanner) word(start, end int, l looks) {
	text := s.text[start:end]
	if i := strings.IndexByte(text, '/'); i > 0 && s.number && units[text[:i]] { // "1.5 GB/2 GB"
		s.tokens[len(s.tokens)-1].end = int32(end)
		return
	}
	dots := l.dots > 0 && strings.IndexByte(text, '.') >= 0
	switch {
	case l.digits > 0 || l.slashes > 0 || dots || len(text) > maxWord || l.others > 0 && l.lowers+l.uppers == 0:
		s.value(start, end)
		s.number = l.digits > 0 && (classes[text[0]] == digit || classes[text[len(text)-1]] == digit)
		return
	case s.number && units[text]:
		s.tokens[len(s.tokens)-1].end = int32(end)
		return
	case dates[text], text == "May" && end+1 < len(s.text) && classes[s.text[end+1]] == digit, len(text) >= 8 && hexadecimal(text):
		s.value(start, end)
		s.number = false
		return
	}
	s.number = false
	k := word
	if l.joints > 0 || l.inner || l.uppers > 1 && l.lowers == 0 {
		k = name
	}
	s.push(token{hash: hashOf(text), start: int32(start), end: int32(end), kind: k})
}

func hexadecimal(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'f' {
			return false
		}
	}
	return true
}

func hashOf(s string) uint64 {
	h := uint64(fnvBasis)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return mix(h)
}

// shapeOf is the hash of the tokens.
func shapeOf(tokens []token) uint64 {
	h := uint64(fnvBasis) + uint64(len(tokens))
	for i := range tokens {
		h = (h ^ tokens[i].hash) * 0x9fb21c651e98df25
		h ^= h >> 32
	}
	return h
}
