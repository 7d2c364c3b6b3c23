package correlation_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
	"mainstay/internal/events/learning"
)

// estate is a made-up site of which the truth is known: services in tiers, of
// whose hosts and shared parts the graph knows only some, jobs without an item,
// and things that fail on their own. Faults strike causes at random; what needs
// a cause mostly follows. Which alerts belong together is written down.
type estate struct {
	r      *rand.Rand
	graph  *tableGraph
	faults []fault
	noise  []string
	events []episode
}

// fault is a cause with what follows from it.
type fault struct {
	cause   string // "" when nothing reports the cause itself
	follows []string
	hidden  bool // the graph does not know
}

type episode struct {
	alert, title string
	onset, end   time.Time
	truth        int // the incident; each noise has its own
}

const (
	learnDays, scoreDays = 75, 30
	services             = 24
)

func newEstate(seed uint64, shape string) *estate {
	e := &estate{r: rand.New(rand.NewPCG(seed, 99)), graph: &tableGraph{needs: map[string][]correlation.Need{}, measured: map[string]bool{}}}
	needs := func(from, to string) { e.graph.add(from + " > " + to) }
	var tops []string
	for s := range services {
		lb, app, db := fmt.Sprintf("lb%d", s), fmt.Sprintf("app%d", s), fmt.Sprintf("db%d", s)
		needs(lb, app)
		needs(app, db)
		tops = append(tops, lb)
		e.faults = append(e.faults, fault{db, []string{app, lb}, false}, fault{app, []string{lb}, false})
		if shape == "wide" { // one thing that several services need, as the graph knows
			needs(app, fmt.Sprintf("queue%d", s/4))
		}
	}
	if shape == "wide" {
		for q := range services / 4 {
			f := fault{cause: fmt.Sprintf("queue%d", q)}
			for s := q * 4; s < q*4+4; s++ {
				f.follows = append(f.follows, fmt.Sprintf("app%d", s), fmt.Sprintf("lb%d", s))
			}
			e.faults = append(e.faults, f)
		}
	}
	for h := range 8 { // what the graph does not know: hosts, storage, a licence server
		f := fault{hidden: true}
		for range 2 + e.r.IntN(3) {
			f.follows = append(f.follows, fmt.Sprintf("%s%d", []string{"db", "app", "lb"}[e.r.IntN(3)], e.r.IntN(services)))
		}
		if h%2 == 0 {
			f.follows = append(f.follows, fmt.Sprintf("?backup%d", h)) // a job without an item
		}
		slices.Sort(f.follows)
		f.follows = slices.Compact(f.follows)
		e.faults = append(e.faults, f)
	}
	for n := range 40 {
		e.noise = append(e.noise, fmt.Sprintf("noise%d", n))
	}
	e.noise = append(e.noise, tops...)
	e.happen()
	return e
}

func (e *estate) happen() {
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	end := start.Add((learnDays + scoreDays) * 24 * time.Hour)
	incident := 0
	busy := map[string]time.Time{}
	fail := func(alert string, at, until time.Time) {
		if at.Before(busy[alert]) {
			return
		}
		busy[alert] = until.Add(time.Minute)
		title := alert + " failed"
		if alert[0] == '?' {
			title = "Job " + alert[1:] + " ended with an error"
		}
		e.events = append(e.events, episode{alert, title, at, until, incident})
	}
	for at := start; at.Before(end); at = at.Add(time.Duration(e.r.ExpFloat64() * float64(2*time.Hour))) {
		incident++
		f := e.faults[e.r.IntN(len(e.faults))]
		if e.r.IntN(3) == 0 { // hidden causes strike as often as half of the others together
			f = e.faults[len(e.faults)-1-e.r.IntN(8)]
		}
		until := at.Add(time.Duration(5+e.r.IntN(40)) * time.Minute)
		if f.cause != "" {
			fail(f.cause, at, until)
		}
		for _, one := range f.follows {
			if e.r.Float64() < 0.88 {
				delay := time.Duration(min(240, e.r.ExpFloat64()*45) * float64(time.Second))
				fail(one, at.Add(delay), until.Add(delay))
			}
		}
	}
	for n, name := range e.noise { // from every few hours to every few days
		mean := time.Duration(6+n*3) * time.Hour
		for at := start.Add(time.Duration(e.r.ExpFloat64() * float64(mean))); at.Before(end); at = at.Add(time.Duration(e.r.ExpFloat64() * float64(mean))) {
			incident++
			fail(name, at, at.Add(time.Duration(2+e.r.IntN(10))*time.Minute))
		}
	}
	slices.SortFunc(e.events, func(a, b episode) int { return cmp.Or(a.onset.Compare(b.onset), cmp.Compare(a.alert, b.alert)) })
}

// score lets the engine see the estate and compares, pair by pair, what it put
// together in the last days with the truth.
func (e *estate) score(memory *learning.Memory) (precision, recall float64) {
	made := 0
	engine := correlation.New(correlation.Settings{Window: 5 * time.Minute, Hold: 5 * time.Second, Reopen: 10 * time.Minute, Changes: time.Hour,
		GroupBy: []string{"host"}, Memory: memory}, e.graph, nil, func() string { made++; return fmt.Sprintf("S%07d", made) })
	type moment struct {
		at     time.Time
		index  int
		clears bool
	}
	var moments []moment
	for i, ev := range e.events {
		moments = append(moments, moment{ev.onset, i, false}, moment{ev.end, i, true})
	}
	slices.SortFunc(moments, func(a, b moment) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.index, b.index)) })
	from := e.events[0].onset.Add(learnDays * 24 * time.Hour)
	running, home := map[string]int{}, make([]string, len(e.events))
	take := func(out correlation.Outcome) {
		for _, m := range out.Moves {
			home[running[m.Alert]] = m.To
		}
	}
	for _, m := range moments {
		ev := e.events[m.index]
		a := correlation.Alert{ID: ev.alert, Key: ev.alert, Title: ev.title, Source: "test", Severity: core.Major, Count: 1, Onset: ev.onset, Active: !m.clears, ClearedAt: ev.end}
		if ev.alert[0] != '?' {
			a.Item = ev.alert
		}
		if !m.clears {
			running[ev.alert] = m.index
		}
		take(engine.Settle(m.at)) // what time brings: closing
		engine.Sync(a)
		take(engine.Settle(m.at))
	}
	var hit, wrong, missed float64
	for i, a := range e.events {
		if a.onset.Before(from) {
			continue
		}
		for j := i + 1; j < len(e.events) && e.events[j].onset.Sub(a.onset) < 15*time.Minute; j++ {
			same := home[i] != "" && home[i] == home[j]
			switch truth := a.truth == e.events[j].truth; {
			case same && truth:
				hit++
			case same:
				wrong++
			case truth:
				missed++
			}
		}
	}
	return hit / (hit + wrong), hit / (hit + missed)
}

func scores(shape string, learn bool, seeds uint64) (precision, recall float64) {
	for seed := range seeds {
		var memory *learning.Memory
		if learn {
			memory = learning.NewMemory(learning.Defaults(5 * time.Minute))
		}
		p, r := newEstate(seed, shape).score(memory)
		precision, recall = precision+p/float64(seeds), recall+r/float64(seeds)
	}
	return precision, recall
}

// TestLearningFindsWhatTheGraphDoesNotKnow: more of what belongs together is
// put together, and hardly more of what does not.
func TestLearningFindsWhatTheGraphDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, shape := range []string{"narrow", "wide"} {
		p0, r0 := scores(shape, false, 1)
		p1, r1 := scores(shape, true, 1)
		t.Logf("%s: precision %.3f, recall %.3f; with learning %.3f, %.3f", shape, p0, r0, p1, r1)
		if r1 < r0+0.1 || p1 < p0-0.03 || p1 < 0.9 {
			t.Errorf("%s: precision %.3f, recall %.3f; with learning %.3f, %.3f", shape, p0, r0, p1, r1)
		}
	}
}

// BenchmarkTogether scores correlation on estates of which the truth is known.
func BenchmarkTogether(b *testing.B) {
	for _, shape := range []string{"narrow", "wide"} {
		for _, learn := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/learning=%t", shape, learn), func(b *testing.B) {
				for range b.N {
					p, r := scores(shape, learn, 6)
					b.ReportMetric(p, "precision")
					b.ReportMetric(r, "recall")
				}
			})
		}
	}
}
