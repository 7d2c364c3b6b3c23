package patterns

import (
	"cmp"
	"slices"

	"mainstay/internal/core"
)

// Configuration of a Miner.
type Configuration struct {
	MaxPatterns int `yaml:"maxPatterns" json:"maxPatterns"` // beyond them rare ones are forgotten
	MaxShapes   int `yaml:"maxShapes" json:"maxShapes"`     // shapes remembered for the short way
}

// Defaults need about 30 MB when they are full.
func Defaults() Configuration { return Configuration{MaxPatterns: 10_000, MaxShapes: 50_000} }

// Validate names the fields that cannot work.
func (c Configuration) Validate() error {
	var wrong []core.Detail
	if c.MaxPatterns < 100 || c.MaxPatterns > 1_000_000 {
		wrong = append(wrong, core.Detail{Field: "maxPatterns", Rule: "must be 100 to 1000000"})
	}
	if c.MaxShapes < 100 || c.MaxShapes > 10_000_000 {
		wrong = append(wrong, core.Detail{Field: "maxShapes", Rule: "must be 100 to 10000000"})
	}
	return core.InvalidAll(wrong)
}

// Miner learns the patterns of messages.
type Miner struct {
	cfg     Configuration
	scanner scanner
	shapes  generations[*pattern]
	holes   generations[*hole]
	tails   generations[*tail]
	lengths [maxTokens + 1][]*pattern // alive, by the number of their pieces
	ids     map[string]*pattern       // alive, by id and by alias
	alive   int
	born    uint64

	evicted int64
	merged  int64
}

// New returns a Miner that knows nothing.
func New(cfg Configuration) (*Miner, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m := &Miner{cfg: cfg, ids: map[string]*pattern{}}
	m.shapes.limit = cfg.MaxShapes
	m.holes.limit = 4 * cfg.MaxPatterns
	m.tails.limit = 2 * cfg.MaxPatterns
	return m, nil
}

// Mine finds the pattern of a message of that time (microseconds) and returns
// its id and whether the pattern is new. A message without a letter or digit
// has none.
func (m *Miner) Mine(message string, at int64) (id string, fresh bool) {
	m.scanner.scan(message)
	if len(m.scanner.tokens) == 0 {
		return "", false
	}
	shape := shapeOf(m.scanner.tokens)
	p, known := m.shapes.get(shape)
	if known {
		p = p.root()
		known = !p.gone
	}
	if !known {
		p, fresh = m.place(shape)
		m.shapes.put(shape, p)
	}
	if p.count++; at > p.last {
		p.last = at
	}
	if p.first == 0 || at < p.first {
		p.first = at
	}
	return p.id, fresh
}

// Current is the id that a pattern has now: its own, or that of the pattern it
// became; "" when it is not known or was forgotten.
func (m *Miner) Current(id string) string {
	if p := m.ids[id]; p != nil {
		return p.root().id
	}
	return ""
}

// Get returns one pattern by its id, or by one it once had.
func (m *Miner) Get(id string) (Pattern, bool) {
	p := m.ids[id]
	if p == nil {
		return Pattern{}, false
	}
	return p.root().public(), true
}

// Patterns are all, the most frequent first.
func (m *Miner) Patterns() []Pattern {
	out := make([]Pattern, 0, m.alive)
	for _, list := range m.lengths {
		for _, p := range list {
			out = append(out, p.public())
		}
	}
	slices.SortFunc(out, func(a, b Pattern) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.ID, b.ID)) })
	return out
}

// Stats are a Miner's own figures.
type Stats struct {
	Patterns int   `json:"patterns"`
	Evicted  int64 `json:"evicted"` // forgotten to stay within MaxPatterns
	Merged   int64 `json:"merged"`  // became part of another
}

// Stats returns the figures since New.
func (m *Miner) Stats() Stats { return Stats{m.alive, m.evicted, m.merged} }

// insert makes a pattern findable.
func (m *Miner) insert(p *pattern) {
	p.describe()
	m.lengths[len(p.pieces)] = append(m.lengths[len(p.pieces)], p)
	m.ids[p.id] = p
	m.alive++
}

// drop takes a pattern from the lists; its ids stay for the caller to move.
func (m *Miner) drop(p *pattern) {
	list := m.lengths[len(p.pieces)]
	if i := slices.Index(list, p); i >= 0 {
		m.lengths[len(p.pieces)] = slices.Delete(list, i, i+1)
		m.alive--
	}
}

// merge makes q part of p.
func (m *Miner) merge(p, q *pattern) {
	m.drop(q)
	q.into = p
	p.count += q.count
	p.last = max(p.last, q.last)
	if p.first == 0 || q.first != 0 && q.first < p.first {
		p.first = q.first
	}
	for _, id := range append([]string{q.id}, q.aliases...) {
		if len(p.aliases) < maxAliases {
			p.aliases = append(p.aliases, id)
			m.ids[id] = p
		} else {
			delete(m.ids, id)
		}
	}
	q.aliases, q.pieces = nil, nil
	m.merged++
}

// evict forgets a twentieth of the patterns: those seen once or twice before
// those seen more often, and among them those not seen for longest.
func (m *Miner) evict() {
	all := make([]*pattern, 0, m.alive)
	for _, list := range m.lengths {
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b *pattern) int {
		return cmp.Or(cmp.Compare(min(a.count, 3), min(b.count, 3)), cmp.Compare(a.last, b.last), cmp.Compare(a.born, b.born))
	})
	for _, p := range all[:max(1, len(all)/20)] {
		m.drop(p)
		p.gone = true
		for _, id := range append(p.aliases, p.id) {
			delete(m.ids, id)
		}
		m.evicted++
	}
}

// generations is a map that forgets what was not asked for lately: when the
// young half is full it becomes the old one, and the old one is forgotten.
type generations[V any] struct {
	limit      int
	young, old map[uint64]V
}

func (g *generations[V]) get(key uint64) (V, bool) {
	if v, ok := g.young[key]; ok {
		return v, true
	}
	v, ok := g.old[key]
	if ok {
		g.put(key, v)
	}
	return v, ok
}

func (g *generations[V]) put(key uint64, v V) {
	if g.young == nil || len(g.young) >= g.limit/2 {
		g.old, g.young = g.young, make(map[uint64]V)
	}
	g.young[key] = v
}
