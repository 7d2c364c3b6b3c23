package spool

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
)

// Position is a place between two records.
type Position struct {
	Segment uint64 `json:"segment"`
	Offset  int64  `json:"offset"`
}

// Before says whether p comes earlier than q.
func (p Position) Before(q Position) bool {
	return p.Segment < q.Segment || p.Segment == q.Segment && p.Offset < q.Offset
}

const positionFile = "position"

// loadPosition reads the durable position. A missing or damaged file is the
// start: the consumer then sees records again, and misses none.
func loadPosition(dir string) Position {
	content, err := os.ReadFile(filepath.Join(dir, positionFile))
	if err != nil || len(content) < 9 || content[8] != ' ' {
		return Position{}
	}
	body := content[9:]
	if fmt.Sprintf("%08x", crc32.Checksum(body, castagnoli)) != string(content[:8]) {
		return Position{}
	}
	var p Position
	if json.Unmarshal(body, &p) != nil || p.Offset < 0 {
		return Position{}
	}
	return p
}

// storePosition replaces the durable position in one rename. It is not synced:
// an older position only repeats records.
func storePosition(dir string, p Position) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	content := fmt.Appendf(nil, "%08x %s", crc32.Checksum(body, castagnoli), body)
	path := filepath.Join(dir, positionFile)
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
