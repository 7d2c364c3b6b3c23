package desk_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/desk"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
)

// TestOneIncidentPerSituation follows a fault from the situation to the closed
// incident, and back when it returns.
func TestOneIncidentPerSituation(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.situation("opened", core.Major, "web")
		w.await("desk.incident.opened", 1)
		inc := w.only()
		expect(t, "number", inc.Number.String(), "INC-000001")
		expect(t, "priority", inc.Priority.String(), "P4")
		expect(t, "state", inc.State, desk.Assigned)
		expect(t, "team", inc.Team, "team-web")

		w.situation("changed", core.Critical, "db", "web", "app")
		w.await("desk.incident.changed", 1)
		inc = w.only()
		expect(t, "item", inc.Item, "db")
		expect(t, "items", strings.Join(inc.Items, ","), "app,db,web")
		expect(t, "priority", inc.Priority.String(), "P1")
		expect(t, "service", inc.Services[0].Name, "Web shop")
		expect(t, "resolution target", inc.Clocks[1].Target.String(), "4h")

		run := core.Ref{Kind: "run", ID: "r1"}
		w.happens("jobs.remediation.started", core.Ref{Kind: "remediation", ID: "m1"}, "db", "Remediation began", data{"run": "r1", "runbook": "start-postgresql", "situation": "s1"})
		w.happens("jobs.run.started", run, "db", "Run r1 began", data{"run": "r1", "runbook": "start-postgresql", "status": "running", "situation": "s1"})
		w.happens("jobs.run.finished", run, "db", "Run r1 succeeded", data{"run": "r1", "runbook": "start-postgresql", "status": "succeeded", "situation": "s1"})
		w.situation("closed", core.Critical, "db", "web", "app")
		w.await("desk.incident.resolved", 1)
		inc = w.only()
		expect(t, "state", inc.State, desk.Resolved)
		for _, part := range []string{"Repaired by the runbook start-postgresql. Every alert of it has cleared.", "[The run that repaired it](/runs/r1)", `- postgres \*answers\*`, "- app", "- c3"} {
			if !strings.Contains(inc.Resolution, part) {
				t.Errorf("%q is not in %q", part, inc.Resolution)
			}
		}
		for _, line := range []string{"opened: Opened with priority P4", "remediation: Remediation began", "run: Run r1 succeeded", "situation: The situation closed", "changed: Priority P4 became P1", "state: Resolved: Repaired by the runbook start-postgresql. Every"} {
			if text := w.timeline(inc.ID); !strings.Contains(text, line) {
				t.Errorf("%q is not in\n%s", line, text)
			}
		}

		w.situation("reopened", core.Critical, "db")
		w.await("desk.incident.reopened", 1)
		inc = w.only()
		expect(t, "state", inc.State, desk.Assigned)
		expect(t, "reopened", inc.Reopened, 1)
		expect(t, "resolved at", inc.ResolvedAt, (*time.Time)(nil))
		w.situation("closed", core.Critical, "db")
		w.await("desk.incident.resolved", 2)
		if inc = w.only(); strings.Contains(inc.Resolution, "Repaired") {
			t.Errorf("the first repair is praised again: %s", inc.Resolution)
		}

		w.clock.Advance(71 * time.Hour)
		w.desk.Due(t.Context())
		expect(t, "state", w.only().State, desk.Resolved)
		w.clock.Advance(time.Hour)
		w.desk.Due(t.Context())
		w.await("desk.incident.closed", 1)
		expect(t, "state", w.only().State, desk.Closed)
	})
}

func TestAMergedSituationPointsToTheOther(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.situation("opened", core.Major, "web")
		w.happens("events.situation.opened", core.Ref{Kind: "situation", ID: "s2"}, "db", "Another", data{"id": "s2", "title": "Another", "severity": "major", "items": []string{"db"}})
		w.await("desk.incident.opened", 2)
		w.happens("events.situation.closed", core.Ref{Kind: "situation", ID: "s1"}, "web", "Merged", data{"id": "s1", "mergedInto": "s2", "items": []string{"web"}})
		w.await("desk.incident.resolved", 1)
		var inc desk.Incident
		w.call(as("olga", auth.Operator, ""), "GET", "/incidents/INC-000001", nil, &inc)
		expect(t, "state", inc.State, desk.Resolved)
		if !strings.Contains(inc.Resolution, "INC-000002") {
			t.Error(inc.Resolution)
		}
	})
}

func TestAFailingGraphCostsTheImpactNotTheIncident(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.graph.failing = true
		w.situation("opened", core.Critical, "db")
		w.await("desk.incident.opened", 1)
		inc := w.only()
		expect(t, "priority", inc.Priority.String(), "P3")
		expect(t, "state", inc.State, desk.Unassigned)
	})
}

func TestAssignmentRules(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.apply(t, "AssignmentRule", "1 broken", `{"order":1,"condition":"item.attributes.rack == 'a'","team":"web"}`)
		w.apply(t, "AssignmentRule", "2 nobody", `{"order":2,"condition":"true","team":"gone"}`)
		w.apply(t, "AssignmentRule", "3 databases", `{"order":3,"condition":"item.class == 'database' && incident.priority in ['P1', 'P2'] && services.exists(s, s.name == 'Web shop')","team":"dba"}`)
		w.apply(t, "AssignmentRule", "4 rest", `{"order":4,"condition":"","team":"web"}`)
		w.situation("opened", core.Critical, "db")
		w.await("desk.incident.opened", 1)
		inc := w.only()
		expect(t, "team", inc.Team, "team-dba")
		if text := w.timeline(inc.ID); !strings.Contains(text, "rule 3 databases") {
			t.Error(text)
		}
	})
}

func TestDocumentsThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{`{"condition":"item.class ==","team":"x"}`, `{"condition":"1 + 1","team":"x"}`, `{"condition":"other.x","team":"x"}`, `{"condition":"true"}`, `{"condition":"true","team":"x","prio":1}`} {
		if _, err := desk.ParseAssignmentRule(json.RawMessage(spec)); core.CodeOf(err) != core.CodeInvalid {
			t.Errorf("%s: %v", spec, err)
		}
	}
	for _, spec := range []string{`{"calendar":"always","targets":{"P6":{}}}`, `{"targets":{"P1":{"response":"1h"}}}`, `{"calendar":"always","targets":{"P1":{"response":"soon"}}}`, `{"calendar":"a","warnAt":0,"targets":{"P1":{}}}`} {
		if _, err := desk.ParseServiceLevel(json.RawMessage(spec)); core.CodeOf(err) != core.CodeInvalid {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

// apply stores a document.
func (w *world) apply(t *testing.T, kind, name, spec string) (changed bool) {
	t.Helper()
	for _, k := range w.desk.Kinds() {
		if k.Name != kind {
			continue
		}
		err := w.db.Write(t.Context(), func(tx *sqldb.Tx) (err error) {
			changed, err = k.Apply(t.Context(), tx, name, json.RawMessage(spec))
			return err
		})
		if err != nil {
			t.Fatal(kind, name, err)
		}
	}
	return changed
}

func TestDocumentsHoldTogether(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		err := w.db.Write(t.Context(), func(tx *sqldb.Tx) error {
			for _, k := range w.desk.Kinds() {
				switch k.Name {
				case "Calendar":
					if _, err := k.Delete(t.Context(), tx, "always"); core.CodeOf(err) != core.CodeConflict {
						t.Errorf("a calendar in use: %v", err)
					}
					if deleted, err := k.Delete(t.Context(), tx, "gone"); deleted || err != nil {
						t.Errorf("no calendar: %v, %v", deleted, err)
					}
				case "ServiceLevel":
					spec := json.RawMessage(`{"calendar":"gone","targets":{"P1":{"response":"1h"}}}`)
					if _, err := k.Apply(t.Context(), tx, "x", spec); core.CodeOf(err) != core.CodeInvalid {
						t.Errorf("no such calendar: %v", err)
					}
					if deleted, err := k.Delete(t.Context(), tx, "standard"); !deleted || err != nil {
						t.Errorf("standard: %v, %v", deleted, err)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.await("desk.servicelevel.deleted", 1)
		var inc desk.Incident
		w.call(as("olga", auth.Operator, ""), "POST", "/incidents", data{"title": "No promise is made"}, &inc)
		expect(t, "clocks", len(inc.Clocks), 0)
	})
}

func TestShippedDocumentsAreCanonical(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for _, k := range w.desk.Kinds() {
			docs, err := k.List(t.Context(), w.db)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range docs {
				expect(t, "changed "+d.Name, w.apply(t, k.Name, d.Name, string(d.Spec)), false)
			}
		}
	})
}

func TestServiceLevelOverAWorkingWeek(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.apply(t, "Calendar", "office", `{"timeZone":"Europe/Berlin","week":{"monday":["08:00-17:00"],"tuesday":["08:00-17:00"],"wednesday":["08:00-17:00"],"thursday":["08:00-17:00"],"friday":["08:00-17:00"]}}`)
		w.apply(t, "ServiceLevel", "office", `{"order":1,"calendar":"office","warnAt":50,"condition":"incident.title.contains('printer')","targets":{"P4":{"response":"1h","resolution":"12h"}}}`)
		olga := as("olga", auth.Operator, "")
		var inc desk.Incident
		// Monday 11:00 in Berlin.
		expect(t, "create", w.call(olga, "POST", "/incidents", data{"title": "The printer is out of paper", "impact": "low", "urgency": "medium"}, &inc), 201)
		expect(t, "response due", inc.Clocks[0].DueAt.UTC().Format(time.RFC3339), "2026-06-01T10:00:00Z")
		expect(t, "resolution due", inc.Clocks[1].DueAt.UTC().Format(time.RFC3339), "2026-06-02T12:00:00Z")

		w.clock.Advance(30 * time.Minute)
		w.desk.Due(t.Context())
		w.await("desk.incident.warned", 1)
		w.clock.Advance(31 * time.Minute)
		w.desk.Due(t.Context())
		w.desk.Due(t.Context())
		w.await("desk.incident.breached", 1)

		// Work begins at 12:01; on hold from 12:31 for a day; the clock stands.
		move := func(action, reason string) {
			t.Helper()
			expect(t, action, w.call(olga, "POST", "/incidents/"+inc.ID+"/transition", data{"action": action, "reason": reason}, &inc), 200)
		}
		move("start", "")
		expect(t, "response", inc.Clocks[0].State, desk.Stopped)
		expect(t, "assignee", inc.Assignee, "olga")
		w.clock.Advance(30 * time.Minute)
		move("hold", "Waits for paper")
		expect(t, "resolution", inc.Clocks[1].State, desk.Paused)
		expect(t, "used", inc.Clocks[1].Used.String(), "1h31m")
		w.clock.Advance(24 * time.Hour)
		w.desk.Due(t.Context())
		move("resume", "")
		// 10h29m are left from Tuesday 12:31 in Berlin: 4h29m that day, 6h on Wednesday.
		expect(t, "resolution due", inc.Clocks[1].DueAt.UTC().Format(time.RFC3339), "2026-06-03T12:00:00Z")
		move("resolve", "Paper was put in.")
		expect(t, "resolution", inc.Clocks[1].State, desk.Stopped)
		expect(t, "breached", inc.Clocks[1].BreachedAt, (*time.Time)(nil))
		if text := w.timeline(inc.ID); strings.Count(text, "clock: ") != 2 {
			t.Error(text)
		}
	})
}

func TestAChangedCalendarPlansAnew(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.apply(t, "Calendar", "office", `{"timeZone":"UTC","week":{"monday":["08:00-17:00"],"tuesday":["08:00-17:00"],"wednesday":["08:00-17:00"]}}`)
		w.apply(t, "ServiceLevel", "office", `{"order":1,"calendar":"office","warnAt":50,"condition":"incident.title.contains('printer')","targets":{"P4":{"resolution":"12h"}}}`)
		olga := as("olga", auth.Operator, "")
		var inc, other desk.Incident
		make := data{"title": "The printer is out of paper", "impact": "low", "urgency": "medium"}
		expect(t, "create", w.call(olga, "POST", "/incidents", make, &inc), 201)   // Monday 09:00
		expect(t, "create", w.call(olga, "POST", "/incidents", make, &other), 201) // put on hold
		expect(t, "start", w.call(olga, "POST", "/incidents/"+other.ID+"/transition", data{"action": "start"}, nil), 200)
		expect(t, "hold", w.call(olga, "POST", "/incidents/"+other.ID+"/transition", data{"action": "hold", "reason": "Waits"}, nil), 200)
		expect(t, "due", inc.Clocks[0].DueAt.UTC().Format(time.RFC3339), "2026-06-02T12:00:00Z") // 8h on Monday, 4h on Tuesday
		w.clock.Advance(5 * time.Hour)

		// Monday 14:00: the office closes at 15:00 from now on, and on Tuesday.
		w.apply(t, "Calendar", "office", `{"timeZone":"UTC","week":{"monday":["08:00-15:00"],"wednesday":["08:00-17:00"]}}`)
		expect(t, "read", w.call(olga, "GET", "/incidents/"+inc.ID, nil, &inc), 200)
		// 5h are used; 1h on Monday and 6h on Wednesday are left.
		expect(t, "used", inc.Clocks[0].Used.String(), "5h")
		expect(t, "due", inc.Clocks[0].DueAt.UTC().Format(time.RFC3339), "2026-06-03T14:00:00Z")
		expect(t, "warning", inc.Clocks[0].WarnAt.UTC().Format(time.RFC3339), "2026-06-01T15:00:00Z")
		expect(t, "the timeline tells", strings.Count(w.timeline(inc.ID), "The calendar office has changed"), 1)

		version := other.Version
		expect(t, "read", w.call(olga, "GET", "/incidents/"+other.ID, nil, &other), 200)
		expect(t, "on hold it stays as it is", other.Version, version+2)
		expect(t, "resume", w.call(olga, "POST", "/incidents/"+other.ID+"/transition", data{"action": "resume"}, &other), 200)
		expect(t, "due", other.Clocks[0].DueAt.UTC().Format(time.RFC3339), "2026-06-08T10:00:00Z") // 1h, 9h, 2h
	})
}
