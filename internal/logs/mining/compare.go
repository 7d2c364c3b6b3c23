package mining

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
)

// Change is what a pattern does compared with the time before.
type Change string

// The changes; "" is none that stands out.
const (
	IsNew      Change = "new"      // was never seen before
	IsBack     Change = "back"     // was not there in the time it is compared with
	IsVanished Change = "vanished" // was there, and is not any more
	IsMore     Change = "more"
	IsLess     Change = "less"
)

// Trend is a pattern over a range of time.
type Trend struct {
	ID        string    `json:"id"`
	Template  string    `json:"template" doc:"values are <*>"`
	Count     int64     `json:"count"`
	Before    int64     `json:"before" doc:"in the range it is compared with"`
	Change    Change    `json:"change" enum:"new,back,vanished,more,less," doc:"what stands out, or nothing"`
	FirstSeen time.Time `json:"firstSeen"`
	LastSeen  time.Time `json:"lastSeen"`
	Buckets   []int64   `json:"buckets" nullable:"false" doc:"counts in equal steps from start on"`
	Query     string    `json:"query" doc:"LogsQL that finds its lines"`
}

// Comparison is the patterns of a range, compared with another.
type Comparison struct {
	Start   time.Time `json:"start"`
	End     time.Time `json:"end"`
	Against time.Time `json:"against" doc:"where the range begins that it is compared with; it is as long"`
	Step    float64   `json:"step" doc:"seconds of a bucket"`
	Total   int64     `json:"total" doc:"lines with a pattern in the range"`
	Found   int       `json:"found" doc:"patterns that match, before the limit"`
	Items   []Trend   `json:"items" nullable:"false"`
	Stats   Stats     `json:"stats"`
}

// slots is how many buckets a trend has, at most.
const slots = 48

// question says what is compared.
type question struct {
	from, to time.Time
	shift    time.Duration // how far back the other range lies
	app      string
	only     []string // datasets; nil: all
	contains string
	change   Change
	sort     string
	limit    int
}

// compare answers it from the stored counts and those that wait.
func (c *Component) compare(ctx context.Context, q question) (*Comparison, error) {
	from, to := q.from.Truncate(Bucket), q.to.Add(Bucket-1).Truncate(Bucket)
	step := max(Bucket, to.Sub(from)/slots)
	step = (step + Bucket - 1) / Bucket * Bucket
	n := int((to.Sub(from) + step - 1) / step)
	if err := c.Flush(ctx); err != nil {
		return nil, err
	}
	rows, err := c.store.patterns(ctx, core.Micros(from.Add(-q.shift)))
	if err != nil {
		return nil, err
	}
	now, err := c.store.sums(ctx, core.Micros(from), core.Micros(to), step.Microseconds(), q.app, q.only)
	if err != nil {
		return nil, err
	}
	past, err := c.store.sums(ctx, core.Micros(from.Add(-q.shift)), core.Micros(to.Add(-q.shift)), to.Sub(from).Microseconds(), q.app, q.only)
	if err != nil {
		return nil, err
	}
	trends, ids := c.trends(rows)
	of := func(pattern string) *Trend {
		t := trends[ids(pattern)]
		if t != nil && t.Buckets == nil {
			t.Buckets = make([]int64, n)
		}
		return t
	}
	out := &Comparison{Start: from, End: to, Against: from.Add(-q.shift), Step: step.Seconds(), Items: []Trend{}, Stats: c.Stats()}
	for _, s := range now {
		if t := of(s.pattern); t != nil && s.at >= 0 && int(s.at) < n {
			t.Buckets[s.at] += s.count
			t.Count += s.count
			out.Total += s.count
		}
	}
	for _, s := range past {
		if t := of(s.pattern); t != nil {
			t.Before += s.count
		}
	}
	for _, t := range trends {
		if t.Count+t.Before == 0 {
			continue
		}
		t.Change = changeOf(t, from)
		if q.change != "" && t.Change != q.change || q.contains != "" && !strings.Contains(strings.ToLower(t.Template), strings.ToLower(q.contains)) {
			continue
		}
		out.Items = append(out.Items, *t)
	}
	order(out.Items, q.sort)
	out.Found = len(out.Items)
	out.Items = out.Items[:min(len(out.Items), q.limit)]
	return out, nil
}

// trends makes one for each pattern, and says which one an id, old or new, is of.
func (c *Component) trends(rows []row) (map[string]*Trend, func(string) string) {
	became := map[string]string{}
	c.lock()
	for _, r := range rows {
		if id := c.miner.Current(r.id); id != "" && id != r.id {
			became[r.id] = id
		} else if r.became != "" {
			became[r.id] = r.became
		}
	}
	c.unlock()
	ids := func(id string) string {
		for range 8 { // what became another may have become a third
			next, ok := became[id]
			if !ok {
				break
			}
			id = next
		}
		return id
	}
	trends, all := map[string]*Trend{}, map[string][]string{}
	for _, r := range rows {
		if id := ids(r.id); id == r.id {
			trends[id] = &Trend{ID: id, Template: r.template, FirstSeen: core.FromMicros(r.first), LastSeen: core.FromMicros(r.last)}
		}
		all[ids(r.id)] = append(all[ids(r.id)], r.id)
	}
	for _, r := range rows {
		if t := trends[ids(r.id)]; t != nil && r.first < core.Micros(t.FirstSeen) {
			t.FirstSeen = core.FromMicros(r.first)
		}
	}
	for id, t := range trends {
		t.Query = c.queryOf(id, all[id])
	}
	return trends, ids
}

// queryOf finds the lines of a pattern under all ids it had.
func (c *Component) queryOf(id string, old []string) string {
	c.lock()
	if p, ok := c.miner.Get(id); ok {
		old = append(append([]string{p.ID}, p.Aliases...), old...)
	}
	c.unlock()
	old = append(old, id)
	slices.Sort(old)
	old = slices.Compact(old)
	if len(old) == 1 {
		return Field + `:="` + id + `"`
	}
	return Field + `:in("` + strings.Join(old, `","`) + `")`
}

// changeOf says what stands out: a difference of more than a factor of two that
// chance explains less than once in ten thousand (the counts taken as Poisson's).
func changeOf(t *Trend, from time.Time) Change {
	now, before := float64(t.Count), float64(t.Before)
	switch {
	case t.Count > 0 && t.Before == 0 && !t.FirstSeen.Before(from):
		return IsNew
	case t.Count > 2 && t.Before == 0:
		return IsBack
	case t.Count == 0 && t.Before > 2:
		return IsVanished
	}
	if math.Abs(now-before)/math.Sqrt(now+before) < 3.9 {
		return ""
	}
	switch {
	case now > 2*before:
		return IsMore
	case before > 2*now:
		return IsLess
	}
	return ""
}

// rank puts what stands out first.
func rank(c Change) int {
	return slices.Index([]Change{IsNew, IsVanished, IsBack, IsMore, IsLess, ""}, c)
}

func order(list []Trend, by string) {
	slices.SortFunc(list, func(a, b Trend) int {
		first := 0
		switch by {
		case "change":
			first = cmp.Compare(rank(a.Change), rank(b.Change))
		case "firstSeen":
			first = b.FirstSeen.Compare(a.FirstSeen)
		case "rare":
			first = cmp.Compare(a.Count+a.Before, b.Count+b.Before)
		}
		return cmp.Or(first, cmp.Compare(b.Count, a.Count), cmp.Compare(b.Before, a.Before), cmp.Compare(a.ID, b.ID))
	})
}

func sortApps(list []AppHits) {
	slices.SortFunc(list, func(a, b AppHits) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.App, b.App)) })
}
