package patterns

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// saved is a pattern as a snapshot has it.
type saved struct {
	ID      string       `json:"id"`
	Born    uint64       `json:"born"`
	Pieces  []savedPiece `json:"pieces"`
	Count   int64        `json:"count"`
	First   int64        `json:"first"`
	Last    int64        `json:"last"`
	Aliases []string     `json:"aliases,omitempty"`
}

type savedPiece struct {
	Hash  uint64 `json:"h"`
	Text  string `json:"t"`
	Flags uint8  `json:"f"` // the kind, 16 for a space before, 32 for a learned wildcard
}

type savedMiner struct {
	Version  int      `json:"version"`
	Patterns []saved  `json:"patterns"`
	Tails    []uint64 `json:"tails,omitempty"` // beginnings behind which everything is one value
	Evicted  int64    `json:"evicted"`
	Merged   int64    `json:"merged"`
}

// snapshotVersion changes when hashes or shapes do.
const snapshotVersion = 1

// maxSnapshot bounds what a snapshot may unpack to.
const maxSnapshot = 512 << 20

// Frozen is what a Miner had learned at one moment.
type Frozen struct{ savedMiner }

// Freeze copies what the Miner has learned. It is quick; Encode is not, and
// does not need the Miner.
func (m *Miner) Freeze() *Frozen {
	out := savedMiner{Version: snapshotVersion, Evicted: m.evicted, Merged: m.merged}
	for _, list := range m.lengths {
		for _, p := range list {
			s := saved{ID: p.id, Born: p.born, Count: p.count, First: p.first, Last: p.last, Aliases: slices.Clone(p.aliases), Pieces: make([]savedPiece, 0, len(p.pieces))}
			for _, t := range p.pieces {
				flags := uint8(t.kind)
				if t.spaced {
					flags |= 16
				}
				if t.learned {
					flags |= 32
				}
				s.Pieces = append(s.Pieces, savedPiece{t.hash, t.text, flags})
			}
			out.Patterns = append(out.Patterns, s)
		}
	}
	slices.SortFunc(out.Patterns, func(a, b saved) int { return int(int64(a.Born) - int64(b.Born)) })
	for _, half := range []map[uint64]*tail{m.tails.old, m.tails.young} {
		for h, t := range half {
			if t.open {
				out.Tails = append(out.Tails, h)
			}
		}
	}
	slices.Sort(out.Tails)
	out.Tails = slices.Compact(out.Tails)
	return &Frozen{out}
}

// Encode writes it for Restore.
func (f *Frozen) Encode() ([]byte, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if err := json.NewEncoder(w).Encode(f.savedMiner); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// Restore returns a Miner that goes on from a snapshot: it gives the same ids to
// the messages that were seen before.
func Restore(cfg Configuration, snapshot []byte) (*Miner, error) {
	m, err := New(cfg)
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(snapshot))
	if err != nil {
		return nil, fmt.Errorf("snapshot of patterns: %w", err)
	}
	var in savedMiner
	if err := json.NewDecoder(io.LimitReader(r, maxSnapshot)).Decode(&in); err != nil {
		return nil, fmt.Errorf("snapshot of patterns: %w", err)
	}
	if in.Version != snapshotVersion {
		return nil, fmt.Errorf("snapshot of patterns: its version is %d, not %d", in.Version, snapshotVersion)
	}
	for _, s := range in.Patterns {
		if len(s.Pieces) == 0 || len(s.Pieces) > maxTokens || m.alive >= cfg.MaxPatterns {
			continue
		}
		p := &pattern{id: s.ID, born: s.Born, count: s.Count, first: s.First, last: s.Last, aliases: s.Aliases}
		for _, t := range s.Pieces {
			if t.Text == "" {
				return nil, fmt.Errorf("snapshot of patterns: pattern %s has an empty piece", s.ID)
			}
			p.pieces = append(p.pieces, piece{hash: t.Hash, text: t.Text, kind: kind(t.Flags & 15), spaced: t.Flags&16 != 0, learned: t.Flags&32 != 0})
		}
		m.born = max(m.born, p.born)
		m.insert(p)
		for _, id := range p.aliases {
			m.ids[id] = p
		}
		m.shapes.put(p.shape(), p)
	}
	// What lies in the holes is found again from the patterns themselves.
	for _, p := range m.Patterns() {
		if q := m.ids[p.ID]; q != nil && q.into == nil {
			m.note(q)
		}
	}
	for _, h := range in.Tails {
		m.tails.put(h, &tail{open: true})
	}
	m.evicted, m.merged = in.Evicted, in.Merged
	return m, nil
}
