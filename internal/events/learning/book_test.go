package learning

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

func newTestBook() *Book { return NewBook(Defaults(5 * time.Minute)) }

// TestChanceIsNoEvidence: things that begin at random, some of them often, never
// become a claim, and two that have a common cause do.
func TestChanceIsNoEvidence(t *testing.T) {
	t.Parallel()
	b := newTestBook()
	r := rand.New(rand.NewPCG(1, 2))
	for hour := range 24 * 40 {
		at := start.Add(time.Duration(hour) * time.Hour)
		for n := range 30 { // the first of them once an hour or two, the last every other day
			if r.Float64() < 1/(1.5+float64(n)*1.5) {
				b.Arrive(fmt.Sprintf("noise%d", n), "", at.Add(time.Duration(r.IntN(3600))*time.Second))
			}
		}
		if r.Float64() < 0.02 {
			when := at.Add(time.Duration(r.IntN(3000)) * time.Second)
			b.Arrive("cause", "", when)
			if r.Float64() < 0.9 {
				b.Arrive("effect", "", when.Add(time.Minute))
			}
		}
	}
	now := start.Add(40 * 24 * time.Hour)
	all := b.All(now, 1000)
	if len(all) != 1 || all[0].A != "cause" || !all[0].Strong() {
		t.Fatalf("%+v", all)
	}
}

func TestWhatHappensOftenAnywayIsNoEvidence(t *testing.T) {
	t.Parallel()
	b := newTestBook()
	for n := range 30 * 24 { // one begins every hour, the other each time within its window
		at := start.Add(time.Duration(n) * 20 * time.Minute)
		b.Arrive("flapper", "", at)
		if n%72 == 0 {
			b.Arrive("rare", "", at.Add(time.Minute))
		}
	}
	s, ok := b.Strength("flapper", "rare", start.Add(10*24*time.Hour))
	if !ok || s.Together < 9 || s.Evidence() {
		t.Fatalf("%+v", s)
	}
}

func TestCountsFadeAndAreBounded(t *testing.T) {
	t.Parallel()
	settings := Settings{Window: time.Minute, HalfLife: 24 * time.Hour, Things: 100, Partners: 8, Burst: 16}
	b := NewBook(settings)
	r := rand.New(rand.NewPCG(3, 4))
	at := start
	for range 20_000 {
		at = at.Add(time.Duration(r.IntN(40)) * time.Second)
		b.Arrive(fmt.Sprintf("t%d", r.IntN(500)), "", at)
		if len(b.recent) > 4*settings.Burst {
			t.Fatalf("%d recent", len(b.recent))
		}
	}
	things, pairs := b.Size()
	if things > 100 || pairs > 100*8/2 {
		t.Fatalf("%d things, %d pairs", things, pairs)
	}
	for name, one := range b.things {
		for other, p := range one.with {
			if b.things[other] == nil || b.things[other].with[name] != p {
				t.Fatalf("the pair of %s and %s is known on one side", name, other)
			}
		}
	}
	b = NewBook(settings)
	for day := range 5 {
		b.Arrive("a", "", start.Add(time.Duration(day)*time.Hour*3))
		b.Arrive("b", "", start.Add(time.Duration(day)*time.Hour*3))
	}
	now := start.Add(12 * time.Hour)
	before, _ := b.Strength("a", "b", now)
	after, _ := b.Strength("a", "b", now.Add(3*24*time.Hour))
	if ratio := before.Together / after.Together; !before.Evidence() || after.Evidence() || ratio < 7.9 || ratio > 8.1 {
		t.Fatalf("%+v %+v", before, after)
	}
}

func TestAStormTeachesNothing(t *testing.T) {
	t.Parallel()
	b := newTestBook()
	for day := range 6 {
		for n := range 2000 {
			b.Arrive(fmt.Sprintf("t%d", n), "", start.Add(time.Duration(day)*24*time.Hour+time.Duration(n)*time.Millisecond))
		}
	}
	if _, pairs := b.Size(); pairs > 64*64/2 {
		t.Fatalf("%d pairs", pairs)
	}
	for _, s := range b.All(start.Add(6*24*time.Hour), 10_000) {
		if s.A == "t1500" || s.B == "t1500" {
			t.Fatalf("%+v", s)
		}
	}
}

// TestStoredAndLoadedIsTheSame: what Changed lists makes the same book again.
func TestStoredAndLoadedIsTheSame(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	settings := Settings{Window: time.Minute, HalfLife: 24 * time.Hour, Things: 60, Partners: 6, Burst: 16}
	b := NewBook(settings)
	things, pairs := map[string]ThingRow{}, map[[2]string]PairRow{}
	at := start
	for step := range 3000 {
		at = at.Add(time.Duration(r.IntN(60)) * time.Second)
		x, y := fmt.Sprintf("t%d", r.IntN(80)), fmt.Sprintf("t%d", r.IntN(80))
		switch r.IntN(12) {
		case 0:
			b.Apart(x, y, at)
		case 1:
			b.Together(x, y, at)
		case 2:
			if x != y {
				b.Bar(x, y, "maria", at)
			}
		case 3:
			b.Forget(x, y)
		case 4:
			b.Case(map[string]string{x: "", y: ""}, at)
		default:
			b.Arrive(x, "title of "+x, at)
		}
		if step%100 != 99 {
			continue
		}
		c := b.Changed()
		b.Stored()
		for _, row := range c.Things {
			things[row.Name] = row
		}
		for _, row := range c.Pairs {
			pairs[[2]string{row.A, row.B}] = row
		}
		for _, gone := range c.GoneThings {
			delete(things, gone)
		}
		for _, gone := range c.GonePairs {
			delete(pairs, gone)
		}
		again := NewBook(settings)
		var rows []ThingRow
		for _, row := range things {
			rows = append(rows, row)
		}
		var both []PairRow
		for _, row := range pairs {
			both = append(both, row)
		}
		again.Load(rows, both)
		want, got := fmt.Sprintf("%+v", b.All(at, 1e6)), fmt.Sprintf("%+v", again.All(at, 1e6))
		if want != got {
			t.Fatalf("step %d:\n%s\n%s", step, want, got)
		}
	}
}

func TestWilson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ k, n, want float64 }{{0, 10, 0}, {5, 5, 0.566}, {14, 15, 0.702}, {50, 100, 0.404}, {1, 0, 0}} {
		if got := wilson(c.k, c.n); got < c.want-0.001 || got > c.want+0.001 {
			t.Errorf("%v of %v: %.4f, want %v", c.k, c.n, got, c.want)
		}
	}
}

func FuzzTokens(f *testing.F) {
	for _, title := range []string{"Disk full on web1", "", "a.b-c/d:e@f", strings.Repeat("wort ", 100), "\xff\xfe", "ÄÖÜ straße 99.9%", "... --- ///"} {
		f.Add(title, "Timeout on db7")
	}
	f.Fuzz(func(t *testing.T, one, other string) {
		x, y := Tokens(one), Tokens(other)
		if len(x) > titleWords {
			t.Fatal(len(x))
		}
		w := NewWords(Defaults(time.Minute))
		w.Learn(x, start)
		alike, telling := w.Likeness(x, y)
		back, _ := w.Likeness(y, x)
		if alike < 0 || alike > 1.0001 || alike-back > 1e-9 || back-alike > 1e-9 || len(telling) > len(x) {
			t.Fatalf("%v %v %v", alike, back, telling)
		}
	})
}
