package ruletest

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"mainstay/internal/monitor/rules"
	"mainstay/internal/platform/metricstore"
)

// Outcome is what became of one test.
type Outcome struct {
	Test   string   `json:"test"`
	Failed []string `json:"failed,omitempty"`
}

// Run runs the tests of a file. The error is about the file itself.
func Run(ctx context.Context, path string) ([]Outcome, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file, err := Parse(text)
	if err != nil {
		return nil, err
	}
	groups, err := file.load(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	var out []Outcome
	for i := range file.Tests {
		failed, err := file.run(ctx, &file.Tests[i], groups)
		if err != nil {
			failed = append(failed, err.Error())
		}
		out = append(out, Outcome{Test: file.Tests[i].Name, Failed: failed})
	}
	return out, nil
}

// trial is one test under way.
type trial struct {
	*Test
	store  metricstore.Store
	rules  []*ruleState
	series []input
	next   int // of the samples that are not loaded yet
	within func(a, b float64) bool
}

type ruleState struct {
	ready  *rules.Compiled
	alerts map[string]rules.Alert
	series map[metricstore.Labels]bool
}

type input struct {
	labels metricstore.Labels
	values []parser.SequenceValue
}

func (f File) run(ctx context.Context, t *Test, groups []rules.Group) (failed []string, err error) {
	directory, err := os.MkdirTemp("", "mainstay-rules-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(directory)
	cfg := metricstore.Defaults()
	cfg.Directory, cfg.MinFree, cfg.Retention = directory, 1, math.MaxInt64 // a test may span what a duration can hold
	cfg.Retention5m, cfg.Retention1h = 0, 0
	cfg.OwnMetrics = false // of today, which makes the test's samples too old
	store, err := metricstore.Open(cfg, metricstore.Dependencies{})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	run := &trial{Test: t, store: store, within: exactly}
	if f.FuzzyCompare {
		run.within = nearly
	}
	for i := range groups {
		for j := range groups[i].Rules {
			run.rules = append(run.rules, &ruleState{ready: groups[i].Compile(&groups[i].Rules[j])})
		}
	}
	p := parser.NewParser(parser.Options{})
	for _, in := range t.InputSeries {
		labels, values, err := p.ParseSeriesDesc(in.Series + " " + in.Values)
		if err != nil {
			return nil, fmt.Errorf("the series %s cannot be read: %w", in.Series, err)
		}
		run.series = append(run.series, input{labels, values})
	}
	return run.all(ctx, f.EvaluationInterval.Std())
}

// last is the latest moment that anything is expected of.
func (t *Test) last() (d time.Duration) {
	for _, c := range t.AlertRuleTest {
		d = max(d, c.EvalTime.Std())
	}
	for _, c := range t.PromqlExprTest {
		d = max(d, c.EvalTime.Std())
	}
	return d
}

func (t *trial) all(ctx context.Context, every time.Duration) (failed []string, err error) {
	cases := slices.Clone(t.AlertRuleTest)
	slices.SortStableFunc(cases, func(a, b AlertCase) int { return int(a.EvalTime.Std() - b.EvalTime.Std()) })
	start := t.StartTimestamp.Time
	setting := rules.Setting{Query: t.store.Query, ExternalLabels: t.ExternalLabels, ExternalURL: t.ExternalURL}
	for d := time.Duration(0); d >= 0 && d <= t.last(); d += every { // below 0: past what a duration can hold
		if err := t.load(ctx, d); err != nil {
			return failed, err
		}
		for _, r := range t.rules {
			if err := r.evaluate(ctx, t.store, setting, start.Add(d)); err != nil {
				return failed, fmt.Errorf("the rule %s fails at %v: %w", r.ready.Name, d, err)
			}
		}
		for len(cases) > 0 && cases[0].EvalTime.Std() < d+every {
			failed = append(failed, t.compareAlerts(cases[0])...)
			cases = cases[1:]
		}
	}
	for _, c := range t.PromqlExprTest {
		failed = append(failed, t.compareExpr(ctx, c, start.Add(c.EvalTime.Std()))...)
	}
	return failed, nil
}

// load stores the samples up to a moment.
func (t *trial) load(ctx context.Context, until time.Duration) error {
	longest := 0
	for _, in := range t.series {
		longest = max(longest, len(in.values))
	}
	for ; t.next < longest && time.Duration(t.next)*t.Interval.Std() <= until; t.next++ {
		at := t.StartTimestamp.Add(time.Duration(t.next) * t.Interval.Std())
		var samples []rules.Sample
		for _, in := range t.series {
			if t.next < len(in.values) && !in.values[t.next].Omitted {
				v := in.values[t.next]
				samples = append(samples, rules.Sample{Sample: metricstore.Sample{Labels: in.labels, T: at, V: v.Value}, H: v.Histogram})
			}
		}
		if err := write(ctx, t.store, samples); err != nil {
			return fmt.Errorf("the samples at %v cannot be loaded: %w", at.Sub(t.StartTimestamp.Time), err)
		}
	}
	return nil
}

func write(ctx context.Context, store metricstore.Store, samples []rules.Sample) error {
	numbers, histograms := rules.Split(samples)
	if err := store.Append(ctx, numbers); err != nil {
		return err
	}
	return store.AppendHistograms(ctx, histograms)
}

// evaluate is what the running system does with a rule.
func (r *ruleState) evaluate(ctx context.Context, store metricstore.Store, setting rules.Setting, at time.Time) error {
	var samples []rules.Sample
	if r.ready.Record {
		var err error
		if samples, err = setting.Record(ctx, r.ready, at); err != nil {
			return err
		}
	} else {
		seen, _, err := setting.Look(ctx, r.ready, at)
		if err != nil {
			return err
		}
		after, _ := r.ready.Step(r.alerts, seen, at, false)
		if err := r.ready.Within(after); err != nil {
			return err
		}
		r.alerts = after
		samples = r.ready.Samples(after, at)
	}
	samples, r.series = r.ready.Stale(r.series, samples, at)
	return write(ctx, store, samples)
}
