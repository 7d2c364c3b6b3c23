package jobs

import (
	"strings"
	"testing"
	"unicode/utf8"

	"mainstay/internal/platform/secrets"
)

func TestScrubberHidesSplitValues(t *testing.T) {
	t.Parallel()
	r := secrets.NewRedactor("hunter2hunter2")
	text := "a hunter2hunter2 b é hunter2hunter\x00 €"
	want := "a " + secrets.Mask + " b é hunter2hunter\uFFFD €"
	for size := 1; size < len(text); size++ {
		s := newScrubber(r)
		var out strings.Builder
		for i := 0; i < len(text); i += size {
			out.Write(s.write([]byte(text[i:min(i+size, len(text))])))
		}
		out.Write(s.flush())
		if out.String() != want {
			t.Fatalf("in pieces of %d: %q", size, out.String())
		}
	}
}

func FuzzScrubber(f *testing.F) {
	f.Add([]byte("user=x password=hunter2hunter2\n"), uint8(3))
	f.Add([]byte("\xff\xfe\xe2\x82\x00"), uint8(1))
	r := secrets.NewRedactor("hunter2hunter2", "zwölf")
	f.Fuzz(func(t *testing.T, text []byte, size uint8) {
		step := max(1, int(size))
		s := newScrubber(r)
		var out strings.Builder
		for i := 0; i < len(text); i += step {
			out.Write(s.write(text[i:min(i+step, len(text))]))
		}
		out.Write(s.flush())
		if got := out.String(); !utf8.ValidString(got) || strings.ContainsRune(got, 0) || strings.Contains(got, "hunter2hunter2") || strings.Contains(got, "zwölf") {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
