package syslog

import "bytes"

// framer finds where messages end in what a connection brings. Senders count
// octets (RFC 6587, 3.4.1) or end each message with a line feed or NUL
// (3.4.2); which it is, is told anew for each message.
type framer struct {
	max  int  // bytes of a message; the rest of a longer one is skipped
	skip int  // bytes still to be skipped
	line bool // skip to the end of the line
}

// countDigits bounds MSG-LEN; no message has a gigabyte.
const countDigits = 9

// next returns the first message of buf, how many bytes it took, and whether it
// was cut. n is 0 when the message is not there as a whole.
func (f *framer) next(buf []byte) (message []byte, n int, cut bool) {
	for n < len(buf) {
		rest := buf[n:]
		switch {
		case f.skip > 0:
			skipped := min(f.skip, len(rest))
			f.skip -= skipped
			n += skipped
			continue
		case f.line:
			end := lineEnd(rest)
			if end < 0 {
				return nil, len(buf), false
			}
			f.line = false
			n += end + 1
			continue
		case rest[0] == '\n' || rest[0] == '\r' || rest[0] == 0:
			n++
			continue
		}
		size, header, unsure := count(rest)
		if unsure {
			return nil, n, false
		}
		if header > 0 {
			kept := min(size, f.max)
			if len(rest) < header+kept {
				return nil, n, false
			}
			f.skip = size - kept
			return rest[header : header+kept], n + header + kept, size > kept
		}
		end := lineEnd(rest)
		switch {
		case end >= 0 && end <= f.max:
			return rest[:end], n + end + 1, false
		case end > f.max:
			return rest[:f.max], n + end + 1, true
		case len(rest) > f.max:
			f.line = true
			return rest[:f.max], n + f.max, true
		}
		return nil, n, false
	}
	return nil, n, false
}

// last returns what is left when the connection ends: a message whose end was
// not sent, or a part of one.
func (f *framer) last(buf []byte) (message []byte, cut bool) {
	if f.skip > 0 || f.line || len(buf) == 0 {
		return nil, false
	}
	if _, header, _ := count(buf); header > 0 {
		return buf[header:], true
	}
	return buf, false
}

// count reads MSG-LEN SP. A message follows, which begins with its priority; by
// that a line that begins with a number is told from it. unsure: it takes more
// bytes to tell.
func count(buf []byte) (size, header int, unsure bool) {
	i := 0
	for i < len(buf) && i <= countDigits && isDigit(buf[i]) {
		size = size*10 + int(buf[i]-'0')
		i++
	}
	switch {
	case i == 0 || i > countDigits || buf[0] == '0':
		return 0, 0, false
	case i == len(buf) || buf[i] == ' ' && i+1 == len(buf):
		return 0, 0, true
	case buf[i] == ' ' && buf[i+1] == '<':
		return size, i + 1, false
	}
	return 0, 0, false
}

// lineEnd finds a line feed or NUL.
func lineEnd(buf []byte) int {
	end := bytes.IndexByte(buf, '\n')
	if end < 0 {
		return bytes.IndexByte(buf, 0)
	}
	if zero := bytes.IndexByte(buf[:end], 0); zero >= 0 {
		return zero
	}
	return end
}
