package monitor

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/rules"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// BenchmarkRules evaluates 5,000 rules once, as every minute has it: half of
// them record, half alert, in groups of ten, over 10,000 series.
func BenchmarkRules(b *testing.B) {
	db := sqldbtest.SQLite(b)
	bench := newBench(b, db)
	now := time.Now()
	for minute := range 10 {
		samples := make([]metricstore.Sample, 0, 10_000)
		for i := range 10_000 {
			samples = append(samples, metricstore.Sample{Labels: metricstore.NewLabels("load", "host", fmt.Sprintf("h%d", i/10), "cpu", fmt.Sprint(i%10)),
				T: now.Add(time.Duration(minute-10) * time.Minute), V: float64((i*7 + minute) % 100)})
		}
		if err := bench.metrics.Append(b.Context(), samples); err != nil {
			b.Fatal(err)
		}
	}
	var file strings.Builder
	file.WriteString("groups:\n")
	for g := range 500 {
		fmt.Fprintf(&file, "  - name: g%d\n    rules:\n", g)
		for r := range 5 {
			host := (g*5 + r) % 1000
			fmt.Fprintf(&file, "      - {record: 'host:load:avg', expr: 'avg by (host) (avg_over_time(load{host=\"h%d\"}[5m]))', labels: {rule: r%d}}\n", host, g*5+r)
			fmt.Fprintf(&file, "      - {alert: Busy, expr: 'host:load:avg{rule=\"r%d\"} > %d', for: 5m, annotations: {summary: '{{ $labels.host }} is busy'}}\n", g*5+r, 40+r*10)
		}
	}
	parsed, err := rules.Parse([]byte(file.String()))
	if err != nil {
		b.Fatal(err)
	}
	bench.start()
	if _, err := bench.c.PutRuleFile(b.Context(), "bench", RuleFileSpec{Groups: parsed.Groups}); err != nil {
		b.Fatal(err)
	}
	_ = bench.c.Stop(b.Context()) // the passes below are the only ones
	e := newEngine(bench.c)
	if err := e.load(b.Context()); err != nil {
		b.Fatal(err)
	}
	began, pass := cpuTime(), 0
	for b.Loop() {
		at := now.Add(time.Duration(pass) * time.Second)
		for _, u := range e.rules.units {
			e.rules.evaluate(b.Context(), job{key: rulePrefix + u.id, at: at, slot: at})
		}
		pass++
	}
	if n := e.rules.done.Load(); n != int64(5000*pass) || e.rules.failed.Load() > 0 {
		b.Fatalf("%d evaluations in %d passes, %d failed", n, pass, e.rules.failed.Load())
	}
	spent := (cpuTime() - began).Seconds()
	b.ReportMetric(float64(5000*pass)/b.Elapsed().Seconds(), "rules/s")
	b.ReportMetric(float64(5000*pass)/spent, "rules/cpu-s")
	b.ReportMetric(spent/float64(pass)/60*100, "%-of-a-core") // when it is done every minute
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestAPreviewTellsWhenARuleWouldHaveFired tries a rule on an hour of history.
func TestAPreviewTellsWhenARuleWouldHaveFired(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.deps.Binder = hosts{"web1": itemID}
	to := time.Now().Truncate(time.Minute)
	for i := range 61 {
		v := 10.0
		if i >= 20 && i < 30 || i >= 40 && i < 42 {
			v = float64(50 + i)
		}
		if err := b.metrics.Append(t.Context(), []metricstore.Sample{{Labels: metricstore.NewLabels("load", "instance", "web1"), T: to.Add(time.Duration(i-60) * time.Minute), V: v}}); err != nil {
			t.Fatal(err)
		}
	}
	b.start()
	spec := RuleSpec{Expr: "load > 50", For: 3 * 60 * 1e9, Title: "{{ $labels.instance }} is busy"}
	got, err := b.c.PreviewRule(t.Context(), RuleTrial{Spec: spec, From: to.Add(-time.Hour), To: to}, time.Minute, nil)
	if err != nil || got.Fired != 1 || !got.Complete || got.Chart != "load" || got.Threshold == nil || *got.Threshold != 50 || len(got.Episodes) != 1 {
		t.Fatalf("%+v %v", got, err)
	}
	if e := got.Episodes[0]; !e.From.Equal(to.Add(-37*time.Minute)) || !e.To.Equal(to.Add(-30*time.Minute)) || e.Peak != 79 || e.Item != itemID || e.Title != "web1 is busy" {
		t.Errorf("%+v", e)
	}
	spec.Expr = "load >"
	if _, err := b.c.PreviewRule(t.Context(), RuleTrial{Spec: spec}, time.Minute, nil); core.CodeOf(err) != core.CodeInvalid {
		t.Error(err)
	}
}
