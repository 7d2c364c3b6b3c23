package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"mainstay/internal/core"
)

// maxManifest bounds the one file that is read into memory.
const maxManifest = 256 << 20

// Inspect reads the whole backup, verifies it and returns its manifest.
func Inspect(ctx context.Context, path string) (Manifest, error) { return extract(ctx, path, "") }

// extract writes the files of the backup below dir (nowhere, when dir is "")
// and verifies them against the manifest at its end.
func extract(ctx context.Context, path, dir string) (m Manifest, err error) {
	f, err := os.Open(path)
	if err != nil {
		return m, core.Errorf(core.CodeNotFound, "cannot open the backup: %v", err)
	}
	defer f.Close()
	compressed, err := zstd.NewReader(reader{ctx, f})
	if err != nil {
		return m, damaged("%v", err)
	}
	defer compressed.Close()
	archive, read := tar.NewReader(compressed), map[string]File{}
	for {
		header, err := archive.Next()
		switch {
		case ctx.Err() != nil:
			return m, ctx.Err()
		case errors.Is(err, io.EOF):
			return m, damaged("it ends before its manifest")
		case err != nil:
			return m, damaged("%v", err)
		}
		if header.Name == manifestName {
			if err := json.NewDecoder(io.LimitReader(archive, maxManifest)).Decode(&m); err != nil {
				return m, damaged("its manifest: %v", err)
			}
			return m, m.check(read)
		}
		if _, twice := read[header.Name]; twice || header.Typeflag != tar.TypeReg || !filepath.IsLocal(header.Name) {
			return m, damaged("%q has no place in it", header.Name)
		}
		got, err := extractFile(archive, header.Name, dir)
		if err != nil {
			return m, err
		}
		read[header.Name] = got
	}
}

func extractFile(r io.Reader, name, dir string) (File, error) {
	sum, out := sha256.New(), io.Discard
	if dir != "" {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return File{}, err
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return File{}, err
		}
		defer f.Close()
		out = f
	}
	n, err := io.Copy(io.MultiWriter(out, sum), r)
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return File{}, err // our disk, not the archive
	}
	if err != nil {
		return File{}, damaged("%s: %v", name, err)
	}
	if f, ok := out.(*os.File); ok {
		if err := f.Sync(); err != nil {
			return File{}, err
		}
	}
	return File{name, n, hex.EncodeToString(sum.Sum(nil))}, nil
}
