package syslog

import (
	"bytes"
	"fmt"
)

const (
	relpDigits  = 9  // of a number (RELP, "RELP FRAME")
	relpCommand = 32 // letters of a command
)

// relpFrame is one command of a RELP sender.
type relpFrame struct {
	transaction int
	command     string
	data        []byte
	cut         bool
}

// relpFramer finds the frames in what a connection brings: a transaction's
// number, a command and the length of its data, a space before each but the
// first, then the data and a line feed.
type relpFramer struct {
	max  int // bytes of data; the rest of what is longer is skipped
	skip int // bytes still to be skipped
	end  bool
}

// next returns the first frame of buf and how many bytes it took; n is 0, or
// what could be skipped, when the frame is not there as a whole. An error is for
// good: there is no telling where the next frame would begin.
func (f *relpFramer) next(buf []byte) (frame relpFrame, n int, whole bool, err error) {
	n = min(f.skip, len(buf))
	if f.skip -= n; f.skip > 0 {
		return frame, n, false, nil
	}
	if f.end {
		if n == len(buf) {
			return frame, n, false, nil
		}
		if buf[n] != '\n' {
			return frame, n, false, fmt.Errorf("a frame does not end with a line feed")
		}
		f.end = false
		n++
	}
	rest := buf[n:]
	header, size, ok, err := frame.header(rest)
	if err != nil || !ok {
		return frame, n, false, err
	}
	kept := min(size, f.max)
	frame.cut = kept < size
	if len(rest) < header+kept {
		return frame, n, false, nil
	}
	// The line feed is waited for, unless much else comes before it.
	if !frame.cut {
		if len(rest) == header+kept {
			return frame, n, false, nil
		}
		if rest[header+kept] != '\n' {
			return frame, n, false, fmt.Errorf("a frame does not end with a line feed")
		}
	}
	frame.data = rest[header : header+kept]
	n += header + kept
	if f.skip, f.end = size-kept, frame.cut; !frame.cut {
		n++
	}
	return frame, n, true, nil
}

// header reads up to where the data begins.
func (f *relpFrame) header(buf []byte) (length, size int, ok bool, err error) {
	var n int
	if f.transaction, n, ok, err = relpNumber(buf); err != nil || !ok {
		return 0, 0, false, err
	}
	if buf[n] != ' ' {
		return 0, 0, false, fmt.Errorf("%q follows a frame's number", buf[n])
	}
	length = n + 1
	space := bytes.IndexByte(buf[length:min(len(buf), length+relpCommand+1)], ' ')
	word := buf[length:min(len(buf), length+relpCommand+1)]
	if space >= 0 {
		word = word[:space]
	}
	for _, c := range word {
		if !isLower(c | 0x20) {
			return 0, 0, false, fmt.Errorf("%q is in a command", c)
		}
	}
	switch {
	case space == 0 || space < 0 && len(word) > relpCommand:
		return 0, 0, false, fmt.Errorf("a command has %d letters", len(word))
	case space < 0:
		return 0, 0, false, nil
	}
	f.command = string(word)
	length += space + 1
	if size, n, ok, err = relpNumber(buf[length:]); err != nil || !ok {
		return 0, 0, false, err
	}
	length += n
	switch {
	case size == 0 && buf[length] == '\n':
	case buf[length] == ' ':
		length++
	default:
		return 0, 0, false, fmt.Errorf("%q follows a frame's length", buf[length])
	}
	return length, size, true, nil
}

// relpNumber reads digits that something follows.
func relpNumber(buf []byte) (value, n int, ok bool, err error) {
	for n < len(buf) && isDigit(buf[n]) {
		if n == relpDigits {
			return 0, 0, false, fmt.Errorf("a number has more than %d digits", relpDigits)
		}
		value = 10*value + int(buf[n]-'0')
		n++
	}
	if n == 0 && len(buf) > 0 {
		return 0, 0, false, fmt.Errorf("%q is not a number", buf[0])
	}
	return value, n, n < len(buf), nil
}
