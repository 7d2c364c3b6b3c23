package monitor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/rules"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// hosts binds series to items by their label instance.
type hosts map[string]string

func (h hosts) Bind(_ context.Context, label func(string) string) string { return h[label("instance")] }

// until waits until ok says so.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func (b *bench) sample(v float64, name string, pairs ...string) {
	b.t.Helper()
	err := b.metrics.Append(context.Background(), []metricstore.Sample{{Labels: metricstore.NewLabels(name, pairs...), T: time.Now(), V: v}})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) ruleFile(name, text string) {
	b.t.Helper()
	file, err := rules.Parse([]byte(text))
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.c.PutRuleFile(context.Background(), name, RuleFileSpec{Groups: file.Groups}); err != nil {
		b.t.Fatal(err)
	}
}

const diskFile = `groups:
  - name: disks
    interval: 20ms
    labels: {origin: file}
    rules:
      - record: job:disk:avg
        expr: avg by (instance) (disk_used)
      - alert: DiskFull
        expr: job:disk:avg > 0.9
        labels: {severity: page}
        annotations: {summary: "{{ $labels.instance }} is {{ $value | humanizePercentage }} full", runbook_url: "https://runbooks/disk"}
      - alert: DiskFull
        expr: job:disk:avg > 0.8
        labels: {severity: warning}
`

func TestARuleFileIsEvaluatedInOrder(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := newBench(t, db)
		b.deps.Binder = hosts{"web1": itemID}
		b.sample(0.95, "disk_used", "instance", "web1")
		b.sample(0.5, "disk_used", "instance", "web2")
		b.start()
		b.ruleFile("disks", diskFile)
		events := b.wait(2)
		slices.SortFunc(events, func(x, y core.Event) int { return int(y.Severity - x.Severity) })
		if e := events[0]; e.Severity != core.Critical || e.Item != itemID || e.Title != "web1 is 95% full" || e.Labels["origin"] != "file" || !strings.Contains(e.Description, "https://runbooks/disk") {
			t.Fatalf("%+v", e)
		}
		if e := events[1]; e.Severity != core.Warning || e.Title != "DiskFull" || e.Item != itemID {
			t.Fatalf("%+v", e)
		}
		until(t, "the series of the rules are there", func() bool {
			res, err := b.metrics.Query(context.Background(), `count({__name__=~"job:disk:avg|ALERTS", origin="file"})`, time.Now())
			return err == nil && len(res.Series) == 1 && res.Series[0].Points[0].F == 4
		})
		page := b.as(auth.System("test")).call("GET", "/metric-rules?where=file%3Ddisks", nil, 200)["items"].([]any)
		if len(page) != 3 {
			t.Fatalf("%v", page)
		}
		status, err := b.c.MetricRules(context.Background())
		if err != nil || len(status) != 3 || !status[0].Record || status[1].Group != "disks" || status[1].File != "disks" || status[1].Name != "DiskFull" {
			t.Fatalf("%+v %v", status, err)
		}
		// A rule of a file is changed in the file.
		if _, _, err := b.c.PutRule(context.Background(), "disks / disks / DiskFull", RuleSpec{Expr: "up"}, ""); err == nil {
			t.Error("a rule of a file was changed by itself")
		}
		// What stays keeps its alerts, what goes ends them.
		b.ruleFile("disks", strings.Replace(strings.Split(diskFile, "      - alert: DiskFull\n        expr: job:disk:avg > 0.8")[0], "0.9", "0.91", 1))
		if e := b.wait(3)[2]; e.Kind != core.Cleared || e.Title != "DiskFull" {
			t.Fatalf("%+v", e)
		}
		// An empty series of a recording rule ends at once.
		b.sample(0.5, "disk_used", "instance", "web1")
		if e := b.wait(4)[3]; e.Kind != core.Cleared || e.Key != events[0].Key {
			t.Fatalf("%+v", e)
		}
		if n := len(b.events.all()); n != 4 {
			t.Fatalf("%d events", n)
		}
	})
}

func TestSeriesOfARecordingRuleEndWithIt(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.sample(1, "up", "instance", "web1")
	b.start()
	there := func(want int) func() bool {
		return func() bool {
			res, err := b.metrics.Query(context.Background(), `instance:up:copy`, time.Now())
			return err == nil && len(res.Series) == want
		}
	}
	if _, _, err := b.c.PutRule(context.Background(), "copy", RuleSpec{Record: "instance:up:copy", Expr: "up", Interval: probe.Duration(20 * time.Millisecond)}, ""); err != nil {
		t.Fatal(err)
	}
	until(t, "it is recorded", there(1))
	if err := b.c.DeleteRule(context.Background(), "copy", ""); err != nil {
		t.Fatal(err)
	}
	until(t, "its series has ended", there(0))
}

// TestBadRulesAmongThousands has every way a rule can be bad among many that
// are good: the good ones fire, the bad ones are told of, each once.
func TestBadRulesAmongThousands(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	for i := range 40 {
		b.sample(1, "m", "x", fmt.Sprint(i), "one", "1")
	}
	b.deps.Metrics = slow{b.metrics}
	b.start()
	var file strings.Builder
	file.WriteString("groups:\n")
	const groups, each = 100, 20
	for g := range groups {
		fmt.Fprintf(&file, "  - name: good%d\n    interval: 3s\n    rules:\n", g)
		for r := range each {
			fmt.Fprintf(&file, "      - {alert: Good%d, expr: 'm{x=\"%d\"} > %d'}\n", r, r, g%2)
		}
	}
	b.ruleFile("good", file.String())
	b.ruleFile("bad", `groups:
  - name: many
    interval: 50ms
    rules: [{alert: ManyToMany, expr: 'm * on (one) m'}, {alert: Fine, expr: 'm{x="0"}'}]
  - {name: takes-long, interval: 50ms, rules: [{alert: Slow, expr: slow_query}]}
  - {name: over-limit, interval: 50ms, limit: 3, rules: [{alert: Limit, expr: m}]}
  - {name: over-limit-recording, interval: 50ms, limit: 3, rules: [{record: limited, expr: m}]}
  - {name: twice, interval: 50ms, rules: [{record: twice, expr: m, labels: {x: same}}]}
  - {name: template, interval: 50ms, rules: [{alert: Template, expr: 'm{x="1"}', annotations: {summary: '{{ query "sum(" | first | value }}'}}]}
`)
	// 50 groups of even number fire (1 > 0), and Fine and Template beside the six bad ones.
	want := groups/2*each + 2
	count := func() (firing int, told map[string]string) {
		told = map[string]string{}
		for _, e := range b.events.all() {
			switch {
			case strings.HasPrefix(e.Key, "rules:"):
				told[e.Labels["group"]] = e.Title
			case e.Kind == core.Problem:
				firing++
			}
		}
		return firing, told
	}
	until(t, "all good rules fire and all bad ones are told", func() bool {
		firing, told := count()
		return firing == want && len(told) == 6
	})
	_, told := count()
	for group, part := range map[string]string{"many": "1 of 2 rules of the group many in the rule file bad cannot be evaluated: ManyToMany: ", "takes-long": "took longer than", "over-limit": "limit of 3",
		"over-limit-recording": "limit of 3", "twice": "two series", "template": "template of annotation summary"} {
		if !strings.Contains(told[group], part) {
			t.Errorf("%s: %q", group, told[group])
		}
	}
	status, err := b.c.MetricRules(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	bad := 0
	for _, st := range status {
		if st.Health == "err" {
			bad++
		}
	}
	if bad != 6 {
		t.Errorf("%d rules are unwell", bad)
	}
	// One that is mended is over.
	b.ruleFile("bad", "groups: [{name: twice, interval: 50ms, rules: [{record: twice, expr: m}]}]")
	until(t, "what was told is cleared", func() bool {
		cleared := 0
		for _, e := range b.events.all() {
			if strings.HasPrefix(e.Key, "rules:") && e.Kind == core.Cleared {
				cleared++
			}
		}
		return cleared == 6
	})
}

// slow is a metric store in which one query never ends by itself.
type slow struct{ Metrics }

func (s slow) Query(ctx context.Context, expr string, at time.Time) (metricstore.Result, error) {
	if expr == "slow_query" {
		<-ctx.Done()
		return metricstore.Result{}, ctx.Err()
	}
	return s.Metrics.Query(ctx, expr, at)
}

func TestTroubleBeyondTheBoundIsOneAlert(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.sample(1, "m", "x", "1")
	b.sample(1, "m", "x", "2")
	b.start()
	var file strings.Builder
	file.WriteString("groups:\n")
	for g := range maxTroubles + 20 {
		fmt.Fprintf(&file, "  - {name: g%d, interval: 40ms, rules: [{record: twice%d, expr: m, labels: {x: same}}]}\n", g, g)
	}
	b.ruleFile("bad", file.String())
	got := b.wait(maxTroubles + 1)
	more := 0
	for _, e := range got {
		if e.Key == "rules:more" {
			more++
		}
	}
	if more != 1 || len(got) != maxTroubles+1 {
		t.Fatalf("%d events, %d of them about more", len(got), more)
	}
}

func TestAFileThatIsAtFaultIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.start()
	_, err := b.c.PutRuleFile(context.Background(), "x", RuleFileSpec{Groups: []rules.Group{{Name: "a", Interval: 1, Rules: []rules.Rule{{Alert: "x", Expr: "sum("}}}}})
	var e *core.Error
	if !errors.As(err, &e) || len(e.Details) != 2 || e.Details[0].Field != "spec.groups[0].rules[0].expr" || e.Details[1].Field != "spec.groups[0].interval" {
		t.Fatalf("%v", err)
	}
}

func TestRulesThatAskTheSameShareTheAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.sample(1, "m", "x", "1")
	b.start()
	for i := range 8 {
		spec := RuleSpec{Expr: "m > 0", Interval: probe.Duration(100 * time.Millisecond), Labels: map[string]string{"copy": fmt.Sprint(i)}}
		if _, _, err := b.c.PutRule(context.Background(), fmt.Sprintf("copy%d", i), spec, ""); err != nil {
			t.Fatal(err)
		}
	}
	b.wait(8)
	book := b.c.leader.Load().rules
	until(t, "most answers are shared", func() bool {
		return book.done.Load() > 40 && book.reuse.spared()*2 > book.done.Load()
	})
}
