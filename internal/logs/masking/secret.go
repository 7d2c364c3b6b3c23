package masking

import "strings"

// secretEnds are what the name of a secret ends in, without separators.
var secretEnds = [...]string{"password", "passwd", "passwort", "passphrase", "pwd", "passcode", "secret", "token", "apikey", "accesskey", "secretkey", "privatekey",
	"authkey", "signingkey", "encryptionkey", "accountkey", "sharedkey", "credential", "credentials", "authorization", "psk", "cookie", "sessionid", "jsessionid", "phpsessid", "otp", "pin"}

// tooShort are ends that must be the whole of a name's last word: words end in them.
func tooShort(end string) bool { return len(end) <= 4 }

// longestName is how much of a name is looked at.
const longestName = 64

// secretName says whether a name says that its value is a secret: db.password,
// X-Auth-Token, clientSecret.
func secretName(name string) bool {
	if len(name) > longestName {
		name = name[len(name)-longestName:]
	}
	var small [longestName]byte
	n := 0
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '_' || c == '-' || c == '.' || c == ' ' || c == '[' || c == ']':
			continue
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		small[n] = c
		n++
	}
	flat := string(small[:n])
	for _, end := range secretEnds {
		if !strings.HasSuffix(flat, end) {
			continue
		}
		if !tooShort(end) || len(flat) == len(end) {
			return true
		}
		// The short ones must be a word: after a separator, or in capitals of their own.
		if before := len(name) - len(end) - 1; before >= 0 && (!wordByte(name[before]) || name[before] == '_' || name[before+1] >= 'A' && name[before+1] <= 'Z') {
			return true
		}
	}
	return false
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == '[' || c == ']'
}

// secretAt finds the value behind a name and the = or : at i.
func secretAt(text string, i int) (span, bool) {
	end := i
	for end > 0 && text[end-1] == ' ' && i-end < 2 {
		end--
	}
	quotedName := false
	escaped := false
	if end > 0 && (text[end-1] == '"' || text[end-1] == '\'') {
		quotedName = true
		end--
		if end > 0 && text[end-1] == '\\' {
			escaped = true
			end--
		}
	}
	begin := end
	for begin > 0 && end-begin < longestName && nameByte(text[begin-1]) {
		begin--
	}
	if begin == end || !secretName(text[begin:end]) {
		return span{}, false
	}
	from := i + 1
	if text[i] == ':' && from < len(text) && text[from] == '=' || text[i] == '=' && from < len(text) && text[from] == '>' {
		from++ // := and =>
	}
	spaced := false
	for from < len(text) && (text[from] == ' ' || text[from] == '\t') && from-i <= 4 {
		spaced = true
		from++
	}
	if from == len(text) || spaced && text[i] == '=' && end == i && !quotedName {
		return span{}, false // "secret= token=x": it is empty
	}
	return valueAt(text, from, i, quotedName, escaped, spaced)
}

// valueAt takes the value that begins at from.
func valueAt(text string, from, i int, quotedName, escaped, spaced bool) (span, bool) {
	if text[from] == '\\' && from+1 < len(text) && text[from+1] == '"' && escaped {
		to := strings.Index(text[from+2:], `\"`)
		if to < 0 {
			return kept(text, from+2, len(text))
		}
		return kept(text, from+2, from+2+to)
	}
	if q := text[from]; q == '"' || q == '\'' {
		to := from + 1
		for to < len(text) && text[to] != q {
			if text[to] == '\\' {
				to++
			}
			to++
		}
		return kept(text, from+1, min(to, len(text)))
	}
	if text[from] == '[' {
		to := strings.IndexByte(text[from:], ']')
		if to < 0 {
			to = len(text) - from
		}
		return kept(text, from+1, from+to) // a list: all of it
	}
	from = behindScheme(text, from)
	to := from
	for to < len(text) && !ends(text[to]) {
		to++
	}
	if to > from && text[i] == ':' && spaced && !quotedName && prose(text[from:to]) {
		return span{}, false // "invalid token: expired"
	}
	return kept(text, from, to)
}

// behindScheme passes over the scheme of an Authorization header.
func behindScheme(text string, from int) int {
	for _, scheme := range [...]string{"bearer ", "basic ", "token ", "digest ", "negotiate ", "apikey "} {
		if len(text) >= from+len(scheme) && strings.EqualFold(text[from:from+len(scheme)], scheme) {
			return from + len(scheme)
		}
	}
	return from
}

// ends says that a value that has no quotes ends before c.
func ends(c byte) bool {
	return c <= ' ' || c == '&' || c == ',' || c == ';' || c == '"' || c == '\'' || c == ')' || c == '}' || c == ']' || c == '|'
}

// prose says that a value behind ": " is more likely a word of a sentence.
func prose(value string) bool {
	value = strings.TrimRight(value, ".!?:")
	for i := range len(value) {
		c := value[i]
		if !(c >= 'a' && c <= 'z' || i == 0 && c >= 'A' && c <= 'Z' || c == '-' && i > 0) {
			return false
		}
	}
	return true
}

// kept is a value that is masked, or, without a kind, passed over as harmless.
func kept(text string, from, to int) (span, bool) {
	if from >= to || text[from] == '{' {
		return span{}, false // an object, of which each part is looked at
	}
	if harmless(text[from:to]) {
		return span{from, to, ""}, true
	}
	return span{from, to, "secret"}, true
}

// harmless are values that are none: absent ones, and those masked already.
func harmless(value string) bool {
	switch strings.ToLower(value) {
	case "", "null", "nil", "none", "true", "false", "yes", "no", "undefined", "(null)", "<nil>", "-", "[]", "{}", "redacted", "[redacted]", "(set)", "empty", "missing", "required":
		return true
	}
	return isTag(value) || strings.Trim(value, "*x•.") == "" || strings.HasPrefix(value, "secret:")
}

// passwordInAddress finds the password of scheme://user:password@host; i is at
// the first colon.
func passwordInAddress(text string, i int) (span, bool) {
	if !strings.HasPrefix(text[i:], "://") {
		return span{}, false
	}
	colon := -1
	for j := i + 3; j < len(text) && j-i < 512; j++ {
		switch c := text[j]; {
		case c == ':' && colon < 0:
			colon = j
		case c == '@' && colon >= 0:
			return kept(text, colon+1, j)
		case c == '@', c == '/', c == '?', c <= ' ', c == '"', c == '\'', c == '<', c == '>':
			return span{}, false
		}
	}
	return span{}, false
}

// bearerAt finds a token behind the word Bearer, wherever it stands.
func bearerAt(text string, i int) (span, bool) {
	const word = "bearer "
	if len(text) < i+len(word)+16 || !strings.EqualFold(text[i:i+len(word)], word) || i > 0 && wordByte(text[i-1]) {
		return span{}, false
	}
	from := i + len(word)
	n := run(text, from, 8<<10, func(c byte) bool {
		return wordByte(c) && c < 0x80 || c == '-' || c == '.' || c == '~' || c == '+' || c == '/' || c == '='
	})
	if n < 16 || prose(text[from:from+n]) {
		return span{}, false
	}
	return kept(text, from, from+n)
}
