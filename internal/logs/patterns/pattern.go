package patterns

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// Pattern is what is known of one template.
type Pattern struct {
	ID       string   `json:"id"`       // 16 hexadecimal digits
	Template string   `json:"template"` // values are <*>
	Count    int64    `json:"count"`    // messages since it was first seen
	First    int64    `json:"first"`    // microseconds
	Last     int64    `json:"last"`
	Aliases  []string `json:"aliases"` // ids of patterns that became this one
}

// piece is a token of a template.
type piece struct {
	hash    uint64
	text    string
	kind    kind
	spaced  bool // a space stands before it
	learned bool // a wildcard found by evidence, not by looks
}

// pattern is a template in memory.
type pattern struct {
	id      string
	born    uint64 // its number in the order of making
	pieces  []piece
	bloom   uint64 // of the hashes of its words
	words   int    // how many words it has
	count   int64
	first   int64
	last    int64
	aliases []string
	into    *pattern // what it was merged into
	gone    bool     // forgotten
}

// maxAliases bounds the old ids a pattern keeps.
const maxAliases = 256

// root is the pattern that this one has become.
func (p *pattern) root() *pattern {
	for p.into != nil {
		if p.into.into != nil {
			p.into = p.into.into
		}
		p = p.into
	}
	return p
}

func idOf(shape uint64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], mix(shape))
	return hex.EncodeToString(b[:])
}

func bloomOf(hash uint64) uint64 { return 1<<(hash>>58) | 1<<(hash>>52&63) }

// describe sets what follows from the pieces.
func (p *pattern) describe() {
	p.bloom, p.words = 0, 0
	for _, t := range p.pieces {
		if t.kind != value {
			p.bloom |= bloomOf(t.hash)
		}
		if t.kind >= key {
			p.words++
		}
	}
}

func (p *pattern) shape() uint64 {
	h := uint64(fnvBasis) + uint64(len(p.pieces))
	for i := range p.pieces {
		h = (h ^ p.pieces[i].hash) * 0x9fb21c651e98df25
		h ^= h >> 32
	}
	return h
}

const wildcard = "<*>"

func (p *pattern) template() string {
	var b strings.Builder
	for _, t := range p.pieces {
		if t.spaced && b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
	}
	return b.String()
}

func (p *pattern) public() Pattern {
	return Pattern{ID: p.id, Template: p.template(), Count: p.count, First: p.first, Last: p.last, Aliases: append([]string{}, p.aliases...)}
}

// piecesOf copies tokens out of the text they were cut from.
func piecesOf(text string, tokens []token) []piece {
	out := make([]piece, len(tokens))
	end := int32(0)
	for i, t := range tokens {
		p := piece{hash: t.hash, kind: t.kind, text: wildcard, spaced: gap(text[min(end, t.start):t.start])}
		if t.kind != value {
			p.text = strings.Clone(text[t.start:t.end])
		}
		out[i], end = p, t.end
	}
	return out
}

func gap(s string) bool { return strings.ContainsAny(s, " \t") }
