package rules

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"mainstay/internal/platform/metricstore"
)

// Alert is one series of an alerting rule that counts, or may come to.
type Alert struct {
	Labels      map[string]string `json:"labels"` // without alertname
	Annotations map[string]string `json:"annotations,omitempty"`
	Item        string            `json:"item,omitempty"` // id of the item it is about
	Title       string            `json:"title"`
	Details     string            `json:"details,omitempty"`
	ActiveAt    time.Time         `json:"activeAt"`
	Firing      bool              `json:"firing"`
	GoneAt      time.Time         `json:"goneAt"` // since when a firing series is missing
	Value       float64           `json:"value"`  // 0 for what JSON cannot write
}

// Look evaluates an alerting rule at a time: the alerts of its series by
// fingerprint, all as if they had come now. A template that fails leaves its
// error in the text, and as fault.
func (s Setting) Look(ctx context.Context, r *Compiled, at time.Time) (seen map[string]Alert, fault, err error) {
	res, err := s.ask(ctx, r, at.Add(-r.Offset))
	if err != nil {
		return nil, nil, err
	}
	if s.Most > 0 && len(res.Series) > s.Most {
		return nil, nil, fmt.Errorf("the expression gives %d series, more than %d", len(res.Series), s.Most)
	}
	seen = make(map[string]Alert, len(res.Series))
	for _, one := range res.Series {
		a, failed := s.alert(ctx, r, one, at)
		if failed != nil {
			fault = failed
		}
		fp := Fingerprint(a.Labels)
		if _, twice := seen[fp]; twice {
			return nil, nil, fmt.Errorf("two series of the expression have the labels %v", a.Labels)
		}
		seen[fp] = a
	}
	return seen, fault, nil
}

// ask gives the series of the rule's expression, of its items.
func (s Setting) ask(ctx context.Context, r *Compiled, at time.Time) (metricstore.Result, error) {
	res, err := s.Query(ctx, r.Expr, at)
	if err != nil {
		return res, err
	}
	return s.within(ctx, r, res)
}

// within leaves out the series of other items; the result that is given may be
// shared and stays as it is.
func (s Setting) within(ctx context.Context, r *Compiled, res metricstore.Result) (metricstore.Result, error) {
	if r.Items == "" {
		return res, nil
	}
	holds, err := s.Of(ctx, r.Items)
	if err != nil {
		return res, fmt.Errorf("the items of %s cannot be found: %w", r.Items, err)
	}
	var kept []metricstore.Series
	for _, one := range res.Series {
		if holds(ctx, one.Labels.Get) {
			kept = append(kept, one)
		}
	}
	res.Series = kept
	return res, nil
}

// Fingerprint tells the alerts of one rule apart.
func Fingerprint(own map[string]string) string {
	return strconv.FormatUint(labels.FromMap(own).Hash(), 16)
}

func (s Setting) alert(ctx context.Context, r *Compiled, one metricstore.Series, at time.Time) (a Alert, fault error) {
	own := one.Labels.Map()
	var value float64
	if n := len(one.Points); n > 0 {
		value = one.Points[n-1].F
	}
	expand := func(what string, t Text) string {
		text, err := s.expand(ctx, r.Name, t.Value, own, value, one.Histogram, at)
		if err != nil {
			fault = fmt.Errorf("the template of %s %s fails: %w", what, t.Name, err)
			return "<error expanding template: " + err.Error() + ">"
		}
		return text
	}
	all := make(map[string]string, len(own)+len(r.Labels))
	for k, v := range own {
		if k != labels.MetricName && k != labels.AlertName {
			all[k] = v
		}
	}
	for _, t := range r.Labels {
		if v := expand("label", t); v != "" {
			all[t.Name] = v
		} else {
			delete(all, t.Name)
		}
	}
	a = Alert{Labels: all, ActiveAt: at, Value: value}
	if len(r.Annotations) > 0 {
		a.Annotations = make(map[string]string, len(r.Annotations))
		for _, t := range r.Annotations {
			a.Annotations[t.Name] = expand("annotation", t)
		}
	}
	a.Title = first(a.Annotations, r.Name, "title", "summary")
	a.Details = first(a.Annotations, "", "details", "description", "message")
	if math.IsNaN(value) || math.IsInf(value, 0) {
		a.Value = 0 // the texts have it
	}
	return a, fault
}

// first is the first annotation of these names that is there.
func first(annotations map[string]string, without string, names ...string) string {
	for _, name := range names {
		if text := annotations[name]; text != "" {
			return text
		}
	}
	return without
}

// Record evaluates a recording rule: the samples it writes.
func (s Setting) Record(ctx context.Context, r *Compiled, at time.Time) ([]Sample, error) {
	at = at.Add(-r.Offset)
	res, err := s.ask(ctx, r, at)
	if err != nil {
		return nil, err
	}
	most := r.Limit
	if most == 0 || s.Most > 0 && s.Most < most {
		most = s.Most
	}
	if most > 0 && len(res.Series) > most {
		return nil, fmt.Errorf("the expression gives %d series, more than the limit of %d", len(res.Series), most)
	}
	out := make([]Sample, 0, len(res.Series))
	twice := make(map[metricstore.Labels]bool, len(res.Series))
	b := labels.NewBuilder(labels.EmptyLabels())
	for _, one := range res.Series {
		b.Reset(one.Labels)
		b.Set(labels.MetricName, r.Name)
		for _, t := range r.Labels {
			b.Set(t.Name, t.Value)
		}
		written := sample(b.Labels(), at, 0)
		written.H = one.Histogram
		if n := len(one.Points); n > 0 {
			written.V = one.Points[n-1].F
		}
		if twice[written.Labels] {
			return nil, fmt.Errorf("two series of the expression have the labels %v", written.Labels)
		}
		twice[written.Labels] = true
		out = append(out, written)
	}
	return out, nil
}
