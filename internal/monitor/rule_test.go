package monitor

import (
	"context"
	"fmt"
	"maps"
	"os"
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

func TestRuleTable(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/rule.txt")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Unix(1_700_000_000, 0)
	var spec rules.Compiled
	var state map[string]ruleAlert
	for n, line := range strings.Split(string(raw), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "rule"); ok {
			spec, state = rules.Compiled{}, nil
			for _, option := range strings.Fields(rest) {
				name, value, _ := strings.Cut(option, "=")
				d, _ := time.ParseDuration(value)
				if name == "for" {
					spec.For = d
				} else {
					spec.Keep = d
				}
			}
			continue
		}
		left, want, _ := strings.Cut(line, "=")
		words := strings.Fields(left)
		d, err := time.ParseDuration(words[0])
		if err != nil {
			t.Fatalf("line %d: %v", n+1, err)
		}
		grace := words[len(words)-1] == "grace"
		seen := map[string]ruleAlert{}
		for _, w := range words[1:] {
			if w != "grace" {
				seen[w] = ruleAlert{ActiveAt: start.Add(d)}
			}
		}
		before := state
		var news []string
		state, news = spec.Step(before, seen, start.Add(d), grace)
		var got []string
		for fp, a := range state {
			kind := "pending"
			if a.Firing {
				kind = "firing"
			}
			if !a.GoneAt.IsZero() {
				kind = "kept"
			}
			got = append(got, fp+":"+kind)
		}
		for _, fp := range news {
			old, is := before[fp].Firing, state[fp].Firing
			if is && !old {
				got = append(got, fp+"!problem")
			} else if old && !is {
				got = append(got, fp+"!clear")
			}
		}
		slices.Sort(got)
		if line := strings.Join(got, " "); line != strings.TrimSpace(want) {
			t.Errorf("line %d: got %q, want %q", n+1, line, strings.TrimSpace(want))
		}
	}
}

func TestARuleFiresClearsAndSurvivesARestart(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := newBench(t, db)
		ctx := context.Background()
		set := func(v float64) {
			t.Helper()
			err := b.metrics.Append(ctx, []metricstore.Sample{
				{Labels: metricstore.NewLabels("temperature", "item", itemID, "room", "hall"), T: time.Now(), V: v},
				{Labels: metricstore.NewLabels("temperature", "item", "other"), T: time.Now(), V: 1},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		set(70)
		b.start()
		severity := core.Minor
		rule, _, err := b.c.PutRule(ctx, "hot", RuleSpec{
			Expr: "temperature > 50", Interval: probe.Duration(20 * time.Millisecond), For: probe.Duration(30 * time.Millisecond), Severity: &severity,
			Labels: map[string]string{"site": "{{ $labels.room }}-1"}, Title: "{{ $labels.room }} has {{ $value | humanize }} degrees", Details: "call {{ $labels.item }}",
		}, "")
		if err != nil {
			t.Fatal(err)
		}
		ev := b.wait(1)[0]
		if ev.Kind != core.Problem || ev.Item != itemID || ev.Title != "hall has 70 degrees" || ev.Severity != core.Minor || ev.Labels["site"] != "hall-1" ||
			!strings.HasPrefix(ev.Key, "rule:"+rule.ID+":") || ev.Description != "call "+itemID {
			t.Fatalf("%+v", ev)
		}
		for wait := time.Now(); ; time.Sleep(5 * time.Millisecond) { // the event is out a moment before
			status, err := b.c.MetricRules(ctx)
			if err != nil || len(status) != 1 || len(status[0].Alerts) != 1 || time.Since(wait) > 20*time.Second {
				t.Fatalf("%+v %v", status, err)
			}
			if status[0].Alerts[0].Firing {
				break
			}
		}
		series := b.as(auth.System("test")).call("GET", "/metric-rules/hot/series", nil, 200)["items"].([]any)
		if one, ok := series[0].(object); len(series) != 1 || !ok || one["item"] != itemID || one["firing"] != true || one["value"] != 70.0 || one["key"] != ev.Key {
			t.Fatalf("%v", series)
		}
		_ = b.c.Stop(ctx)
		b.start()
		set(40)
		got := b.wait(2)
		if got[1].Kind != core.Cleared || got[1].Key != ev.Key || len(got) != 2 {
			t.Fatalf("%+v", got)
		}
		set(71)
		b.wait(3)
		if err := b.c.DeleteRule(ctx, "hot", ""); err != nil {
			t.Fatal(err)
		}
		if got := b.wait(4); got[3].Kind != core.Cleared {
			t.Fatalf("%+v", got)
		}
	})
}

func TestAlertsAreSeries(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	ctx := t.Context()
	set := func(v float64) {
		t.Helper()
		if err := b.metrics.Append(ctx, []metricstore.Sample{{Labels: metricstore.NewLabels("temperature", "room", "hall"), T: time.Now(), V: v}}); err != nil {
			t.Fatal(err)
		}
	}
	series := func(query string, want int) metricstore.Result {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
			res, err := b.metrics.Query(ctx, query, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Series) == want {
				return res
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s gives %d series, want %d", query, len(res.Series), want)
			}
		}
	}
	set(70)
	b.start()
	began := time.Now()
	_, _, err := b.c.PutRule(ctx, "hot", RuleSpec{Expr: "temperature > 50", Interval: probe.Duration(20 * time.Millisecond), For: probe.Duration(time.Second),
		Labels: map[string]string{"site": "x"}}, "")
	if err != nil {
		t.Fatal(err)
	}
	series(`ALERTS{alertname="hot",alertstate="pending",room="hall",site="x"} == 1`, 1)
	series(`ALERTS{alertname="hot",alertstate="firing"} == 1`, 1)
	series(`ALERTS{alertstate="pending"}`, 0)
	since := series(`ALERTS_FOR_STATE{alertname="hot",room="hall",site="x"}`, 1).Series[0].Points[0].F
	if d := since - float64(began.Unix()); d < 0 || d > 10 {
		t.Errorf("it is there since %v, began at %v", since, began.Unix())
	}
	set(40)
	series(`{__name__=~"ALERTS.*"}`, 0)
	set(71)
	series(`ALERTS{alertstate="firing"}`, 1)
	if err := b.c.DeleteRule(ctx, "hot", ""); err != nil {
		t.Fatal(err)
	}
	series(`{__name__=~"ALERTS.*"}`, 0)
}

func TestOneBrokenRuleDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	ctx := context.Background()
	for i := range 2 {
		if err := b.metrics.Append(ctx, []metricstore.Sample{{Labels: metricstore.NewLabels("m", "x", fmt.Sprint(i)), T: time.Now(), V: 1}}); err != nil {
			t.Fatal(err)
		}
	}
	b.start()
	// Dropping the label that tells the series apart is found only when it runs.
	broken := RuleSpec{Expr: "m", Labels: map[string]string{"x": "same"}, Interval: probe.Duration(20 * time.Millisecond)}
	if _, _, err := b.c.PutRule(ctx, "a-broken", broken, ""); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.c.PutRule(ctx, "b-works", RuleSpec{Expr: `m{x="1"}`, Interval: probe.Duration(20 * time.Millisecond)}, ""); err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, ev := range b.wait(2) {
		kind, _, _ := strings.Cut(ev.Key, ":")
		told[ev.Labels["rule"]] = kind
	}
	if !maps.Equal(told, map[string]string{"b-works": "rule", "a-broken": "rules"}) {
		t.Fatalf("%v", told)
	}
	for {
		status, err := b.c.MetricRules(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if status[0].Health == "err" && strings.Contains(status[0].LastError, "two series") {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}
