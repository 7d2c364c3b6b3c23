package tail

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	headBytes = 1024 // by which a file is known again
	backBytes = 256  // before the offset, by which a copy is
)

// position is how far a file was delivered.
type position struct {
	Path   string `json:"path"`
	Device uint64 `json:"device"`
	Inode  uint64 `json:"inode"`
	Offset int64  `json:"offset"`
	Skip   bool   `json:"skip,omitempty"` // the offset is within a line whose beginning was delivered
	Head   int    `json:"head"`           // bytes that HeadIs is of
	HeadIs string `json:"headIs"`
	BackIs string `json:"backIs"` // of what comes before the offset
}

// place is what is kept of a source.
type place struct {
	Known  bool       `json:"known"` // the source was looked at once: files that are new now are read from their beginning
	Files  []position `json:"files,omitempty"`
	Cursor string     `json:"cursor,omitempty"` // of the journal
	At     int64      `json:"at,omitempty"`     // micros: the time of its entry
}

func sum(raw []byte) string {
	s := sha256.Sum256(raw)
	return hex.EncodeToString(s[:12])
}

// readPart reads up to n bytes at an offset.
func readPart(f io.ReaderAt, at int64, n int) ([]byte, error) {
	raw := make([]byte, n)
	got, err := f.ReadAt(raw, at)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return raw[:got], nil
}

// mark takes the fingerprints that go with the offset.
func (p *position) mark(f io.ReaderAt) error {
	head, err := readPart(f, 0, headBytes)
	if err != nil {
		return err
	}
	if len(head) > int(min(p.Offset, headBytes)) { // what follows the offset may still change, were it cut off
		head = head[:min(p.Offset, headBytes)]
	}
	p.Head, p.HeadIs = len(head), sum(head)
	n := int(min(p.Offset, backBytes))
	back, err := readPart(f, p.Offset-int64(n), n)
	p.BackIs = sum(back)
	return err
}

// continues says whether the file is the one that was read up to the offset,
// or a copy of it: it begins alike, is as long, and is alike before the offset.
func (p *position) continues(f io.ReaderAt, size int64) (bool, error) {
	if size < p.Offset {
		return false, nil
	}
	head, err := readPart(f, 0, p.Head)
	if err != nil || len(head) < p.Head || sum(head) != p.HeadIs {
		return false, err
	}
	n := int(min(p.Offset, backBytes))
	back, err := readPart(f, p.Offset-int64(n), n)
	return err == nil && sum(back) == p.BackIs, err
}

// readPlace reads what an earlier process left.
func readPlace(path string) (p place, err error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return place{}, nil
	}
	if err != nil {
		return place{}, err
	}
	if json.Unmarshal(raw, &p) != nil { // it is written as a whole: somebody else changed it
		return place{}, nil
	}
	return p, nil
}

// writeFile replaces a small file; a crash leaves the old or the new one.
func writeFile(path string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", raw, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
