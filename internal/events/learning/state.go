package learning

import "time"

// ThingRow is what is stored of a thing. That without a name is the book's own:
// Last is since when it is kept, Cases of how many cases.
type ThingRow struct {
	Name, Title string
	Cases       float64
	At, Last    time.Time
}

// PairRow is what is stored of a pair.
type PairRow struct {
	A, B            string
	Together, Apart float64
	At, Last        time.Time
	Barred          string
}

// Changes are the rows that differ from what was stored last, and the names of
// those that are gone.
type Changes struct {
	Things     []ThingRow
	Pairs      []PairRow
	GoneThings []string
	GonePairs  [][2]string
}

// Empty says that there is nothing to store.
func (c Changes) Empty() bool {
	return len(c.Things)+len(c.Pairs)+len(c.GoneThings)+len(c.GonePairs) == 0
}

// Changed lists what changed since the last Stored.
func (b *Book) Changed() Changes {
	var c Changes
	for name := range b.dirtyThings {
		t := b.things[name]
		switch {
		case name == "":
			c.Things = append(c.Things, ThingRow{Cases: b.cases, At: b.casesAt, Last: b.began})
		case t == nil:
			c.GoneThings = append(c.GoneThings, name)
		default:
			c.Things = append(c.Things, ThingRow{t.name, t.title, t.cases, t.at, t.last})
		}
	}
	for k := range b.dirtyPairs {
		if t := b.things[k[0]]; t != nil && t.with[k[1]] != nil {
			p := t.with[k[1]]
			c.Pairs = append(c.Pairs, PairRow{p.a, p.b, p.together, p.apart, p.at, p.last, p.barred})
			continue
		}
		c.GonePairs = append(c.GonePairs, k)
	}
	return c
}

// Stored says that what Changed listed is kept.
func (b *Book) Stored() {
	clear(b.dirtyThings)
	clear(b.dirtyPairs)
}

// Load replaces what the book knows. Pairs of things that are not there are left out.
func (b *Book) Load(things []ThingRow, pairs []PairRow) {
	*b = *NewBook(b.settings)
	for _, r := range things {
		if r.Name == "" {
			b.cases, b.casesAt, b.began = r.Cases, r.At, r.Last
			continue
		}
		b.things[r.Name] = &thing{name: r.Name, title: r.Title, cases: r.Cases, at: r.At, last: r.Last, with: map[string]*pair{}}
	}
	for _, r := range pairs {
		x, y := b.things[r.A], b.things[r.B]
		if x == nil || y == nil || r.A >= r.B {
			continue
		}
		p := &pair{r.A, r.B, r.Together, r.Apart, r.At, r.Last, r.Barred}
		x.with[r.B], y.with[r.A] = p, p
	}
}

// Memory is all that is learned: what begins together, which sorts of alerts
// are in one situation, and words.
type Memory struct {
	Things *Book // items, and alerts without one
	Kinds  *Book // sorts of alerts, by closed situations
	Words  *Words
}

// NewMemory returns an empty memory.
func NewMemory(settings Settings) *Memory {
	words := settings
	return &Memory{Things: NewBook(settings), Kinds: NewBook(settings), Words: NewWords(words)}
}

// Books are the parts of a memory by the names they are stored under.
func (m *Memory) Books() map[string]*Book {
	return map[string]*Book{"things": m.Things, "kinds": m.Kinds, "words": m.Words.book}
}
