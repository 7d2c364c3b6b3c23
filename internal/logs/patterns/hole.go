package patterns

import "slices"

// hole is a place in a shape, and what was seen there.
type hole struct {
	patterns []*pattern // one for each thing that was seen
	score    int
	named    bool // a value or a name is among them
}

// enough is the score at which a hole is a wildcard.
const enough = 4

// maxCircle bounds how many patterns wait in one hole.
const maxCircle = 16

// weigh adds a new pattern to the holes it has, and makes a wildcard where
// that is enough.
func (m *Miner) weigh(p *pattern) {
	for i := 0; i < len(p.pieces); i++ {
		rest, may := m.hollow(p, i)
		if !may {
			continue
		}
		h := m.fall(p, i)
		need := enough
		if rest == 1 {
			need = 2 * enough
		}
		if i == 0 {
			need *= 2
		}
		if h.score >= need && (len(h.patterns) > 2 || h.named && len(h.patterns) > 1) && m.open(h, i) {
			return
		}
	}
}

// note adds a pattern to its holes and opens none.
func (m *Miner) note(p *pattern) {
	for i := range p.pieces {
		if _, may := m.hollow(p, i); may {
			m.fall(p, i)
		}
	}
}

// hollow says whether i may become a wildcard, and how many words remain then.
func (m *Miner) hollow(p *pattern, i int) (rest int, may bool) {
	t := &p.pieces[i]
	if t.kind == mark || t.kind == key || t.learned || t.kind != value && m.protected(t.text, false) {
		return 0, false
	}
	if rest = p.words; t.kind != value {
		rest--
	}
	return rest, rest > 0
}

// fall puts a pattern into its hole at i.
func (m *Miner) fall(p *pattern, i int) *hole {
	key := holeOf(p, i)
	h, ok := m.holes.get(key)
	if !ok {
		h = &hole{}
		m.holes.put(key, h)
	}
	h.add(p, m.evidence(p, i))
	h.named = h.named || p.pieces[i].kind != word
	return h
}

func (h *hole) add(p *pattern, score int) {
	if slices.Contains(h.patterns, p) {
		return
	}
	if len(h.patterns) == maxCircle {
		h.patterns = slices.Delete(h.patterns, 0, 1)
	}
	h.patterns = append(h.patterns, p)
	h.score += score
}

// evidence is how much what stands at i says that values stand there.
func (m *Miner) evidence(p *pattern, i int) int {
	t := &p.pieces[i]
	if t.kind == value {
		return 3
	}
	if i > 0 && i+1 < len(p.pieces) && p.pieces[i+1].text == ":" && !(p.pieces[i-1].kind == word && introducers[p.pieces[i-1].text]) {
		return 0 // "Product: ..." is what the program says
	}
	score := 1
	if t.kind == name {
		score = 2
	}
	if i > 0 {
		before := &p.pieces[i-1]
		switch {
		case before.kind == word && introducers[before.text]:
			score *= 2
		case before.kind == mark && (before.text == "(" || before.text == "[" || before.text == "<" || before.text == ":" || before.text == "="):
			score *= 2
		}
	}
	return score
}

// holeOf is the shape of p without what stands at i.
func holeOf(p *pattern, i int) uint64 {
	h := uint64(fnvBasis) + uint64(i)<<32 + uint64(len(p.pieces))
	for j := range p.pieces {
		hash := p.pieces[j].hash
		if j == i {
			hash = 1
		}
		h = (h ^ hash) * 0x9fb21c651e98df25
		h ^= h >> 32
	}
	return h
}

// open makes one pattern of those in a hole: the oldest, with a wildcard at i.
func (m *Miner) open(h *hole, i int) bool {
	var circle []*pattern
	for _, p := range h.patterns {
		if p = p.root(); !p.gone && !slices.Contains(circle, p) && len(p.pieces) > i {
			circle = append(circle, p)
		}
	}
	if len(circle) < 2 {
		return false
	}
	oldest := circle[0]
	for _, p := range circle {
		if p.born < oldest.born {
			oldest = p
		}
	}
	for _, p := range circle {
		if p != oldest {
			m.merge(oldest, p)
		}
	}
	h.patterns, h.score = []*pattern{oldest}, 0
	oldest.pieces[i] = piece{hash: wild, text: wildcard, kind: value, spaced: oldest.pieces[i].spaced, learned: true}
	oldest.describe()
	m.absorb(oldest)
	m.weigh(oldest)
	return true
}

// absorb merges the patterns that a wider template takes.
func (m *Miner) absorb(p *pattern) {
	for _, q := range slices.Clone(m.lengths[len(p.pieces)]) {
		if q == p || p.bloom&^q.bloom != 0 || !m.covers(p, q) {
			continue
		}
		m.merge(p, q)
	}
}

func (m *Miner) covers(p, q *pattern) bool {
	spare := p.spare()
	for i := range p.pieces {
		a, b := &p.pieces[i], &q.pieces[i]
		if a.hash == b.hash {
			continue
		}
		if a.kind != value || b.kind == mark || b.kind == key || b.kind != value && m.protected(b.text, a.learned && p.words > 2) {
			return false
		}
		if !a.learned {
			if spare--; spare < 0 {
				return false
			}
		}
	}
	return true
}
