package push

import (
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"

	"mainstay/internal/core"
)

// body reads a request to its end, decompressed as Content-Encoding says.
func (c *Component) body(r *http.Request) ([]byte, error) {
	return readBody(r.Body, r.Header.Get("Content-Encoding"), c.deps.MaxBody)
}

func readBody(in io.Reader, encoding string, most int64) ([]byte, error) {
	in = io.LimitReader(in, most+1)
	switch encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, core.Errorf(core.CodeMalformed, "the body is not gzip: %v", err)
		}
		in = z
	case "deflate":
		z, err := zlib.NewReader(in)
		if err != nil {
			return nil, core.Errorf(core.CodeMalformed, "the body is not zlib: %v", err)
		}
		in = z
	case "zstd":
		z, err := zstd.NewReader(in, zstd.WithDecoderMaxMemory(64<<20), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, core.Errorf(core.CodeMalformed, "the body is not zstd: %v", err)
		}
		defer z.Close()
		in = z
	case "snappy":
		raw, err := all(in, most)
		if err != nil {
			return nil, err
		}
		return unsnap(raw, most)
	default:
		return nil, core.Errorf(core.CodeMalformed, "the encoding %q is not known: gzip, deflate, zstd and snappy are", encoding)
	}
	return all(in, most)
}

func all(in io.Reader, most int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(in, most+1))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, core.Errorf(core.CodeMalformed, "the body cannot be read: %v", err)
	}
	if err != nil {
		return nil, core.Errorf(core.CodeMalformed, "the body ends too early")
	}
	if int64(len(text)) > most {
		return nil, core.Errorf(core.CodeTooLarge, "the body must have at most %d bytes", most)
	}
	return text, nil
}

// unsnap decompresses a snappy block.
func unsnap(raw []byte, most int64) ([]byte, error) {
	n, err := snappy.DecodedLen(raw)
	if err != nil {
		return nil, core.Errorf(core.CodeMalformed, "the body is not snappy: %v", err)
	}
	if int64(n) > most {
		return nil, core.Errorf(core.CodeTooLarge, "the body must have at most %d bytes", most)
	}
	out, err := snappy.Decode(nil, raw)
	if err != nil {
		return nil, core.Errorf(core.CodeMalformed, "the body is not snappy: %v", err)
	}
	return out, nil
}
