package jobs_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/jobs"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

const (
	database = "01arz3ndektsv4rrffq69g5fdb"
	webshop  = "01arz3ndektsv4rrffq69g5fws"
)

const healing = `
kind: Runbook
name: start-database
spec:
  parameters: [{name: port, type: int}]
  steps: [{id: start, shell: {script: start, agent: $item}}]
---
kind: Remediation
name: heal
spec:
  mode: MODE
  condition: situation.severity == "critical" && item.class == "database"
  runbook: start-database
  parameters: {port: "item.attributes.port"}
  guards: {maxAttempts: 2, coolDown: 60ms, blastRadius: 10}
  verify: {within: 100ms}
`

// tell writes a ledger entry of the events module.
func (w *world) tell(kind, verb, id, item string, data map[string]any) string {
	w.t.Helper()
	var entry string
	text, err := json.Marshal(data)
	if err == nil {
		err = w.db.Write(w.t.Context(), func(tx *sqldb.Tx) error {
			entry, err = w.ledger.Append(w.t.Context(), tx, ledger.Entry{Actor: ledger.System("events"), Module: "events", Type: "events." + kind + "." + verb,
				Subject: core.Ref{Kind: kind, ID: id}, Item: item, Summary: id, Data: text})
			return err
		})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return entry
}

// situation tells of a situation whose root cause is the item.
func (w *world) situation(verb, id, item string) string {
	w.t.Helper()
	return w.tell("situation", verb, id, item, map[string]any{"id": id, "severity": "critical", "state": "open",
		"rootCause": map[string]any{"item": item, "alert": "a1"}, "checks": []string{"db-up", "web-up"}})
}

func (w *world) decisions(subject string) []*jobs.Decision {
	w.t.Helper()
	d, err := w.Decisions(w.t.Context(), "heal", subject)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// latest waits for the newest decision about the subject to be in a state.
func (w *world) latest(subject, state string) (d *jobs.Decision) {
	w.t.Helper()
	w.until(subject+" is "+state, func() bool {
		all := w.decisions(subject)
		if len(all) == 0 || all[0].State != state {
			return false
		}
		d = all[0]
		return true
	})
	return d
}

func healer(t *testing.T, db *sqldb.DB, mode string, heals bool) *world {
	var w *world
	w = setup(t, db, func(jobs.ExecRequest, func(stream, text string), <-chan struct{}) jobs.Exit {
		w.around.SetCheck("db-up", heals)
		w.around.SetCheck("web-up", heals)
		return jobs.Exit{}
	})
	w.around.SetItem(database, map[string]any{"class": "database", "attributes": map[string]any{"port": 5432}})
	w.around.SetItem(webshop, map[string]any{"class": "application"})
	w.apply(strings.ReplaceAll(healing, "MODE", mode))
	return w
}

func TestARemediationHealsAndIsVerified(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := healer(t, db, "automatic", true)
		w.situation("opened", "s1", webshop)   // the application: the condition does not hold
		w.situation("changed", "s1", database) // the root cause has moved
		w.situation("changed", "s1", database)
		d := w.latest("s1", jobs.Verified)
		if len(w.decisions("s1")) != 1 || len(d.Evidence) != 2 || !d.Evidence[0].OK || d.Item != database {
			t.Errorf("%d decisions, the last: %+v", len(w.decisions("s1")), d)
		}
		r := w.read(d.Run)
		if r.Trigger != jobs.ByRemediation || r.Parameters["port"] != "5432" || r.Situation != "s1" || r.Item != database || !slices.Contains(r.Checks, "web-up") {
			t.Errorf("the run: %+v", r)
		}
		w.until("entries are in order", func() bool {
			got := fmt.Sprint(types(t, w.ledger, "jobs.remediation."))
			return got == "[remediation.changed remediation.started remediation.verified]"
		})
		w.assertThread(d.Entry)
		w.situation("changed", "s1", database) // the alerts clear one by one
		w.situation("changed", "s2", database) // a marker: when it is answered, the one before is
		w.until("s2 is answered", func() bool { return len(w.decisions("s2")) > 0 })
		if n := len(w.decisions("s1")); n != 1 {
			t.Errorf("%d decisions for a healed situation", n)
		}
	})
}

// assertThread follows the causes from the verified recovery back to the situation.
func (w *world) assertThread(from string) {
	w.t.Helper()
	entries, err := w.ledger.List(w.t.Context(), ledger.Query{Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	byID := map[string]ledger.Entry{}
	for _, e := range entries {
		byID[e.ID] = e
	}
	var path []string
	for id := from; id != ""; id = byID[id].Cause {
		path = append(path, byID[id].Type)
	}
	want := []string{"jobs.remediation.verified", "jobs.run.finished", "jobs.run.step.finished", "jobs.run.step.started", "jobs.run.started",
		"jobs.run.requested", "jobs.remediation.started", "events.situation.changed"}
	if !slices.Equal(path, want) {
		w.t.Errorf("the thread is %v", path)
	}
}

func TestARunThatDoesNotHelpIsNotVerified(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := healer(t, db, "automatic", false)
		w.situation("opened", "s1", database)
		d := w.latest("s1", jobs.Blocked)
		all := w.decisions("s1")
		if len(all) != 3 || all[1].State != jobs.Unhealed || all[2].State != jobs.Unhealed || d.Guard != "maxAttempts" {
			for _, d := range all {
				t.Logf("%+v", d)
			}
			t.Errorf("want two failed attempts and a block by maxAttempts")
		}
		if !strings.Contains(all[1].Why, "connection refused") || len(w.agent.Begun()) != 2 {
			t.Errorf("why: %s; %d runs", all[1].Why, len(w.agent.Begun()))
		}
	})
}

// TestACauseSettlesFirst: the consequence is told before the cause, as when its
// check runs first; only what stays the cause is acted upon.
func TestACauseSettlesFirst(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := healer(t, db, "automatic", true)
		w.apply(strings.NewReplacer("MODE", "automatic", ` && item.class == "database"`, "", `"item.attributes.port"`, `"5432"`, "maxAttempts: 2", "maxAttempts: 2, settle: 3s").Replace(healing))
		w.situation("opened", "s1", webshop)
		w.situation("changed", "s1", database)
		began := time.Now()
		w.situation("changed", "s1", database) // what else is told does not begin anew
		d := w.latest("s1", jobs.Verified)
		if all := w.decisions("s1"); len(all) != 1 || d.Item != database {
			t.Errorf("%d decisions, the last about %s", len(all), d.Item)
		}
		if waited := d.CreatedAt.Sub(began); waited < 2*time.Second {
			t.Errorf("it was decided after %v", waited)
		}
	})
}

// TestARootCauseThatComesBack: when the failed attempt was asked about again,
// another item was taken for the root cause.
func TestARootCauseThatComesBack(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := healer(t, db, "automatic", false)
		w.situation("opened", "s1", database)
		w.latest("s1", jobs.Verifying)
		w.situation("changed", "s1", webshop)
		w.latest("s1", jobs.Unhealed)
		w.until("it was asked again", func() bool {
			var waiting int
			err := db.QueryRow(t.Context(), "SELECT COUNT(*) FROM tasks_task WHERE kind = 'jobs.reconsider' AND state <> 'dead'").Scan(&waiting)
			return err == nil && waiting == 0
		})
		w.situation("changed", "s1", database)
		w.until("it is tried again", func() bool { return len(w.decisions("s1")) == 2 })
	})
}

func TestGuardsBlockAndSayWhy(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := healer(t, db, "automatic", true)
		w.around.SetImpact(database, 11)
		w.situation("opened", "wide", database)
		if d := w.latest("wide", jobs.Blocked); d.Guard != "blastRadius" || !strings.Contains(d.Why, "11 items") {
			t.Errorf("%+v", d)
		}
		w.around.SetImpact(database, 1)
		w.around.SetMaintenance(database, "patch day")
		w.situation("opened", "worked-on", database)
		w.situation("changed", "worked-on", database)
		w.until("it is blocked twice by the same guard", func() bool {
			d := w.decisions("worked-on")
			return len(d) == 1 && d[0].Guard == "maintenance" && d[0].Seen == 2
		})
		w.around.SetMaintenance(database, "")
		if _, err := w.SetKillSwitch(system(t.Context()), true, false); err != nil {
			t.Fatal(err)
		}
		w.situation("opened", "off", database)
		if d := w.latest("off", jobs.Blocked); d.Guard != "killSwitch" {
			t.Errorf("%+v", d)
		}
		if len(w.agent.Begun()) != 0 {
			t.Error("something ran")
		}
		if _, err := w.SetKillSwitch(system(t.Context()), false, false); err != nil {
			t.Fatal(err)
		}
		w.latest("off", jobs.Verified)
	})
}

func TestTheKillSwitchCancelsWhatRuns(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db, func(_ jobs.ExecRequest, _ func(stream, text string), stop <-chan struct{}) jobs.Exit {
			<-stop
			return jobs.Exit{}
		})
		w.around.SetItem(database, map[string]any{"class": "database", "attributes": map[string]any{"port": 5432}})
		w.apply(strings.ReplaceAll(healing, "MODE", "automatic"))
		w.apply("kind: Runbook\nname: mine\nspec: {steps: [{id: work, shell: {script: x, agent: $item}}]}\n")
		mine := w.run(jobs.Request{Runbook: "mine", Subject: jobs.Subject{Item: database}}).ID
		w.situation("opened", "s1", database)
		w.until("both run", func() bool { return len(w.agent.Begun()) == 2 })
		d := w.latest("s1", jobs.Started)
		if s, err := w.SetKillSwitch(system(t.Context()), true, false); err != nil || s.Running != 1 || s.Cancelled != 0 {
			t.Errorf("%+v (%v)", s, err)
		}
		if r := w.read(d.Run); r.State != jobs.Running {
			t.Errorf("without being asked to it cancelled the run: %s", r.State)
		}
		if _, err := w.SetKillSwitch(system(t.Context()), false, true); core.CodeOf(err) != core.CodeInvalid {
			t.Errorf("switched on again and cancelled: %v", err)
		}
		if s, err := w.SetKillSwitch(system(t.Context()), true, true); err != nil || s.Running != 1 || s.Cancelled != 1 {
			t.Errorf("%+v (%v)", s, err)
		}
		if r := w.await(d.Run); r.State != jobs.Cancelled || !strings.Contains(r.Error, "switched off by test") {
			t.Errorf("%s: %s", r.State, r.Error)
		}
		w.until("the decision failed, and the switch holds back the next one", func() bool {
			all := w.decisions("s1")
			return len(all) == 2 && all[0].Guard == "killSwitch" && all[1].State == jobs.Unhealed
		})
		if r := w.read(mine); r.State != jobs.Running {
			t.Errorf("the run of a person is %s", r.State)
		}
		if _, err := w.Cancel(t.Context(), mine, ana, "over"); err != nil {
			t.Fatal(err)
		}
		w.await(mine)
	})
}

// TestARunThatIsNotNeededAnyMore: what a run would repair may get well before
// the run has begun to act.
func TestARunThatIsNotNeededAnyMore(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		finish := make(chan struct{})
		w := setup(t, db, func(jobs.ExecRequest, func(stream, text string), <-chan struct{}) jobs.Exit {
			<-finish
			return jobs.Exit{}
		})
		w.around.SetItem(database, map[string]any{"class": "database", "attributes": map[string]any{"port": 5432}})
		patient := strings.Replace(healing, "steps: [", "steps: [{id: settle, wait: {duration: 1h}}, ", 1)
		w.apply(strings.ReplaceAll(patient, "MODE", "automatic"))
		over := func(id string) {
			w.tell("situation", "closed", id, database, map[string]any{"id": id, "state": "closed"})
		}
		w.situation("opened", "s1", database)
		run := w.latest("s1", jobs.Started).Run
		w.until("it settles", func() bool { return w.read(run).Steps[0].State == jobs.Running })
		over("s1")
		if r := w.await(run); r.State != jobs.Cancelled || !strings.Contains(r.Error, "before the run had done anything") || len(w.agent.Begun()) != 0 {
			t.Errorf("%s: %s; %d scripts began", r.State, r.Error, len(w.agent.Begun()))
		}
		w.latest("s1", jobs.Expired)

		w.apply(strings.ReplaceAll(healing, "MODE", "automatic"))
		w.situation("opened", "s2", database)
		acting := w.latest("s2", jobs.Started).Run
		w.until("it acts", func() bool { return len(w.agent.Begun()) == 1 })
		over("s2")
		close(finish)
		if r := w.await(acting); r.State != jobs.Succeeded {
			t.Errorf("a run that had begun to act ended %s: %s", r.State, r.Error)
		}
	})
}

func TestASituationThatOpensAgain(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := healer(t, db, "automatic", true)
		w.situation("opened", "s1", database)
		w.latest("s1", jobs.Verified)
		w.tell("situation", "closed", "s1", database, map[string]any{"id": "s1", "state": "closed"})
		w.situation("reopened", "s1", webshop) // the condition does not hold yet
		w.situation("changed", "s1", database)
		w.until("it is repaired again", func() bool {
			all := w.decisions("s1")
			n := 0
			for _, d := range all {
				if d.State == jobs.Verified {
					n++
				}
			}
			return n == 2
		})
		if n := len(w.agent.Begun()); n != 2 {
			t.Errorf("%d runs", n)
		}
	})
}

func TestARunKnowsItsIncident(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := healer(t, db, "automatic", true)
		w.around.SetIncident("s1", "inc1")
		w.situation("opened", "s1", database)
		if r := w.read(w.latest("s1", jobs.Verified).Run); r.Incident != "inc1" {
			t.Errorf("%+v", r.Subject)
		}
		w.situation("opened", "late", database)
		w.until("the run waits", func() bool {
			return slices.ContainsFunc(w.decisions("late"), func(d *jobs.Decision) bool { return d.Run != "" })
		})
		w.around.SetIncident("late", "inc2")
		w.latest("late", jobs.Verified)
		w.situation("opened", "never", database)
		w.latest("never", jobs.Verified)
		for i, want := range []string{"inc1", "inc2", ""} {
			if got := w.agent.Begun()[i].Env["MAINSTAY_INCIDENT"]; got != want {
				t.Errorf("run %d saw incident %q, want %q", i, got, want)
			}
		}
	})
}

func TestProposals(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := healer(t, db, "approval", true)
		w.situation("opened", "s1", database)
		d := w.latest("s1", jobs.Proposed)
		if len(w.agent.Begun()) != 0 {
			t.Fatal("it ran without approval")
		}
		if _, err := w.Answer(system(t.Context()), d.ID, true, "go"); err != nil {
			t.Fatal(err)
		}
		if d := w.latest("s1", jobs.Verified); w.read(d.Run).Actor.Name != "test" {
			t.Errorf("the run was started by %+v", w.read(d.Run).Actor)
		}
		if _, err := w.Answer(system(t.Context()), d.ID, true, ""); core.CodeOf(err) != core.CodeConflict {
			t.Errorf("a second answer gave %v", err)
		}
		time.Sleep(80 * time.Millisecond) // the cool-down
		w.situation("opened", "s2", database)
		if _, err := w.Answer(system(t.Context()), w.latest("s2", jobs.Proposed).ID, false, "not now"); err != nil {
			t.Fatal(err)
		}
		w.latest("s2", jobs.Rejected)
		w.situation("opened", "s3", database)
		w.latest("s3", jobs.Proposed)
		w.tell("situation", "closed", "s3", database, map[string]any{"id": "s3", "state": "closed"})
		w.latest("s3", jobs.Expired)
	})
}

func TestADryRunDoesNothing(t *testing.T) {
	t.Parallel()
	w := healer(t, sqldbtest.SQLite(t), "automatic", true)
	if _, err := w.SetKillSwitch(system(t.Context()), true, false); err != nil {
		t.Fatal(err)
	}
	w.situation("opened", "s1", webshop)
	w.situation("changed", "s1", database)
	w.latest("s1", jobs.Blocked)
	report, err := w.Test(system(t.Context()), "heal", jobs.TestRequest{Situation: "s1"})
	if err != nil || len(report.Entries) != 2 || report.Applied != 1 {
		t.Fatalf("%+v (%v)", report, err)
	}
	if e := report.Entries[0]; !e.Applies || e.Guard != "killSwitch" || fmt.Sprint(e.Parameters["port"]) != "5432" || report.Entries[1].Applies {
		t.Errorf("%+v", report.Entries)
	}
	spec := specOf(t, `{condition: 'situation.nothing == 1', runbook: start-database}`)
	report, err = w.Test(system(t.Context()), "new", jobs.TestRequest{Spec: spec})
	if err != nil || report.Applied != 0 || !strings.Contains(report.Entries[0].Why, "no such key") {
		t.Errorf("%+v (%v)", report, err)
	}
	if len(w.decisions("s1")) != 1 || len(w.agent.Begun()) != 0 {
		t.Error("a dry run left something")
	}
}

func TestBadRemediationsAreRefused(t *testing.T) {
	t.Parallel()
	w := healer(t, sqldbtest.SQLite(t), "automatic", true)
	for field, spec := range map[string]string{
		"spec.condition":       `{condition: "situation.x ==", runbook: start-database}`,
		"spec.mode":            `{condition: "true", runbook: start-database, mode: yolo}`,
		"spec.runbook":         `{condition: "true", runbook: nothing}`,
		"spec.parameters.no":   `{condition: "true", runbook: start-database, parameters: {no: "1"}}`,
		"spec.parameters.port": `{condition: "true", runbook: start-database, parameters: {port: "1 +"}}`,
		"spec.guards":          `{condition: "true", runbook: start-database, guards: {maxAttempts: -1}}`,
	} {
		if got := w.refused("Remediation", spec); !strings.Contains(got, field) {
			t.Errorf("%s gave %s", spec, got)
		}
	}
	if got := w.refused("Remediation", `{condition: "1 + 1", runbook: start-database}`); !strings.Contains(got, "true or false") {
		t.Error(got)
	}
}
