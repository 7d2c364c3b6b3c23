// Package unpack decompresses what others send, within a bound: a small body
// may hold a large one.
package unpack

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

// Body reads a request to its end, decompressed as Content-Encoding says. It may
// have most bytes, both as it comes and as it is meant.
func Body(r *http.Request, most int64) ([]byte, error) {
	return Read(r.Body, r.Header.Get("Content-Encoding"), most)
}

// Read reads to the end what is encoded as a Content-Encoding says: gzip, deflate
// (RFC 9110, section 8.4.1), zstd (RFC 9659), a block of snappy, or nothing.
func Read(in io.Reader, encoding string, most int64) ([]byte, error) {
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
		return Snappy(raw, most)
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

// Snappy decompresses a block of snappy.
func Snappy(raw []byte, most int64) ([]byte, error) {
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
