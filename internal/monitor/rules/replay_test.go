package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/metricstore"
)

// TestAReplayIsWhatEvaluationWouldHaveDone compares a replay with the rule
// evaluated step by step over the same series.
func TestAReplayIsWhatEvaluationWouldHaveDone(t *testing.T) {
	t.Parallel()
	cfg := metricstore.Defaults()
	cfg.Directory, cfg.MinFree = t.TempDir(), 1
	store, err := metricstore.Open(cfg, metricstore.Dependencies{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	from := time.Now().Add(-30 * time.Hour).Truncate(time.Minute).UTC()
	to := from.Add(29 * time.Hour)
	for i := 0; !from.Add(time.Duration(i) * time.Minute).After(to); i++ {
		at := from.Add(time.Duration(i) * time.Minute)
		samples := []metricstore.Sample{}
		for n := range 3 {
			// Saws of different lengths; the last has gaps.
			if n == 2 && i/50%3 == 1 {
				continue
			}
			samples = append(samples, metricstore.Sample{Labels: metricstore.NewLabels("used", "disk", fmt.Sprint(n)), T: at, V: float64(i % (37 + 20*n))})
		}
		if err := store.Append(t.Context(), samples); err != nil {
			t.Fatal(err)
		}
	}
	setting := Setting{Query: store.Query}
	for _, r := range []*Compiled{
		{Name: "at once", Expr: "used > 20"}, {Name: "after a while", Expr: "used > 20", For: 5 * time.Minute},
		{Name: "kept", Expr: "used > 30", For: 3 * time.Minute, Keep: 31 * time.Minute, Labels: []Text{{"team", "x{{ $labels.disk }}"}}},
		{Name: "late", Expr: "used < 5", Offset: 2 * time.Minute},
	} {
		var want, got []string
		var before map[string]Alert
		began := map[string]time.Time{}
		for at := from; !at.After(to); at = at.Add(time.Minute) {
			seen, _, err := setting.Look(t.Context(), r, at)
			if err != nil {
				t.Fatal(err)
			}
			after, _ := r.Step(before, seen, at, false)
			for fp, a := range before {
				if a.Firing && !after[fp].Firing {
					want = append(want, fmt.Sprint(a.Labels, began[fp], at))
				}
			}
			for fp, a := range after {
				if a.Firing && !before[fp].Firing {
					began[fp] = at
				}
			}
			before = after
		}
		for fp, a := range before {
			if a.Firing {
				want = append(want, fmt.Sprint(a.Labels, began[fp], time.Time{}))
			}
		}
		replay := Replay{Rule: r, Setting: setting, Range: store.QueryRange, From: from, To: to, Step: time.Minute, Most: 1000}
		found, err := replay.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range found.Episodes {
			got = append(got, fmt.Sprint(e.Labels, e.From, e.To))
		}
		slices.Sort(want)
		slices.Sort(got)
		if len(want) < 10 || !slices.Equal(want, got) || found.Fired != len(want) || !found.Until.Equal(to) {
			t.Errorf("%s: %d episodes, want %d\n%s\nwant\n%s", r.Name, len(got), len(want), strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		"up == 0": "up == 0", "(rate(x[5m]) > 0.5)": "rate(x[5m]) > 0.5", "5 < x": "x > 5", "x > -1 and on (a) y": "x > -1",
		"x > bool 1": "", "x > y": "", "x": "", "absent(x)": "",
	} {
		got := ""
		if c, ok := ConditionOf(expr); ok {
			got = fmt.Sprintf("%s %s %v", c.Expr, c.Op, c.Threshold)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
}
