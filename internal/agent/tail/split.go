package tail

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// coding is how a file's bytes become text. Lines are found before they are
// decoded, by the newline as the encoding has it.
type coding struct {
	unit    int // bytes of a character's unit
	newline []byte
	decoder func() *encoding.Decoder // nil: UTF-8
}

// codingOf knows the names that a source may say.
func codingOf(name string) (coding, bool) {
	utf16 := func(order unicode.Endianness, newline string) coding {
		return coding{2, []byte(newline), unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder}
	}
	switch name {
	case "", "utf-8":
		return coding{1, []byte("\n"), nil}, true
	case "latin1":
		return coding{1, []byte("\n"), charmap.ISO8859_1.NewDecoder}, true
	case "windows-1252":
		return coding{1, []byte("\n"), charmap.Windows1252.NewDecoder}, true
	case "utf-16le":
		return utf16(unicode.LittleEndian, "\n\x00"), true
	case "utf-16be":
		return utf16(unicode.BigEndian, "\x00\n"), true
	}
	return coding{}, false
}

// end is where the newline begins, or -1.
func (c coding) end(raw []byte) int {
	if c.unit == 1 {
		return bytes.IndexByte(raw, '\n')
	}
	for at := 0; ; {
		found := bytes.Index(raw[at:], c.newline)
		if found < 0 || (at+found)%c.unit == 0 {
			if found >= 0 {
				found += at
			}
			return found
		}
		at += found + 1
	}
}

// text decodes a line, without what ends it and without a byte order mark.
func (c coding) text(raw []byte) string {
	var s string
	if c.decoder != nil {
		out, err := c.decoder().Bytes(raw)
		if err != nil {
			out = raw
		}
		s = string(out)
	} else {
		s = string(raw)
	}
	s = strings.TrimPrefix(strings.TrimSuffix(s, "\r"), "\uFEFF")
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return s
}

// record is one line or several; end is the offset of what follows.
type record struct {
	text string
	end  int64
	skip bool // end is within a line, whose rest is left out
	cut  bool // not all of it is there
}

// joiner makes records of lines. Without expressions each line is one.
type joiner struct {
	start, goOn *regexp.Regexp
	most        int // bytes of a record

	open  record
	begun bool
}

// joins says whether records may have several lines.
func (j *joiner) joins() bool { return j.start != nil || j.goOn != nil }

// add takes a line, and returns the record that it shows to be complete.
func (j *joiner) add(l record) (done record, ok bool) {
	if !j.joins() {
		return l, l.text != ""
	}
	goesOn := j.goOn != nil && j.goOn.MatchString(l.text) || j.start != nil && !j.start.MatchString(l.text)
	if goesOn && j.begun {
		if len(j.open.text)+1+len(l.text) <= j.most {
			j.open.text += "\n" + l.text
		} else {
			j.open.cut = true
		}
		j.open.end, j.open.skip, j.open.cut = l.end, l.skip, j.open.cut || l.cut
		return record{}, false
	}
	done, ok = j.flush()
	j.open, j.begun = l, true
	return done, ok
}

// flush returns what is begun.
func (j *joiner) flush() (done record, ok bool) {
	done, ok = j.open, j.begun && strings.TrimSpace(j.open.text) != ""
	j.open, j.begun = record{}, false
	return done, ok
}
