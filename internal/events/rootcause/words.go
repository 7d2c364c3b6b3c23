package rootcause

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Evidence is one thing that speaks for or against a candidate.
type Evidence struct {
	Sort   string  // signal, own, inherited, path, resource, traffic, silence, address, change, confirmed
	Text   string  // a line for a person, without a full stop
	Weight float64 // what it adds, 0 to 1; 0 for what only explains
	Ref    string
}

// words tells what was found out about a node.
func (r *ranking) words(i int, inside []Evidence) []Evidence {
	var out []Evidence
	for k, accounts := range [][]account{r.same, r.other} {
		a := accounts[i]
		if a.best == nil || a.likely < 0.2 {
			continue
		}
		weight := r.covers(accounts, i)
		if k == 1 {
			weight = r.weights.CrossKind * r.causes(i)
		}
		out = append(out, Evidence{Sort: "signal", Text: r.deviates(*a.best), Weight: weight})
		out = append(out, r.whose(accounts, i)...)
	}
	out = append(out, inside...)
	if len(out) == 0 {
		return nil
	}
	return append(out, r.reach(i))
}

// whose says how much of the victim's trouble a node's own covers.
func (r *ranking) whose(accounts []account, i int) []Evidence {
	a := accounts[i]
	if i != r.victim && r.victim >= 0 && accounts[r.victim].excess > 0 {
		covers := a.own() / accounts[r.victim].excess
		if covers >= 0.05 {
			return []Evidence{{Sort: "own", Text: fmt.Sprintf("What it adds itself covers %s of what %s shows", percent(covers), r.name(r.victim))}}
		}
	}
	if a.below >= 0 && a.inherited >= a.excess/2 {
		return []Evidence{{Sort: "inherited", Text: fmt.Sprintf("%s, which it needs, explains it", r.name(a.below))}}
	}
	if a.inherited < a.excess/2 && len(r.topology.measuredCallees[i]) > 0 {
		return []Evidence{{Sort: "own", Text: "Nothing it needs explains it"}}
	}
	return nil
}

func (r *ranking) reach(i int) Evidence {
	if r.victim < 0 || i == r.victim {
		return Evidence{Sort: "path", Text: "The symptom was seen here"}
	}
	if !r.topology.reached[i] {
		return Evidence{Sort: "path", Text: fmt.Sprintf("%s does not need it, as far as is known", r.name(r.victim))}
	}
	var names []string
	for _, j := range r.topology.path(i) {
		names = append(names, r.name(j))
	}
	return Evidence{Sort: "path", Text: "Needed by way of " + strings.Join(names, " > ")}
}

// deviates words how far a signal is from its normal.
func (r *ranking) deviates(f finding) string {
	return fmt.Sprintf("%s %s (%s robust deviations)", f.signal.Name, r.fromTo(f), figure(math.Abs(f.Spreads)))
}

func (r *ranking) fromTo(f finding) string {
	return fmt.Sprintf("%s instead of %s", quantity(f.Now, f.signal.Unit), quantity(f.Normal, f.signal.Unit))
}

func quantity(v float64, unit string) string {
	switch {
	case unit == "s" && math.Abs(v) < 1:
		return figure(v*1000) + " ms"
	case unit == "":
		return figure(v)
	}
	return figure(v) + " " + unit
}

// figure writes a number with about three digits.
func figure(v float64) string {
	switch a := math.Abs(v); {
	case a >= 1e6:
		return fmt.Sprintf("%.3g", v)
	case a >= 100:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
	}
	return fmt.Sprintf("%.3g", v)
}

func percent(share float64) string {
	if share > 1 {
		return "all"
	}
	return fmt.Sprintf("%.0f %%", share*100)
}

// span words a duration the way people say it.
func span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}
