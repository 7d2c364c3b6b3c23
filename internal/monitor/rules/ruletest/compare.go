package ruletest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

func exactly(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func nearly(a, b float64) bool {
	return exactly(a, b) || math.Nextafter(a, math.Inf(-1)) == b || math.Nextafter(a, math.Inf(1)) == b
}

// compareAlerts compares what fires now with what is expected.
func (t *trial) compareAlerts(c AlertCase) []string {
	var got, want []string
	for _, r := range t.rules {
		if r.ready.Record || r.ready.Name != c.Alertname {
			continue
		}
		for _, a := range r.alerts {
			if a.Firing {
				got = append(got, line(a.Labels, a.Annotations))
			}
		}
	}
	for _, a := range c.ExpAlerts {
		delete(a.ExpLabels, labels.AlertName)
		want = append(want, line(a.ExpLabels, a.ExpAnnotations))
	}
	slices.Sort(got)
	slices.Sort(want)
	if slices.Equal(got, want) {
		return nil
	}
	return []string{fmt.Sprintf("the alerts %s at %v:\n  expected: %s\n       got: %s", c.Alertname, c.EvalTime.Std(), listed(want), listed(got))}
}

func line(own, annotations map[string]string) string {
	text := labels.FromMap(own).String()
	if len(annotations) > 0 {
		text += " with " + labels.FromMap(annotations).String()
	}
	return text
}

func listed(lines []string) string {
	if len(lines) == 0 {
		return "none"
	}
	return strings.Join(lines, "\n            ")
}

// point is a sample of an expression.
type point struct {
	labels labels.Labels
	v      float64
	h      *histogram.FloatHistogram
}

func (p point) String() string {
	if p.h != nil {
		return p.labels.String() + " " + p.h.String()
	}
	return fmt.Sprintf("%s %v", p.labels, p.v)
}

func (t *trial) same(a, b point) bool {
	switch {
	case !labels.Equal(a.labels, b.labels), (a.h == nil) != (b.h == nil):
		return false
	case a.h != nil:
		return a.h.Copy().Compact(0).Equals(b.h.Copy().Compact(0))
	}
	return t.within(a.v, b.v)
}

func (t *trial) compareExpr(ctx context.Context, c ExprCase, at time.Time) []string {
	where := fmt.Sprintf("%s at %v", c.Expr, c.EvalTime.Std())
	res, err := t.store.Query(ctx, c.Expr, at)
	if err != nil {
		return []string{where + " fails: " + err.Error()}
	}
	var got, want []point
	for _, s := range res.Series {
		p := point{labels: s.Labels, h: s.Histogram}
		if n := len(s.Points); n > 0 {
			p.v = s.Points[n-1].F
		}
		got = append(got, p)
	}
	for _, s := range c.ExpSamples {
		p, err := s.point()
		if err != nil {
			return []string{where + ": " + err.Error()}
		}
		want = append(want, p)
	}
	order := func(a, b point) int { return labels.Compare(a.labels, b.labels) }
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if slices.EqualFunc(got, want, t.same) {
		return nil
	}
	return []string{fmt.Sprintf("%s:\n  expected: %v\n       got: %v", where, want, got)}
}

func (s Sample) point() (p point, err error) {
	parse := parser.NewParser(parser.Options{})
	p.v = s.Value
	if s.Labels != "" {
		if p.labels, err = parse.ParseMetric(s.Labels); err != nil {
			return p, fmt.Errorf("the labels %s cannot be read: %w", s.Labels, err)
		}
	}
	if s.Histogram == "" {
		return p, nil
	}
	_, values, err := parse.ParseSeriesDesc("{} " + s.Histogram)
	if err != nil || len(values) != 1 || values[0].Histogram == nil {
		return p, fmt.Errorf("the histogram %s cannot be read: %w", s.Histogram, err)
	}
	p.h = values[0].Histogram
	return p, nil
}
