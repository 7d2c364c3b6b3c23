package reports

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Spans are lengths of time as people compare them, in seconds.
type Spans struct {
	Count int     `json:"count"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P95   float64 `json:"p95"`
}

// SpansOf sums up lengths of time; it sorts them.
func SpansOf(list []time.Duration) Spans {
	if len(list) == 0 {
		return Spans{}
	}
	slices.Sort(list)
	total := 0.0
	for _, d := range list {
		total += d.Seconds()
	}
	return Spans{len(list), total / float64(len(list)), Percentile(list, 50), Percentile(list, 90), Percentile(list, 95)}
}

// Percentile of sorted lengths, by the nearest rank, in seconds.
func Percentile(sorted []time.Duration, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[max(0, min(len(sorted), rank)-1)].Seconds()
}

// Situation is what a report knows of one situation.
type Situation struct {
	Severity, Team                     string
	Services                           []string
	OpenedAt, AckedAt, ClosedAt, Moved time.Time // zero for never; Moved is when the root cause last changed
}

// Times are how long people took.
type Times struct {
	Situations  int   `json:"situations"`
	Acknowledge Spans `json:"acknowledge"`
	RootCause   Spans `json:"rootCause"`
	Resolve     Spans `json:"resolve"`
}

// Group is the times of the situations that have something in common.
type Group struct {
	Name string `json:"name"`
	Times
}

// Of sums up situations.
func Of(list []*Situation) Times {
	var ack, cause, resolve []time.Duration
	for _, s := range list {
		if !s.AckedAt.IsZero() {
			ack = append(ack, s.AckedAt.Sub(s.OpenedAt))
		}
		if s.ClosedAt.IsZero() {
			continue
		}
		resolve = append(resolve, s.ClosedAt.Sub(s.OpenedAt))
		found := time.Duration(0)
		if !s.Moved.IsZero() {
			found = s.Moved.Sub(s.OpenedAt)
		}
		cause = append(cause, found)
	}
	return Times{len(list), SpansOf(ack), SpansOf(cause), SpansOf(resolve)}
}

// By groups situations by names, of which each may have several; those with
// the most situations come first, most of them.
func By(list []*Situation, names func(*Situation) []string, most int) []Group {
	sets := map[string][]*Situation{}
	for _, s := range list {
		for _, name := range names(s) {
			sets[name] = append(sets[name], s)
		}
	}
	groups := make([]Group, 0, len(sets))
	for name, set := range sets {
		groups = append(groups, Group{name, Of(set)})
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Situations, a.Situations), cmp.Compare(a.Name, b.Name))
	})
	return groups[:min(len(groups), most)]
}
