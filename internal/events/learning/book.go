package learning

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// Settings of a Book.
type Settings struct {
	Window   time.Duration // things that begin within it of each other begin together
	HalfLife time.Duration // after which a case counts half
	Things   int           // things known at most
	Partners int           // of one thing at most
	Burst    int           // things that begin within one window; of more, nothing is learned
}

// Defaults are the settings of an installation.
func Defaults(window time.Duration) Settings {
	return Settings{Window: window, HalfLife: 90 * 24 * time.Hour, Things: 20_000, Partners: 48, Burst: 64}
}

// Book counts cases of things and of pairs of them.
type Book struct {
	settings Settings
	began    time.Time // since when arrivals are seen; zero for a book of cases
	cases    float64   // of anything, for a book of cases
	casesAt  time.Time
	things   map[string]*thing
	recent   []arrival

	dirtyThings map[string]bool
	dirtyPairs  map[[2]string]bool
}

type thing struct {
	name, title string
	cases       float64
	at          time.Time // as of when cases is
	last        time.Time // when it last began
	with        map[string]*pair
}

type pair struct {
	a, b            string // a < b
	together, apart float64
	at, last        time.Time
	barred          string // who said that it is to be ignored
}

type arrival struct {
	name string
	at   time.Time
}

// NewBook returns an empty book.
func NewBook(settings Settings) *Book {
	return &Book{settings: settings, things: map[string]*thing{}, dirtyThings: map[string]bool{}, dirtyPairs: map[[2]string]bool{}}
}

// Arrive says that a thing began, and returns whether anything was learned:
// not in a storm. Calls need not be in order of time.
func (b *Book) Arrive(name, title string, at time.Time) bool {
	if b.began.IsZero() || at.Before(b.began) {
		b.began = at
		b.dirtyThings[""] = true
	}
	if b.storms(at) {
		b.recent = append(b.recent[1:], arrival{name, at})
		return false
	}
	others := b.around(name, at)
	b.recent = append(b.recent, arrival{name, at})
	t := b.thing(name, title, at)
	if at.Sub(t.last).Abs() > b.settings.Window {
		t.cases++
	}
	t.last = later(t.last, at)
	for _, other := range others {
		p := b.pair(name, other, at)
		if p == nil {
			continue
		}
		if at.Sub(p.last).Abs() > b.settings.Window {
			p.together++
		}
		p.last = later(p.last, at)
	}
	return true
}

// storms says that too much begins at once to tell what belongs together.
func (b *Book) storms(at time.Time) bool {
	n := len(b.recent) - b.settings.Burst
	return n >= 0 && at.Sub(b.recent[n].at).Abs() <= b.settings.Window
}

// around lists the other things that began within the window of at, each
// once, and drops what began too long before.
func (b *Book) around(name string, at time.Time) []string {
	var others []string
	kept := b.recent[:0]
	for _, r := range b.recent {
		if at.Sub(r.at) > 2*b.settings.Window {
			continue
		}
		if r.name == name && at.Sub(r.at).Abs() <= b.settings.Window {
			continue // the arrival that is entered next stands for it
		}
		kept = append(kept, r)
		if r.name != name && at.Sub(r.at).Abs() <= b.settings.Window && !slices.Contains(others, r.name) {
			others = append(others, r.name)
		}
	}
	b.recent = kept
	return others
}

// Case says that things, by name with their titles, were one case.
func (b *Book) Case(things map[string]string, at time.Time) {
	b.cases = b.decayed(b.cases, b.casesAt, at) + 1
	b.casesAt = later(b.casesAt, at)
	b.dirtyThings[""] = true
	names := make([]string, 0, len(things))
	for name := range things {
		names = append(names, name)
	}
	slices.Sort(names)
	names = names[:min(len(names), b.settings.Burst)]
	for i, name := range names {
		t := b.thing(name, things[name], at)
		t.cases++
		t.last = later(t.last, at)
		for _, other := range names[:i] {
			if p := b.pair(name, other, at); p != nil {
				p.together++
				p.last = later(p.last, at)
			}
		}
	}
}

// What one decision of a person counts.
const (
	saidTogether = 2
	saidApart    = 3
)

// Together says that a person put the two together.
func (b *Book) Together(x, y string, at time.Time) {
	if x == y {
		return
	}
	for _, name := range []string{x, y} {
		b.thing(name, "", at).cases += saidTogether
	}
	if p := b.pair(x, y, at); p != nil {
		p.together += saidTogether
		p.apart = 0
	}
}

// Apart says that a person took the two from each other.
func (b *Book) Apart(x, y string, at time.Time) {
	if x == y {
		return
	}
	b.thing(x, "", at)
	b.thing(y, "", at)
	if p := b.pair(x, y, at); p != nil {
		p.apart += saidApart
	}
}

// Bar has the pair ignored, or, with nobody named, no longer.
func (b *Book) Bar(x, y, by string, at time.Time) {
	b.thing(x, "", at)
	b.thing(y, "", at)
	if p := b.pair(x, y, at); p != nil {
		p.barred = by
	}
}

// Forget drops what was counted of a pair.
func (b *Book) Forget(x, y string) {
	k := key(x, y)
	for i := range k {
		if t := b.things[k[i]]; t != nil {
			delete(t.with, k[1-i])
		}
	}
	b.dirtyPairs[k] = true
}

// thing finds or enters a thing and lets time act on its count.
func (b *Book) thing(name, title string, at time.Time) *thing {
	t := b.things[name]
	if t == nil {
		if len(b.things) >= b.settings.Things {
			b.prune(at)
		}
		t = &thing{name: name, at: at, with: map[string]*pair{}}
		b.things[name] = t
	}
	b.dirtyThings[name] = true
	if title != "" {
		t.title = title
	}
	t.cases, t.at = b.decayed(t.cases, t.at, at), later(t.at, at)
	return t
}

// pair finds or enters a pair; nil when both things have stronger partners only.
func (b *Book) pair(x, y string, at time.Time) *pair {
	k := key(x, y)
	b.dirtyPairs[k] = true
	s, t := b.things[k[0]], b.things[k[1]]
	if s == nil || t == nil {
		return nil
	}
	p := s.with[k[1]]
	if p == nil {
		for _, full := range []*thing{s, t} {
			if len(full.with) >= b.settings.Partners && !b.makeRoom(full, at) {
				return nil
			}
		}
		p = &pair{a: k[0], b: k[1], at: at}
		s.with[k[1]], t.with[k[0]] = p, p
	}
	p.together, p.apart = b.decayed(p.together, p.at, at), b.decayed(p.apart, p.at, at)
	p.at = later(p.at, at)
	return p
}

// makeRoom drops the weakest partner of a thing that nobody decided about.
func (b *Book) makeRoom(t *thing, at time.Time) bool {
	var weakest *pair
	least := math.Inf(1)
	for _, p := range t.with {
		if p.barred != "" || p.apart > 0 {
			continue
		}
		n := b.decayed(p.together, p.at, at)
		if n < least || n == least && weakest != nil && p.last.Before(weakest.last) {
			weakest, least = p, n
		}
	}
	if weakest == nil {
		return false
	}
	b.Forget(weakest.a, weakest.b)
	return true
}

// prune drops a tenth of the things: those with the fewest cases.
func (b *Book) prune(at time.Time) {
	all := make([]*thing, 0, len(b.things))
	worth := make(map[*thing]float64, len(b.things))
	for _, t := range b.things {
		worth[t] = b.decayed(t.cases, t.at, at)
		all = append(all, t)
	}
	slices.SortFunc(all, func(x, y *thing) int {
		return cmp.Or(cmp.Compare(worth[x], worth[y]), strings.Compare(x.name, y.name))
	})
	for _, t := range all[:max(1, len(all)/10)] {
		for other := range t.with {
			b.Forget(t.name, other)
		}
		delete(b.things, t.name)
		b.dirtyThings[t.name] = true
	}
}

// decayed is what n, counted until from, is worth at to.
func (b *Book) decayed(n float64, from, to time.Time) float64 {
	if n == 0 || !to.After(from) {
		return n
	}
	return n * math.Exp2(-float64(to.Sub(from))/float64(b.settings.HalfLife))
}

func key(x, y string) [2]string {
	if x > y {
		x, y = y, x
	}
	return [2]string{x, y}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
