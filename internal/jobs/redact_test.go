package jobs

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRedactorHidesSplitValues(t *testing.T) {
	t.Parallel()
	values := secretValues{"db": "hunter2hunter2", "long": "hunter2hunter2-and-more", "pem": "first line\nsecond line", "tiny": "abc"}
	text := "a hunter2hunter2 b hunter2hunter2-and-more c second line d abc é"
	want := "a [secret:db] b [secret:long] c [secret:pem] d abc é"
	for size := 1; size < len(text); size++ {
		r := newRedactor(values)
		var out strings.Builder
		for i := 0; i < len(text); i += size {
			out.Write(r.write([]byte(text[i:min(i+size, len(text))])))
		}
		out.Write(r.flush())
		if out.String() != want {
			t.Fatalf("in pieces of %d: %q", size, out.String())
		}
	}
}

func FuzzRedactor(f *testing.F) {
	f.Add("user=x password=hunter2hunter2\n", "hunter2hunter2", uint8(3))
	f.Add("\xff\xfe\xe2\x82", "\xe2\x82\xac\xe2\x82\xac", uint8(1))
	f.Fuzz(func(t *testing.T, text, secret string, size uint8) {
		step := max(1, int(size))
		r := newRedactor(secretValues{"s": secret})
		var out strings.Builder
		for i := 0; i < len(text); i += step {
			out.Write(r.write([]byte(text[i:min(i+step, len(text))])))
		}
		out.Write(r.flush())
		if !utf8.ValidString(out.String()) || strings.ContainsRune(out.String(), 0) {
			t.Fatalf("%q is not text", out.String())
		}
		if len(secret) >= shortestSecret && utf8.ValidString(secret) && !strings.ContainsAny(secret, "\x00\n\r\uFFFD[]:secrt") && strings.Contains(out.String(), secret) {
			t.Fatalf("%q shows %q", out.String(), secret)
		}
	})
}
