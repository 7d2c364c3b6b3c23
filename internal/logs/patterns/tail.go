package patterns

import "slices"

// tail is what was seen behind one beginning of messages: texts of any length,
// such as what another program answered.
type tail struct {
	patterns []*pattern
	open     bool // whatever stands there is one value
}

// How many different tails behind one beginning make a value of them, and how
// many words the beginning must have: behind a bracket, and behind a colon,
// where programs more often write themselves.
const (
	bracketTails, bracketWords = 4, 2
	colonTails, colonWords     = 6, 3
)

// shorten replaces the tail of the tokens, where it is a value, by a wildcard.
func (m *Miner) shorten(tokens []token) []token {
	h, words := uint64(fnvBasis), 0
	for i := range tokens {
		h = (h ^ tokens[i].hash) * fnvPrime
		if tokens[i].kind >= key {
			words++
		}
		if tokens[i].kind != mark || words < bracketWords || i+2 >= len(tokens) {
			continue
		}
		if c := m.scanner.first(tokens[i]); c != ':' && (c != '(' || !closesLast(len(tokens)-i-1, func(j int) byte { return m.scanner.first(tokens[i+1+j]) })) {
			continue
		}
		if t, ok := m.tails.get(mix(h)); ok && t.open {
			return append(slices.Clone(tokens[:i+1]), token{hash: wild, start: tokens[i+1].start, end: tokens[len(tokens)-1].end, kind: value})
		}
	}
	return tokens
}

// closesLast says that a bracket is closed by the last of the n tokens behind it.
func closesLast(n int, first func(int) byte) bool {
	for j := range n {
		if first(j) == ')' {
			return j == n-1
		}
	}
	return false
}

// weighTails adds a new pattern to the beginnings it has, and makes a value of
// the tails of one if that is enough.
func (m *Miner) weighTails(p *pattern) {
	h, words := uint64(fnvBasis), 0
	for i := range p.pieces {
		t := &p.pieces[i]
		h = (h ^ t.hash) * fnvPrime
		if t.kind >= key {
			words++
		}
		if t.kind != mark || words < bracketWords || i+2 >= len(p.pieces) || t.text != "(" && (t.text != ":" || words < colonWords) {
			continue
		}
		if t.text == "(" && !closesLast(len(p.pieces)-i-1, func(j int) byte { return p.pieces[i+1+j].text[0] }) {
			continue
		}
		at, ok := m.tails.get(mix(h))
		if !ok {
			at = &tail{}
			m.tails.put(mix(h), at)
		}
		if !slices.Contains(at.patterns, p) && len(at.patterns) < maxCircle {
			at.patterns = append(at.patterns, p)
		}
		need := bracketTails
		if t.text == ":" {
			need = colonTails
		}
		if len(at.patterns) >= need && m.cut(at, i) {
			return
		}
	}
}

// cut makes one pattern of those that begin alike: the oldest, with a wildcard
// behind i.
func (m *Miner) cut(at *tail, i int) bool {
	var circle []*pattern
	lengths := map[int]bool{}
	for _, p := range at.patterns {
		if p = p.root(); !p.gone && !slices.Contains(circle, p) && len(p.pieces) > i+1 {
			circle = append(circle, p)
			lengths[len(p.pieces)] = true
		}
	}
	need := bracketTails
	if circle != nil && circle[0].pieces[i].text == ":" {
		need = colonTails
	}
	if at.patterns = circle; len(circle) < need || len(lengths) < 2 {
		return false
	}
	slices.SortFunc(circle, func(a, b *pattern) int { return int(a.born) - int(b.born) })
	oldest := circle[0]
	for _, p := range circle[1:] {
		m.merge(oldest, p)
	}
	m.drop(oldest)
	oldest.pieces = append(oldest.pieces[:i+1:i+1], piece{hash: wild, text: wildcard, kind: value, spaced: oldest.pieces[i+1].spaced, learned: true})
	at.patterns, at.open = nil, true
	m.insert(oldest)
	m.absorb(oldest)
	m.weigh(oldest)
	return true
}
