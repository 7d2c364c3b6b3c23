package logrules

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/platform/logstore"
)

const (
	previewSteps  = 360 // evaluations of a preview, at most
	previewLines  = 8   // groups that are drawn
	previewFiring = 200 // firings that are named
)

// Preview is what a rule would have seen and done in a range.
type Preview struct {
	Start   time.Time `json:"start"`
	End     time.Time `json:"end"`
	Step    float64   `json:"step" doc:"seconds between evaluations; more than every when the range is long"`
	Records int64     `json:"records" doc:"that match"`
	Groups  int       `json:"groups" doc:"combinations of the fields that records have"`
	Over    int       `json:"over" doc:"groups that are left out, because they are too many"`
	Lines   []Line    `json:"lines" nullable:"false" doc:"of the groups with the most records: what is compared with above, or the records of a step when there is no event"`
	Firings []Firing  `json:"firings" nullable:"false" doc:"alerts that would have been open, the first first"`
	Fired   int       `json:"fired" doc:"how many, those that are not named included"`
}

// Line is a group over time: one value at each evaluation.
type Line struct {
	Labels map[string]string `json:"labels"`
	Values []int64           `json:"values" nullable:"false"`
}

// Firing is an alert that would have been open.
type Firing struct {
	Labels map[string]string `json:"labels"`
	From   time.Time         `json:"from"`
	To     *time.Time        `json:"to,omitempty" doc:"absent: it still is"`
	Peak   int64             `json:"peak"`
}

// Try says what a rule would have done between start and end. It asks the log
// store once and tells nobody.
func (c *Component) Try(ctx context.Context, spec Spec, start, end time.Time) (*Preview, error) {
	if err := spec.validate(); err != nil {
		return nil, err
	}
	step := spec.every()
	if least := end.Sub(start) / previewSteps; step < least {
		step = (least + time.Second - 1) / time.Second * time.Second
	}
	width := 1 // steps that are counted together
	if spec.Event != nil {
		width = max(1, int((spec.Event.window()+step-1)/step))
	}
	start, end = start.Truncate(step), end.Truncate(step)
	n := int(end.Sub(start) / step)
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	if err := c.mayRead(ctx, spec); err != nil {
		return nil, err
	}
	begin := start.Add(-time.Duration(width-1) * step)
	counts, over, err := c.steps(ctx, spec, begin, end, step)
	if err != nil {
		return nil, err
	}
	p := &Preview{Start: start, End: end, Step: step.Seconds(), Groups: len(counts) + over, Over: over, Lines: []Line{}, Firings: []Firing{}}
	keys := make([]string, 0, len(counts))
	totals := map[string]int64{}
	for key, g := range counts {
		keys = append(keys, key)
		for _, v := range g.counts[width-1:] {
			totals[key] += v
		}
		p.Records += totals[key]
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(totals[b], totals[a]), cmp.Compare(a, b)) })
	for _, key := range keys {
		values := slide(counts[key].counts, width, n)
		if len(p.Lines) < previewLines {
			p.Lines = append(p.Lines, Line{counts[key].labels, values})
		}
		if spec.Event != nil {
			p.Firings = append(p.Firings, firings(counts[key].labels, values, spec.Event.Above, start, step)...)
		}
	}
	slices.SortStableFunc(p.Firings, func(a, b Firing) int { return a.From.Compare(b.From) })
	p.Fired = len(p.Firings)
	p.Firings = p.Firings[:min(p.Fired, previewFiring)]
	return p, nil
}

// stepped is a group and its records of each step.
type stepped struct {
	labels map[string]string
	counts []int64
}

// steps counts the records of each group in each step from begin to end.
func (c *Component) steps(ctx context.Context, spec Spec, begin, end time.Time, step time.Duration) (map[string]stepped, int, error) {
	fields := spec.fields()
	by := []string{"_time:" + strconv.FormatInt(int64(step/time.Second), 10) + "s"}
	for _, f := range fields {
		by = append(by, strconv.Quote(f))
	}
	expr := c.queryOf(spec) + " | stats by (" + strings.Join(by, ", ") + ") count() as lines"
	n := int(end.Sub(begin) / step)
	out, over := map[string]stepped{}, map[string]bool{}
	for row, err := range c.deps.Logs.Query(ctx, logstore.Query{Expr: expr, Start: begin, End: end.Add(-time.Nanosecond), Only: c.only(spec)}) {
		if err != nil {
			return nil, 0, err
		}
		at, err := time.Parse(time.RFC3339Nano, row[logstore.TimeField])
		if err != nil {
			return nil, 0, err
		}
		count, err := strconv.ParseInt(row["lines"], 10, 64)
		if err != nil {
			return nil, 0, err
		}
		key, labels := groupOf(fields, row)
		g, known := out[key]
		if !known {
			if len(out) >= c.cfg.MaxGroups {
				over[key] = true
				continue
			}
			g = stepped{labels, make([]int64, n)}
			out[key] = g
		}
		if i := int(at.Sub(begin) / step); i >= 0 && i < n {
			g.counts[i] += count
		}
	}
	return out, len(over), nil
}

// slide sums each width neighbours; there are n sums.
func slide(counts []int64, width, n int) []int64 {
	out := make([]int64, 0, n)
	var sum int64
	for i, v := range counts {
		sum += v
		if i >= width {
			sum -= counts[i-width]
		}
		if i >= width-1 && len(out) < n {
			out = append(out, sum)
		}
	}
	return out
}

// firings are the stretches above the threshold; a value is known at the end of
// its step.
func firings(labels map[string]string, values []int64, above int64, start time.Time, step time.Duration) []Firing {
	var out []Firing
	open := false
	for i, v := range values {
		at := start.Add(time.Duration(i+1) * step)
		switch {
		case v > above && !open:
			out = append(out, Firing{Labels: labels, From: at, Peak: v})
			open = true
		case v > above:
			last := &out[len(out)-1]
			last.Peak = max(last.Peak, v)
		case open:
			out[len(out)-1].To = &at
			open = false
		}
	}
	return out
}
