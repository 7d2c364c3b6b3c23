package unpack

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http/httptest"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"

	"mainstay/internal/core"
)

// packed is text in every encoding.
func packed(t testing.TB, text []byte) map[string][]byte {
	t.Helper()
	through := func(open func(io.Writer) io.WriteCloser) []byte {
		var out bytes.Buffer
		w := open(&out)
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	zip := through(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	return map[string][]byte{
		"": text, "identity": text, "gzip": zip, "x-gzip": zip,
		"deflate": through(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }),
		"zstd": through(func(w io.Writer) io.WriteCloser {
			z, err := zstd.NewWriter(w)
			if err != nil {
				t.Fatal(err)
			}
			return z
		}),
		"snappy": snappy.Encode(nil, text),
	}
}

func TestEveryEncodingIsReadWithinTheBound(t *testing.T) {
	t.Parallel()
	text := bytes.Repeat([]byte("what they send "), 1000)
	for encoding, body := range packed(t, text) {
		t.Run(encoding, func(t *testing.T) {
			t.Parallel()
			read := func(body []byte, most int) ([]byte, error) {
				r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
				r.Header.Set("Content-Encoding", encoding)
				return Body(r, int64(most))
			}
			if got, err := read(body, len(text)); err != nil || !bytes.Equal(got, text) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			if _, err := read(body, len(text)-1); core.CodeOf(err) != core.CodeTooLarge {
				t.Errorf("a byte too many: %v", err)
			}
			if encoding == "" || encoding == "identity" {
				return
			}
			if _, err := read(body[:len(body)-9], len(text)); core.CodeOf(err) != core.CodeMalformed {
				t.Errorf("a body that ends too early: %v", err)
			}
			if _, err := read([]byte("\x05x"), len(text)); core.CodeOf(err) != core.CodeMalformed {
				t.Errorf("a body in another encoding: %v", err)
			}
		})
	}
	if _, err := Read(bytes.NewReader(text), "br", 1<<20); core.CodeOf(err) != core.CodeMalformed {
		t.Errorf("an encoding that is not known: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	for encoding, body := range packed(f, []byte("what they send")) {
		f.Add(encoding, body)
	}
	f.Fuzz(func(t *testing.T, encoding string, body []byte) {
		const most = 4096
		if got, err := Read(bytes.NewReader(body), encoding, most); err == nil && len(got) > most {
			t.Fatalf("%d bytes", len(got))
		}
	})
}
