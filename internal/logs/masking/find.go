package masking

// find returns what the detectors find, in order, without overlaps.
func (m *Masker) find(text string) []span {
	var spans []span
	for i := 0; i < len(text); i++ {
		if !m.starts[text[i]] {
			continue
		}
		s, ok := m.at(text, i)
		if !ok {
			continue
		}
		if n := len(spans); n > 0 && s.from < spans[n-1].to {
			continue // within what is masked already
		}
		if s.kind != "" {
			spans = append(spans, s)
		}
		i = s.to - 1
	}
	return spans
}

// at looks at one byte that may begin something, or stand behind a name.
func (m *Masker) at(text string, i int) (span, bool) {
	c := text[i]
	if m.on[Secrets] {
		switch c {
		case '=', ':':
			if s, ok := secretAt(text, i); ok {
				return s, true
			}
			if c == ':' {
				if s, ok := passwordInAddress(text, i); ok {
					return s, true
				}
			}
		case 'B', 'b':
			if s, ok := bearerAt(text, i); ok {
				return s, true
			}
		}
	}
	if c == '@' && m.on[Email] {
		return emailAt(text, i)
	}
	if c == '-' && m.on[PrivateKeys] {
		return pemAt(text, i)
	}
	if i > 0 && wordByte(text[i-1]) {
		return span{}, false // all else begins a word
	}
	if c == 'e' && m.on[JWT] {
		if s, ok := jwtAt(text, i); ok {
			return s, true
		}
	}
	if m.on[CloudKeys] {
		if s, ok := cloudKeyAt(text, i); ok {
			return s, true
		}
	}
	if c >= '0' && c <= '9' && m.on[Cards] {
		if s, ok := cardAt(text, i); ok {
			return s, true
		}
	}
	if c >= 'A' && c <= 'Z' && m.on[IBAN] {
		if s, ok := ibanAt(text, i); ok {
			return s, true
		}
	}
	if m.on[IP] && (c >= '0' && c <= '9' || c == ':' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
		return addressAt(text, i)
	}
	return span{}, false
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c >= 0x80
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// run is how many bytes from i on satisfy ok, at most most.
func run(text string, i, most int, ok func(byte) bool) int {
	n := 0
	for n < most && i+n < len(text) && ok(text[i+n]) {
		n++
	}
	return n
}
