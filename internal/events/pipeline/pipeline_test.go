package pipeline_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events"
	"mainstay/internal/events/pipeline"
	"mainstay/internal/events/pipeline/rulebook"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

const basics = `
kind: EventRules
name: basics
spec:
  order: 10
  rules:
  - {name: noise, when: event.labels.env == "lab", drop: true}
  - {name: debug, when: event.title.startsWith("debug"), discard: true}
  - name: enrich
    when: item.class == "server"
    enrich: [owner, site, service]
    set: {severity: critical, team: '"dba"'}
  - {name: patience, when: event.severity == "minor", hold: 30s}
  - {name: nag, when: event.severity == "major", escalate: [{after: 1m, severity: critical}]}
`

func TestRulesAct(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.want("without rules", w.problem(core.Minor, "a", "x"), "opened")
		w.apply(basics)
		w.want("dropped", w.problem(core.Minor, "b", "x", "env=lab"), "dropped")
		w.want("discarded", w.problem(core.Minor, "c", "debug it"), "discarded")
		e := w.event(core.Problem, core.Info, "d", "disk full")
		e.Item = "i1"
		w.want("enriched", w.send(e), "opened")
		w.want("alerts", w.alerts(), "a minor, d critical")

		page, err := w.events.Events(w.ctx, listing.Params{Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Items) != 3 {
			t.Fatalf("%d events are recorded: what is discarded is not, what is dropped is", len(page.Items))
		}
		last := page.Items[0]
		if last.Before == nil || last.Before.Severity != core.Info || strings.Join(last.Rules, " ") != "basics/enrich" || last.Labels["owner"] != "ann" || last.Severity != core.Critical {
			t.Errorf("it tells what it was and who changed it: %+v", last)
		}
		alerts, err := w.events.Alerts(w.ctx, listing.Params{Where: []string{"key=d"}, Limit: 5})
		if err != nil || len(alerts.Items) != 1 || alerts.Items[0].Team != "dba" {
			t.Errorf("the rule's team has it: %+v %v", alerts.Items, err)
		}

		overview, err := w.rules.Overview(w.ctx)
		if err != nil || len(overview.Documents) != 1 || len(overview.Documents[0].Rules) != 5 {
			t.Fatalf("%+v %v", overview, err)
		}
		if n := overview.Documents[0].Rules[0]; n.Matched != 1 || n.Dropped != 1 || n.LastMatch == nil || !n.Acts {
			t.Errorf("%+v", n)
		}
		// Counts outlive the process, and go on.
		w.stop()
		w.start()
		w.problem(core.Minor, "b2", "x", "env=lab")
		if overview, err = w.rules.Overview(w.ctx); err != nil || overview.Documents[0].Rules[0].Dropped != 2 {
			t.Errorf("%+v %v", overview.Documents[0].Rules[0], err)
		}
	})
}

func TestHeldEventsSurviveAKill(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.apply(basics)
		w.want("held", w.problem(core.Minor, "a", "link down"), "held")
		w.want("held", w.problem(core.Minor, "b", "link down"), "held")
		w.want("alerts", w.alerts(), "")
		w.pass(10 * time.Second)
		w.want("a clear of what is held", w.clear("b"), "ignored")
		w.die()
		w.pass(25 * time.Second)
		w.want("alerts", w.alerts(), "a minor")
		w.want("the alert is counted on", w.problem(core.Minor, "a", "link down"), "counted")
		w.want("and cleared", w.clear("a"), "cleared")
		w.want("alerts", w.alerts(), "")
		w.want("then it is held anew", w.problem(core.Minor, "a", "link down"), "held")
	})
}

func TestEscalation(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.apply(basics)
		w.problem(core.Major, "a", "x")
		w.problem(core.Major, "b", "x")
		page, err := w.events.Alerts(w.ctx, listing.Params{Where: []string{"key=b"}, Limit: 5})
		if err != nil || len(page.Items) != 1 {
			t.Fatal(page, err)
		}
		if _, err := w.events.Act(w.ctx, events.Acknowledge, []string{page.Items[0].ID}, ""); err != nil {
			t.Fatal(err)
		}
		w.pass(50 * time.Second)
		w.want("not yet", w.alerts(), "a major, b major")
		w.die()
		w.pass(15 * time.Second)
		w.want("raised, but not what a person has", w.alerts(), "a critical, b major")
		w.want("a repetition leaves it so", w.problem(core.Major, "a", "x"), "counted")
		w.want("alerts", w.alerts(), "a critical, b major")
		w.clear("a")
		w.problem(core.Major, "a", "x")
		w.want("a new alert begins anew", w.alerts(), "a major, b major")
	})
}

func TestStormsAreSummarisedAndNothingIsLost(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.apply("kind: EventRules\nname: s\nspec: {rules: [{name: storm, storm: {rate: 5, per: 10s, calm: 20s}}]}")
		var list []core.Event
		for i := range 50 {
			list = append(list, w.event(core.Problem, core.Minor, fmt.Sprintf("k%02d", i%40), fmt.Sprintf("port %d is down", i%40)))
		}
		if got := w.send(list...); strings.Count(got, "opened") != 5 || strings.Count(got, "summarised") != 45 {
			t.Fatal(got)
		}
		w.want("alerts", w.alerts(), "k00 minor, k01 minor, k02 minor, k03 minor, k04 minor, storm:s/storm:test minor")
		for i := 10; i < 40; i++ {
			w.clear(fmt.Sprintf("k%02d", i))
		}
		w.die()
		w.pass(60 * time.Second)
		w.want("what is still a problem is an alert once the storm is over", w.alerts(),
			"k00 minor, k01 minor, k02 minor, k03 minor, k04 minor, k05 minor, k06 minor, k07 minor, k08 minor, k09 minor")
		page, err := w.events.Events(w.ctx, listing.Params{Where: []string{"effect=summarised"}, Limit: 100})
		if err != nil || len(page.Items) != 45 {
			t.Errorf("%d events of the storm are recorded, %v", len(page.Items), err)
		}
		summary, err := w.events.Alerts(w.ctx, listing.Params{Where: []string{"source=event-rules"}, Limit: 5})
		if err != nil || len(summary.Items) != 1 || !strings.Contains(summary.Items[0].Description, "45 events are gathered here") && !strings.Contains(summary.Items[0].Description, "port 5 is down") {
			t.Errorf("%+v %v", summary.Items, err)
		}
	})
}

func TestDocumentsActAtOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.apply(basics)
		w.want("held", w.problem(core.Minor, "a", "x"), "held")
		w.apply(strings.Replace(basics, "  order: 10\n", "  order: 10\n  enabled: false\n", 1))
		w.want("a draft does nothing", w.problem(core.Minor, "b", "x", "env=lab"), "opened")
		w.pass(31 * time.Second)
		w.want("what was held is told", w.alerts(), "a minor, b minor")
		w.apply("kind: LookupTable\nname: hosts\nspec: {csv: \"host,rack\\nr1,7\\n\"}\n---\nkind: EventRules\nname: basics\nspec: {rules: [{name: rack, lookup: [{table: hosts, key: event.labels.host}], labels: {rack: row.rack}}]}")
		w.problem(core.Minor, "c", "x", "host=r1")
		page, err := w.events.Alerts(w.ctx, listing.Params{Where: []string{"key=c"}, Limit: 5})
		if err != nil || len(page.Items) != 1 || page.Items[0].Labels["rack"] != "7" {
			t.Errorf("%+v %v", page.Items, err)
		}
		if err := w.set.Delete(w.ctx, "EventRules", "basics"); err != nil {
			t.Fatal(err)
		}
		w.want("no rules", w.problem(core.Minor, "d", "x", "env=lab"), "opened")
		if list, err := w.set.Versions(w.ctx, "EventRules", "basics"); err != nil || len(list) != 4 {
			t.Errorf("%d versions, %v", len(list), err)
		}
	})
}

func TestBadDocuments(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	for text, want := range map[string]string{
		`{rules: [{name: a, when: "event.", drop: true}]}`:                                                "spec.rules[0].when: ",
		`{rules: [{name: a, when: "\"x\"", drop: true}]}`:                                                 "spec.rules[0].when: must be true or false, not string",
		`{rules: [{name: a, labels: {x: "nobody.y"}}]}`:                                                   "spec.rules[0].labels.x: ",
		`{rules: [{name: a, set: {severity: sever}}]}`:                                                    "spec.rules[0].set.severity: ",
		`{rules: [{name: a, threshold: {count: 3, within: 1m, by: "event."}}]}`:                           "spec.rules[0].threshold.by: ",
		`{rules: [{name: a, drop: true}, {name: a, drop: true}]}`:                                         "spec.rules[1].name: must differ",
		`{rules: [{name: a}]}`:                                                                            "spec.rules[0]: must do something",
		`{rules: [{name: a, drop: true, hold: 5s}]}`:                                                      "spec.rules[0].drop: must not be said beside",
		`{rules: [{name: a, hold: 400h}]}`:                                                                "spec.rules[0].hold: must be more than 0s and at most 168h",
		`{rules: [{name: a, escalate: [{after: 5m, severity: major}, {after: 5m, severity: critical}]}]}`: "spec.rules[0].escalate[1].after: must be longer",
		`{rules: [{name: a, whem: "true", drop: true}]}`:                                                  "whem",
		`{rules: []}`: "spec.rules: ",
	} {
		if got := w.refused("kind: EventRules\nname: x\nspec: " + text); !strings.Contains(got, want) {
			t.Errorf("%s: %q", text, got)
		}
	}
	if got := w.refused("kind: LookupTable\nname: x\nspec: {csv: \"a,b\\n1,2\\n1,3\\n\"}"); !strings.Contains(got, "spec.csv: line 3") {
		t.Error(got)
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t), func(c *pipeline.Configuration) { c.Remember = 100 })
	w.apply(basics)
	var list []core.Event
	for i := range 150 {
		list = append(list, w.event(core.Problem, core.Minor, fmt.Sprintf("k%d", i), "x"))
	}
	got := w.send(list...)
	if strings.Count(got, "held") != 100 || strings.Count(got, "opened") != 50 {
		t.Error("beyond the bound events pass:", strings.Count(got, "held"))
	}
	if o, err := w.rules.Overview(w.ctx); err != nil || o.Overflow != 50 || o.Remembered != 100 || o.Documents[0].Rules[3].Remembers != 100 {
		t.Errorf("%+v %v", o, err)
	}
}

// TestTwoProcesses has two of them on one store.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.PostgreSQL(t))
	other := *w
	other.start()
	t.Cleanup(other.stop)
	w.apply(basics)
	deadline := time.After(time.Minute)
	for other.problem(core.Minor, "probe", "x", "env=lab") != "dropped" { // the other one learns of it within a second
		select {
		case <-deadline:
			t.Fatal("the other process never hears of the rules")
		case <-time.After(5 * time.Millisecond):
			w.clock.Advance(time.Second)
		}
	}
	w.want("held here", w.problem(core.Minor, "a", "x"), "held")
	w.want("held there", other.problem(core.Minor, "a", "x"), "held")
	w.want("cleared there", other.clear("a"), "ignored")
	w.pass(40 * time.Second)
	if strings.Contains(w.alerts(), "a minor") {
		t.Error("it was cleared in time, by the other process:", w.alerts())
	}
}

func TestTrying(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.apply(basics)
		for i := range 5 {
			w.problem(core.Major, fmt.Sprintf("k%d", i), "x", fmt.Sprintf("host=r%d", i))
			w.clock.Advance(time.Second)
		}
		p, err := w.rules.Preview(w.ctx, `event.labels.host in ["r1", "r3"]`, 1)
		if err != nil || p.Scanned != 5 || p.Matched != 2 || len(p.Events) != 1 || p.Events[0].Event.Key != "k3" || !p.Complete {
			t.Errorf("%+v %v", p, err)
		}
		if _, err := w.rules.Preview(w.ctx, `event.`, 1); core.CodeOf(err) != core.CodeInvalid {
			t.Error(err)
		}
		spec := rulebook.Spec{Order: 20, Rules: []rulebook.RuleSpec{{Name: "t", When: "true", Set: &rulebook.SetSpec{Title: `"T " + event.title`}, Labels: map[string]string{"host": `""`}}, {Name: "bad", When: `int(event.title) > 1`, Drop: true}}}
		s, err := w.rules.Step(w.ctx, p.Events[0].Event, []pipeline.Trial{{Name: "zz", Spec: &spec}})
		if err != nil || s.Outcome != "remembered" || len(s.Stages) != 3 || s.Stages[0].Rule != "basics/nag" || s.Stages[2].Failure == "" || len(s.Stages[1].Changes) != 2 || s.Stages[1].Changes[0].After != "T x" {
			t.Errorf("%+v %v", s, err)
		}
	})
}

func TestReplay(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.apply("kind: EventRules\nname: live\nspec: {rules: [{name: noise, when: event.labels.env == \"lab\", drop: true}, {name: up, when: event.labels.tier == \"gold\", set: {severity: critical}}]}")
		from := w.clock.Now().Add(-time.Minute)
		w.problem(core.Minor, "lab1", "x", "env=lab")
		w.problem(core.Minor, "gold", "x", "tier=gold")
		w.problem(core.Minor, "short", "x")
		w.pass(10 * time.Second)
		w.clear("short")
		for range 30 {
			w.problem(core.Minor, "long", "x")
		}
		w.pass(2 * time.Minute)

		spec := rulebook.Spec{Rules: []rulebook.RuleSpec{{Name: "patience", Hold: 30_000_000_000, When: `event.severity == "minor"`}}}
		run := func(trials ...pipeline.Trial) *pipeline.Difference {
			t.Helper()
			r, err := w.rules.StartReplay(w.ctx, pipeline.ReplayRequest{From: from, Documents: trials})
			if err != nil {
				t.Fatal(err)
			}
			limit := time.After(time.Minute)
			for r.State == "running" {
				select {
				case <-limit:
					t.Fatal("the replay does not end")
				case <-time.After(2 * time.Millisecond):
				}
				if r, err = w.rules.ReadReplay(w.ctx, r.ID); err != nil {
					t.Fatal(err)
				}
			}
			if r.State != "done" || !r.Result.Complete || r.By != "ann" {
				t.Fatalf("%+v", r)
			}
			return r.Result
		}
		same := run()
		if same.Events != 34 || same.Active.Alerts != 3 || same.Missing.Total+same.New.Total+same.Severity.Total+same.Keys.Total != 0 || len(same.Rules) != 0 || same.Active.Dropped != 1 {
			t.Errorf("with the same rules nothing differs: %+v", same)
		}
		if same.Routed || same.Active.Messages != 0 || len(same.Unknown) != 1 || same.Active.Notifications != 3 {
			t.Errorf("nothing is routed: %+v", same)
		}
		w.apply(`kind: AlertRouting
name: default
spec:
  route: {receiver: ops, group_by: [alertname], group_wait: 15s, group_interval: 1m, routes: [{matchers: ["severity=\"critical\""], receiver: call}]}
  receivers:
    - {name: ops, webhook_configs: [{url: "http://127.0.0.1:1/"}]}
    - {name: call, webhook_configs: [{url: "http://127.0.0.1:1/"}]}`)
		for limit := time.Now().Add(time.Minute); w.events.Rehearse() == nil; time.Sleep(2 * time.Millisecond) {
			if time.Now().After(limit) { // documents of routing are heeded soon after they are declared
				t.Fatal("nothing is routed")
			}
		}
		d := run(pipeline.Trial{Name: "live"}, pipeline.Trial{Name: "draft", Spec: &spec})
		if got := fmt.Sprint(d.Routed, d.Active.Messages, d.Active.Receivers, d.Draft.Messages, d.Draft.Receivers); got != "true 2 [{call 1} {ops 1}] 1 [{ops 1}]" {
			t.Errorf("messages: %s", got)
		}
		keys := func(e pipeline.Examples) string {
			var all []string
			for _, x := range e.Some {
				all = append(all, x.Key+" "+x.Instead)
			}
			return strings.Join(all, ",")
		}
		if keys(d.Missing) != "short " || keys(d.Severity) != "gold minor" || keys(d.New) != "lab1 " || d.Draft.Alerts != 3 || d.Draft.Dropped != 0 || d.Draft.Held == 0 {
			t.Errorf("missing %q, severity %q, new %q: %+v", keys(d.Missing), keys(d.Severity), keys(d.New), d)
		}
		if len(d.Rules) != 3 {
			t.Errorf("%+v", d.Rules)
		}
		if list, err := w.rules.Replays(w.ctx); err != nil || len(list) != 2 || list[0].Result != nil {
			t.Errorf("%+v %v", list, err)
		}
		if _, err := w.rules.StartReplay(w.ctx, pipeline.ReplayRequest{From: w.clock.Now().Add(-1000 * time.Hour)}); core.CodeOf(err) != core.CodeInvalid {
			t.Error(err)
		}
		if err := w.rules.CancelReplay(context.Background(), "nothing"); core.CodeOf(err) != core.CodeNotFound {
			t.Error(err)
		}
	})
}
