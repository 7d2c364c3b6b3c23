package secrets

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// Mask stands where a secret value was.
const Mask = "••••"

// shortest is the length below which a value is not masked: it would mask
// ordinary words.
const shortest = 4

// Redactor masks secret values in text: as they are, in base64 (at any
// alignment, both alphabets), hexadecimal, URL-encoded and JSON-escaped, and
// each longer line of a value of several lines. It is an Aho-Corasick
// automaton, so the cost does not grow with the number of values. It does not
// change after it was made and is safe for concurrent use; a nil Redactor masks
// nothing.
type Redactor struct {
	nodes []node
	root  [256]int32 // where the first byte of a form leads
}

// node is a prefix of a form. Most have one child, kept inline.
type node struct {
	child    int32
	fallback int32 // the longest proper suffix that is a prefix of a form too
	depth    int32 // its length
	ends     int32 // length of the longest form that ends here, 0 for none
	by       byte  // leads to child
	more     map[byte]int32
}

// NewRedactor masks the given values.
func NewRedactor(values ...string) *Redactor {
	r := &Redactor{nodes: make([]node, 1)}
	for _, form := range forms(values) {
		r.insert(form)
	}
	r.link()
	return r
}

// String masks the values in s.
func (r *Redactor) String(s string) string {
	if r == nil || len(r.nodes) == 1 {
		return s
	}
	var out bytes.Buffer
	w := r.Writer(&out)
	w.Write([]byte(s))
	w.Close()
	return out.String()
}

// Bytes masks the values in b.
func (r *Redactor) Bytes(b []byte) []byte { return []byte(r.String(string(b))) }

func (r *Redactor) insert(form string) {
	at := int32(0)
	for i := range len(form) {
		next := r.child(at, form[i])
		if next == 0 {
			next = int32(len(r.nodes))
			r.nodes = append(r.nodes, node{depth: r.nodes[at].depth + 1})
			r.adopt(at, form[i], next)
		}
		at = next
	}
	r.nodes[at].ends = int32(len(form))
}

func (r *Redactor) child(at int32, b byte) int32 {
	if at == 0 {
		return r.root[b]
	}
	n := &r.nodes[at]
	if n.child != 0 && n.by == b {
		return n.child
	}
	return n.more[b]
}

func (r *Redactor) adopt(at int32, b byte, child int32) {
	n := &r.nodes[at]
	switch {
	case at == 0:
		r.root[b] = child
	case n.child == 0:
		n.child, n.by = child, b
	default:
		if n.more == nil {
			n.more = map[byte]int32{}
		}
		n.more[b] = child
	}
}

// step is where byte b leads from a state.
func (r *Redactor) step(at int32, b byte) int32 {
	for {
		if next := r.child(at, b); next != 0 || at == 0 {
			return next
		}
		at = r.nodes[at].fallback
	}
}

// link sets the fallbacks, shorter prefixes first.
func (r *Redactor) link() {
	queue := make([]int32, 0, len(r.nodes))
	for _, child := range r.root {
		if child != 0 {
			queue = append(queue, child)
		}
	}
	visit := func(parent int32, b byte, child int32) {
		n := &r.nodes[child]
		n.fallback = r.step(r.nodes[parent].fallback, b)
		n.ends = max(n.ends, r.nodes[n.fallback].ends)
		queue = append(queue, child)
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if n := r.nodes[at]; n.child != 0 {
			visit(at, n.by, n.child)
			for b, child := range n.more {
				visit(at, b, child)
			}
		}
	}
}

// forms returns every text that a value may show as.
func forms(values []string) []string {
	var out []string
	add := func(form string) {
		if len(form) >= shortest {
			out = append(out, form)
		}
	}
	for _, value := range values {
		trimmed := strings.TrimSpace(value)
		add(trimmed)
		if len(trimmed) < shortest {
			continue
		}
		add(url.QueryEscape(trimmed))
		add(url.PathEscape(trimmed))
		add(hex.EncodeToString([]byte(trimmed)))
		add(strings.ToUpper(hex.EncodeToString([]byte(trimmed))))
		if escaped, err := json.Marshal(trimmed); err == nil {
			add(string(escaped[1 : len(escaped)-1]))
		}
		for shift := range 3 {
			for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
				add(encodedCore(encoding, trimmed, shift))
			}
		}
		if strings.Contains(trimmed, "\n") {
			for line := range strings.Lines(trimmed) {
				if line = strings.TrimSpace(line); len(line) >= 2*shortest {
					add(line)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// encodedCore is the part of the base64 of a text holding value that depends on
// value alone, when shift bytes precede it in its group of three.
func encodedCore(encoding *base64.Encoding, value string, shift int) string {
	encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + value))
	from := (shift*8 + 5) / 6
	to := (shift + len(value)) * 8 / 6
	if to-from < 2*shortest {
		return "" // too short to be told from other text
	}
	return encoded[from:to]
}
