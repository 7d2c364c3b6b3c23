package backup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// FuzzExtract restores archives that nobody wrote: nothing may land outside
// of the directory.
func FuzzExtract(f *testing.F) {
	f.Add([]byte("manifest.json"))
	f.Add([]byte("../escaped" + strings.Repeat("\x00", 502)))
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, archive []byte) {
		top := t.TempDir()
		file, dir := filepath.Join(top, "file"), filepath.Join(top, "dir")
		if err := os.WriteFile(file, encoder.EncodeAll(archive, nil), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		extract(t.Context(), file, dir)
		if found, err := os.ReadDir(top); err != nil || len(found) != 2 {
			t.Errorf("beside the directory: %v %v", found, err)
		}
	})
}
