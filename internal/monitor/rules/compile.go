package rules

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/template"

	"mainstay/internal/platform/metricstore"
)

// Setting is what rules are evaluated in.
type Setting struct {
	// Query asks the metric store.
	Query func(ctx context.Context, expr string, at time.Time) (metricstore.Result, error)
	// ExternalLabels and ExternalURL are there for templates.
	ExternalLabels map[string]string
	ExternalURL    string
	// Most bounds the series of one rule; 0 is no bound.
	Most int
	// Of tells the items that a selector matches; rules with Items need it.
	Of func(ctx context.Context, selector string) (Holds, error)
}

// Holds says whether a series, by its labels, is of one of some items.
type Holds func(ctx context.Context, label func(name string) string) bool

// Compiled is a rule made ready: it is evaluated again and again.
type Compiled struct {
	Name        string
	Record      bool
	Expr        string
	Items       string        // selector: series of other items are left out
	For, Keep   time.Duration // Keep: how long a firing alert outlives its series
	Offset      time.Duration // how far in the past it looks
	Limit       int           // the most alerts or series; 0 is no limit
	Labels      []Text        // by name
	Annotations []Text        // by name
}

// Text is a label or an annotation; its value may be a template.
type Text struct{ Name, Value string }

// Texts are the entries of a map, by name.
func Texts(m map[string]string) []Text {
	out := make([]Text, 0, len(m))
	for k, v := range m {
		out = append(out, Text{k, v})
	}
	slices.SortFunc(out, func(a, b Text) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Compile makes a rule of the group ready.
func (g *Group) Compile(r *Rule) *Compiled {
	return &Compiled{Name: r.Name(), Record: r.Record != "", Expr: r.Expr, For: r.For.Std(), Keep: r.KeepFiringFor.Std(), Offset: g.Offset(), Limit: g.Limit,
		Labels: Texts(g.labelsOf(r)), Annotations: Texts(r.Annotations)}
}

// variables are those of Prometheus' alert templates.
const variables = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"

func (s Setting) expander(ctx context.Context, name, text string, labels map[string]string, v float64, h *histogram.FloatHistogram, at time.Time) *template.Expander {
	data := template.AlertTemplateData(labels, s.ExternalLabels, s.ExternalURL, promql.Sample{F: v, H: h})
	external, err := url.Parse(s.ExternalURL)
	if err != nil {
		external = &url.URL{}
	}
	return template.NewTemplateExpander(ctx, variables+text, "__alert_"+name, data, model.TimeFromUnixNano(at.UnixNano()), s.vector, external, nil)
}

// expand fills a text in.
func (s Setting) expand(ctx context.Context, name, text string, labels map[string]string, v float64, h *histogram.FloatHistogram, at time.Time) (string, error) {
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	return s.expander(ctx, name, text, labels, v, h, at).Expand()
}

// vector lets templates ask for other series.
func (s Setting) vector(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
	if s.Query == nil {
		return nil, nil
	}
	res, err := s.Query(ctx, expr, at)
	if err != nil {
		return nil, err
	}
	out := make(promql.Vector, 0, len(res.Series))
	for _, one := range res.Series {
		sample := promql.Sample{Metric: one.Labels, T: at.UnixMilli(), H: one.Histogram}
		if n := len(one.Points); n > 0 {
			sample.F = one.Points[n-1].F
		}
		out = append(out, sample)
	}
	return out, nil
}
