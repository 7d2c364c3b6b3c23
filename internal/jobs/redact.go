package jobs

import (
	"bytes"
	"context"
	"io"
	"unicode/utf8"

	"mainstay/internal/platform/secrets"
)

// redactor masks every secret of the installation. A nil one masks nothing.
func (c *Component) redactor(ctx context.Context) (*secrets.Redactor, error) {
	if c.deps.Secrets == nil {
		return nil, nil
	}
	return c.deps.Secrets.Redactor(ctx)
}

// scrubber takes a stream in pieces and gives it back as text that every store
// and screen takes, with secrets masked. It holds back only what may be the
// beginning of a secret or of a character.
type scrubber struct {
	masked bytes.Buffer
	mask   io.WriteCloser
	rest   []byte // of a character
}

func newScrubber(r *secrets.Redactor) *scrubber {
	s := &scrubber{}
	s.mask = r.Writer(&s.masked)
	return s
}

func (s *scrubber) write(piece []byte) []byte {
	s.mask.Write(piece) // to a buffer: it cannot fail
	text := s.take()
	cut := len(text) - incomplete(text)
	s.rest = bytes.Clone(text[cut:])
	return clean(text[:cut])
}

// flush gives back what was held.
func (s *scrubber) flush() []byte {
	s.mask.Close()
	return clean(s.take())
}

func (s *scrubber) take() []byte {
	text := append(s.rest, s.masked.Bytes()...)
	s.masked.Reset()
	s.rest = nil
	return text
}

// clean replaces what is not UTF-8, and the zero byte, which PostgreSQL refuses.
func clean(b []byte) []byte {
	b = bytes.ToValidUTF8(b, []byte("\uFFFD"))
	return bytes.ReplaceAll(b, []byte{0}, []byte("\uFFFD"))
}

// incomplete counts the bytes at the end that begin a character without ending it.
func incomplete(b []byte) int {
	for n := 1; n <= min(utf8.UTFMax-1, len(b)); n++ {
		if utf8.RuneStart(b[len(b)-n]) {
			if utf8.FullRune(b[len(b)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}
