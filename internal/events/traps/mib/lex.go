package mib

// kind is what a token is.
type kind int

const (
	ending     kind = iota
	identifier      // also keywords
	number
	text   // "..."
	octets // '...'H or '...'B
	symbol // one of ::= .. { } ( ) [ ] , ; | - .
)

type token struct {
	kind kind
	text string
	line int
}

// scanner cuts a file into tokens. Comments go from -- to the end of the line:
// ASN.1 would have them end at the next --, but files are not written so.
type scanner struct {
	rest []byte
	line int
}

func (s *scanner) next() token {
	s.blank()
	if len(s.rest) == 0 {
		return token{ending, "", s.line}
	}
	line, b := s.line, s.rest[0]
	switch {
	case letter(b):
		return token{identifier, s.while(func(b byte) bool { return letter(b) || digit(b) || b == '-' || b == '_' }), line}
	case digit(b):
		return token{number, s.while(digit), line}
	case b == '"':
		return token{text, s.quoted('"'), line}
	case b == '\'':
		value := s.quoted('\'')
		base := ""
		if len(s.rest) > 0 && letter(s.rest[0]) {
			base = s.cut(1)
		}
		return token{octets, value + base, line}
	}
	for _, long := range []string{"::=", ".."} {
		if len(s.rest) >= len(long) && string(s.rest[:len(long)]) == long {
			return token{symbol, s.cut(len(long)), line}
		}
	}
	return token{symbol, s.cut(1), line}
}

// blank skips what separates tokens.
func (s *scanner) blank() {
	for len(s.rest) > 0 {
		switch b := s.rest[0]; {
		case b == '\n':
			s.line++
			s.rest = s.rest[1:]
		case b == ' ' || b == '\t' || b == '\r' || b == '\f' || b == '\v' || b == 0x1a || b >= 0x80:
			s.rest = s.rest[1:]
		case b == '-' && len(s.rest) > 1 && s.rest[1] == '-':
			for len(s.rest) > 0 && s.rest[0] != '\n' {
				s.rest = s.rest[1:]
			}
		default:
			return
		}
	}
}

func (s *scanner) cut(n int) string {
	out := string(s.rest[:n])
	s.rest = s.rest[n:]
	return out
}

func (s *scanner) while(fits func(byte) bool) string {
	n := 0
	for n < len(s.rest) && fits(s.rest[n]) {
		if s.rest[n] == '-' && n+1 < len(s.rest) && s.rest[n+1] == '-' {
			break // a comment begins
		}
		n++
	}
	return s.cut(max(n, 1))
}

// quoted reads up to the closing quote, or all there is.
func (s *scanner) quoted(quote byte) string {
	n := 1
	for n < len(s.rest) && s.rest[n] != quote {
		if s.rest[n] == '\n' {
			s.line++
		}
		n++
	}
	out := string(s.rest[1:n])
	s.rest = s.rest[min(n+1, len(s.rest)):]
	return out
}

func letter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }
func digit(b byte) bool  { return b >= '0' && b <= '9' }
