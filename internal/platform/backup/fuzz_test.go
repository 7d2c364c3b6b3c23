package backup

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// FuzzExtract restores archives that nobody wrote, as they are and as what a
// good compressor was given: nothing may land outside of the directory, and
// what is good must hold what its manifest says.
func FuzzExtract(f *testing.F) {
	whole := genuine(f)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(bytes.Replace(whole, []byte("data/a"), []byte("../../"), 1))
	f.Add([]byte("manifest.json"))
	f.Add([]byte("../escaped" + strings.Repeat("\x00", 502)))
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encoder.EncodeAll(whole, nil))
	f.Fuzz(func(t *testing.T, archive []byte) {
		for _, content := range [][]byte{encoder.EncodeAll(archive, nil), archive} {
			top := t.TempDir()
			file, dir := filepath.Join(top, "file"), filepath.Join(top, "dir")
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			manifest, err := extract(t.Context(), file, dir)
			if found, err := os.ReadDir(top); err != nil || len(found) != 2 {
				t.Errorf("beside the directory: %v %v", found, err)
			}
			if err != nil {
				continue
			}
			for _, part := range manifest.Files {
				if info, err := os.Stat(filepath.Join(dir, part.Path)); err != nil || info.Size() != part.Size {
					t.Errorf("%+v: %v", part, err)
				}
			}
		}
	})
}

// genuine is a backup before its compression.
func genuine(f *testing.F) []byte {
	f.Helper()
	var out bytes.Buffer
	a, err := newArchive(f.Context(), &out, Manifest{Format: format, Created: time.Unix(1e9, 0).UTC()})
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range []string{"data/a", "data/b/c"} {
		if err := a.add(name, int64(len(name)), strings.NewReader(name)); err != nil {
			f.Fatal(err)
		}
	}
	if err := a.close(); err != nil {
		f.Fatal(err)
	}
	plain, err := zstd.NewReader(&out)
	if err != nil {
		f.Fatal(err)
	}
	defer plain.Close()
	content, err := io.ReadAll(plain)
	if err != nil {
		f.Fatal(err)
	}
	return content
}
