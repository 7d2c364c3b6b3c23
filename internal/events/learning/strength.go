package learning

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// Strength says how far two things belong together.
type Strength struct {
	A, B           string
	TitleA, TitleB string
	Together       float64   // cases that both had in common
	Cases          float64   // cases of the rarer of the two
	Apart          float64   // what people said against it, as cases
	Lower          float64   // the share of common cases is at least this, with 97.5 % certainty
	Chance         float64   // the share that chance alone would bring
	Last           time.Time // the last case in common
	Barred         string    // who had it ignored
}

// Lift is how many times more often than by chance the two come together, at least.
func (s Strength) Lift() float64 { return s.Lower / max(s.Chance, 1e-6) }

// What makes a claim, and a strong one. A fresh case counts a little less than one.
const (
	someCases, someShare, someLift       = 2.5, 0.40, 5
	strongCases, strongShare, strongLift = 3.5, 0.50, 20
)

// Evidence says that the one is a reason to expect the other.
func (s Strength) Evidence() bool {
	return s.Barred == "" && s.Together >= someCases && s.Lower >= someShare && s.Lift() >= someLift
}

// Strong says that the two belong together whatever else is known.
func (s Strength) Strong() bool {
	return s.Evidence() && s.Together >= strongCases && s.Lower >= strongShare && s.Lift() >= strongLift
}

// Words are the claim as a person checks it.
func (s Strength) Words() string {
	return fmt.Sprintf("came together in %.0f of %.0f cases", s.Together, max(s.Cases, s.Together))
}

// Strength of a pair; false when the two were never seen together.
func (b *Book) Strength(x, y string, now time.Time) (Strength, bool) {
	k := key(x, y)
	t := b.things[k[0]]
	if t == nil || t.with[k[1]] == nil {
		return Strength{}, false
	}
	return b.strength(t.with[k[1]], now), true
}

func (b *Book) strength(p *pair, now time.Time) Strength {
	x, y := b.things[p.a], b.things[p.b]
	s := Strength{A: p.a, B: p.b, TitleA: x.title, TitleB: y.title, Last: p.last, Barred: p.barred,
		Together: b.decayed(p.together, p.at, now), Apart: b.decayed(p.apart, p.at, now)}
	casesX, casesY := b.decayed(x.cases, x.at, now), b.decayed(y.cases, y.at, now)
	s.Cases = max(min(casesX, casesY), s.Together)
	s.Lower = wilson(s.Together, s.Cases+s.Apart)
	s.Chance = min(1, max(casesX, casesY)/max(b.trials(now), 1))
	return s
}

// trials is how many cases there could have been: those of anything, or, for
// arrivals, the spans of time in which one could have begun.
func (b *Book) trials(now time.Time) float64 {
	if b.began.IsZero() {
		return b.decayed(b.cases, b.casesAt, now)
	}
	half := float64(b.settings.HalfLife)
	spans := half / math.Ln2 / float64(2*b.settings.Window)
	return spans * (1 - math.Exp2(-float64(max(0, now.Sub(b.began)))/half))
}

// wilson is the lower bound of Wilson's interval of the share k of n, at 1.96
// standard deviations (Wilson 1927, "Probable inference").
func wilson(k, n float64) float64 {
	if n <= 0 {
		return 0
	}
	const z = 1.96
	p := min(1, k/n)
	return max(0, (p+z*z/(2*n)-z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n)))/(1+z*z/n))
}

// Partners lists what comes together with a thing, the strongest first.
func (b *Book) Partners(name string, now time.Time) []Strength {
	t := b.things[name]
	if t == nil {
		return nil
	}
	var found []Strength
	for _, p := range t.with {
		if s := b.strength(p, now); s.Evidence() {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, stronger)
	return found
}

// Known says whether anything was ever seen together with a thing.
func (b *Book) Known(name string) bool { return b.things[name] != nil && len(b.things[name].with) > 0 }

// All lists what is evidence, barred or said by people, the strongest first.
func (b *Book) All(now time.Time, most int) []Strength {
	var found []Strength
	for _, t := range b.things {
		for _, p := range t.with {
			if p.a != t.name {
				continue
			}
			if s := b.strength(p, now); s.Evidence() || s.Barred != "" || s.Apart > 0 {
				found = append(found, s)
			}
		}
	}
	slices.SortFunc(found, stronger)
	return found[:min(len(found), most)]
}

func stronger(x, y Strength) int {
	return cmp.Or(cmp.Compare(y.Lower, x.Lower), cmp.Compare(y.Together, x.Together), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
}

// Size is how many things and pairs are known.
func (b *Book) Size() (things, pairs int) {
	for _, t := range b.things {
		pairs += len(t.with)
	}
	return len(b.things), pairs / 2
}
