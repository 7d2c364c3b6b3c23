package secrets

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
)

func TestEveryFormOfAValueIsMasked(t *testing.T) {
	t.Parallel()
	value := `p@ss "wörd"/+9`
	r := NewRedactor(value, "abc", "tiny-token")
	escaped, _ := json.Marshal(value)
	for name, text := range map[string]string{
		"as it is":       value,
		"query":          url.QueryEscape(value),
		"path":           url.PathEscape(value),
		"hex":            hex.EncodeToString([]byte(value)),
		"json":           string(escaped),
		"base64":         base64.StdEncoding.EncodeToString([]byte(value)),
		"base64 url":     base64.RawURLEncoding.EncodeToString([]byte(value)),
		"basic, shift 2": base64.StdEncoding.EncodeToString([]byte("admin12:" + value)),
		"basic, shift 1": base64.StdEncoding.EncodeToString([]byte("admin1:" + value + "\n")),
	} {
		got := r.String("before " + text + " after")
		if strings.Contains(got, text) || !strings.Contains(got, Mask) || !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") {
			t.Errorf("%s: %q became %q", name, text, got)
		}
	}
	if got := r.String("abc is too short to mask"); strings.Contains(got, Mask) {
		t.Errorf("a short value is masked: %q", got)
	}
}

func TestLinesOfAKeyAreMasked(t *testing.T) {
	t.Parallel()
	pem := "-----BEGIN KEY-----\nMIIBVgIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n"
	got := NewRedactor(pem).String("host1: MIIBVgIBADANBgkq\nhost1: hkiG9w0BAQEFAASC\n")
	if got != "host1: "+Mask+"\nhost1: "+Mask+"\n" {
		t.Errorf("became %q", got)
	}
}

func TestOverlapsAndPrefixes(t *testing.T) {
	t.Parallel()
	r := NewRedactor("abcdef", "defghi", "abcd")
	for in, want := range map[string]string{
		"xabcdefghix": "x" + Mask + "x",
		"abcdxabcde":  Mask + "x" + Mask + "e",
		"abcabcdef":   "abc" + Mask,
		"abcdefabcd":  Mask,
		"":            "",
		"abc":         "abc",
	} {
		if got := r.String(in); got != want {
			t.Errorf("%q became %q, not %q", in, got, want)
		}
	}
	var none *Redactor
	if none.String("abcdef") != "abcdef" || NewRedactor().String("abcdef") != "abcdef" {
		t.Error("an empty redactor changes text")
	}
}

// However a stream is cut, the result is that of the whole.
func TestCutsOfAStreamDoNotMatter(t *testing.T) {
	t.Parallel()
	r := NewRedactor("aabaab", "baabb", "needle-in-stack", "abab")
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var text strings.Builder
		for range random.IntN(12) {
			text.WriteString([]string{"a", "b", "aab", "needle-in-", "stack", "needle-in-stack", "\n"}[random.IntN(7)])
		}
		whole := r.String(text.String())
		for _, value := range []string{"aabaab", "baabb", "needle-in-stack", "abab"} {
			if strings.Contains(whole, value) {
				t.Fatalf("%q shows %q", text.String(), value)
			}
		}
		var out bytes.Buffer
		w := r.Writer(&out)
		rest := []byte(text.String())
		for len(rest) > 0 {
			n := 1 + random.IntN(len(rest))
			if wrote, err := w.Write(rest[:n]); err != nil || wrote != n {
				t.Fatal(wrote, err)
			}
			rest = rest[n:]
		}
		w.Close()
		if out.String() != whole {
			t.Fatalf("%q: cut %q, whole %q", text.String(), out.String(), whole)
		}
	}
}

// What cannot belong to a value is passed on at once: a line of output is not
// late by one write.
func TestNothingIsHeldBackWithoutCause(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := NewRedactor("hunter2hunter2").Writer(&out)
	w.Write([]byte("working...\n"))
	if out.String() != "working...\n" {
		t.Fatalf("held back: %q", out.String())
	}
}

func BenchmarkRedactor(b *testing.B) {
	values := make([]string, 200)
	for i := range values {
		values[i] = base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(rune('a'+i%26)), 20))) + hex.EncodeToString([]byte{byte(i)})
	}
	r := NewRedactor(values...)
	line := []byte(strings.Repeat("2026-11-23 00:00:00 INFO request served in 12 ms path=/api/v1/items\n", 60))
	w := r.Writer(discard{})
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		w.Write(line)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
