package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"
)

// archive writes files one after the other and remembers their checksums.
type archive struct {
	ctx      context.Context
	zstd     *zstd.Encoder
	tar      *tar.Writer
	now      time.Time
	manifest Manifest
}

func newArchive(ctx context.Context, w io.Writer, manifest Manifest) (*archive, error) {
	compressed, err := zstd.NewWriter(w)
	if err != nil {
		return nil, err
	}
	return &archive{ctx: ctx, zstd: compressed, tar: tar.NewWriter(compressed), now: manifest.Created, manifest: manifest}, nil
}

// add writes size bytes of r as path.
func (a *archive) add(path string, size int64, r io.Reader) error {
	if err := a.ctx.Err(); err != nil {
		return err
	}
	header := &tar.Header{Typeflag: tar.TypeReg, Name: path, Size: size, Mode: 0o600, ModTime: a.now, Format: tar.FormatPAX}
	if err := a.tar.WriteHeader(header); err != nil {
		return fmt.Errorf("backup: %s: %w", path, err)
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(a.tar, sum), reader{a.ctx, io.LimitReader(r, size)})
	if err == nil && n < size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("backup: %s: %w", path, err)
	}
	a.manifest.Files = append(a.manifest.Files, File{path, size, hex.EncodeToString(sum.Sum(nil))})
	return nil
}

// addFile writes the file as it is now, up to its size now. A file that is gone
// is left out.
func (a *archive) addFile(path, from string) error {
	f, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return a.add(path, info.Size(), f)
}

// addDirectory writes the regular files below dir, under prefix.
func (a *archive) addDirectory(prefix, dir string) error {
	return filepath.WalkDir(dir, func(at string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case !entry.Type().IsRegular():
			return nil
		}
		below, err := filepath.Rel(dir, at)
		if err != nil {
			return err
		}
		return a.addFile(prefix+filepath.ToSlash(below), at)
	})
}

func (a *archive) addJSON(path string, v any) error {
	raw, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		return err
	}
	return a.add(path, int64(len(raw)), bytes.NewReader(raw))
}

// close writes the manifest and ends the archive.
func (a *archive) close() error {
	files := a.manifest.Files
	if err := a.addJSON(manifestName, a.manifest); err != nil {
		return err
	}
	a.manifest.Files = files
	return errors.Join(a.tar.Close(), a.zstd.Close())
}

// reader stops when its context does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
