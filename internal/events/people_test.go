package events

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// heard says whether receivers would be told of an alert.
func (w *world) heard(item string) bool {
	w.t.Helper()
	m := w.mirror.get(w.alert(item).ID)
	return m != nil && !m.Held
}

func TestSnoozeEndsByItself(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain("web", "db"))
		s.accept(s.problem("db", core.Major))
		s.settled()
		id := s.alert("db").ID
		until := s.clock.Now().Add(time.Hour)
		var v AlertView
		s.must("POST", "/api/v1/alerts/"+id+"/snooze", fmt.Sprintf(`{"until": %q, "note": "the vendor comes at five"}`, until.Format(time.RFC3339)), &v)
		if v.State != StateSuppressed || v.Suppression.By != "snooze" || v.Hold == nil || !v.Hold.Until.Equal(until) || v.Hold.By != "Maria" {
			t.Fatalf("%+v %+v", v.Suppression, v.Hold)
		}
		s.settled()
		if open := s.situations("open"); len(open) != 1 {
			t.Fatalf("what is snoozed still fails: its situation stays open, got %d", len(open))
		}
		s.restart()
		if a := s.alert("db"); !a.Hold.inForce(s.clock.Now()) || s.heard("db") {
			t.Fatalf("after a restart: %+v", a.Hold)
		}
		s.pass(59 * time.Minute)
		if s.heard("db") || len(s.entries("events.alert.woken")) != 0 {
			t.Fatal("it woke before its time")
		}
		s.pass(2 * time.Minute)
		a := s.alert("db")
		if a.State() != StateOpen || a.Hold.Kind != "" || !s.heard("db") {
			t.Fatalf("%s %+v", a.State(), a.Hold)
		}
		if woken := s.entries("events.alert.woken"); len(woken) != 1 || !strings.Contains(woken[0].Summary, "snooze is over") {
			t.Fatalf("%+v", woken)
		}
		if snoozed := s.entries("events.alert.snoozed"); len(snoozed) != 1 || snoozed[0].Actor.Name != "Maria" {
			t.Fatalf("%+v", snoozed)
		}
	})
}

func TestWhatWakesASnooze(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		wakes Wake
		next  core.Severity
		woken bool
	}{
		{"worse wakes", WakeWorse, core.Critical, true},
		{"better does not wake when only worse does", WakeWorse, core.Minor, false},
		{"better wakes when any change does", WakeChanged, core.Minor, true},
		{"only time", WakeByTime, core.Critical, false},
	}
	for _, one := range cases {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sqldbtest.SQLite(t), chain())
			w.accept(w.problem("a", core.Major))
			deed := Deed{Action: Snooze, Wakes: one.wakes}
			if one.wakes == WakeByTime {
				deed.Until = w.clock.Now().Add(time.Hour)
			}
			if out, err := w.Do(asAdmin(), deed, []string{w.alert("a").ID}); err != nil || !out[0].Done {
				t.Fatal(out, err)
			}
			w.clock.Advance(time.Minute)
			w.accept(w.problem("a", core.Major)) // a repeat wakes nothing
			if w.heard("a") {
				t.Fatal("a repeat woke it")
			}
			w.clock.Advance(time.Minute)
			w.accept(w.problem("a", one.next))
			if got := w.heard("a"); got != one.woken {
				t.Fatalf("woken %v", got)
			}
		})
	}
}

func asAdmin() context.Context {
	return auth.With(context.Background(), auth.NewPrincipal(auth.KindUser, "u1", "Maria", auth.BuiltinRoles(), auth.Grant{Role: auth.Administrator}))
}

func TestSnoozeGivesWayToASilence(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain())
		s.accept(s.problem("a", core.Major))
		id := s.alert("a").ID
		s.must("POST", "/api/v1/alerts/"+id+"/snooze", `{"wakes": "worse"}`, nil)
		s.must("POST", "/api/v1/silences", fmt.Sprintf(`{"matchers": [{"name": "item", "value": "a", "isEqual": true, "isRegex": false}], "endsAt": %q, "comment": "known"}`, s.clock.Now().Add(time.Hour).Format(time.RFC3339)), nil)
		if a := s.alert("a"); a.Suppressed.By != "snooze" {
			t.Fatalf("%+v", a.Suppressed)
		}
		s.must("POST", "/api/v1/alerts/"+id+"/release", `{}`, nil)
		if a := s.alert("a"); a.Suppressed.By != "silence" || a.Hold.Kind != "" {
			t.Fatalf("%+v", a.Suppressed)
		}
		if status, text := s.call("POST", "/api/v1/alerts/"+id+"/release", `{}`, nil); status != 409 {
			t.Fatalf("%d %s", status, text)
		}
	})
}

func TestSuppressWithReason(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain())
		s.accept(s.problem("a", core.Major))
		id := s.alert("a").ID
		if status, text := s.call("POST", "/api/v1/alerts/bulk", fmt.Sprintf(`{"ids": [%q], "action": "suppress", "text": " "}`, id), nil); status != 422 || !strings.Contains(text, "text") {
			t.Fatalf("%d %s", status, text)
		}
		var v AlertView
		s.must("POST", "/api/v1/alerts/"+id+"/suppress", `{"reason": "a sensor that lies"}`, &v)
		if v.State != StateSuppressed || v.Suppression.By != "person" || v.Suppression.Why != "a sensor that lies" {
			t.Fatalf("%+v", v.Suppression)
		}
		s.pass(time.Hour)
		if s.heard("a") {
			t.Fatal("it ended by itself")
		}
		// It clears and returns as the same alert: the reason still holds.
		s.clear("a")
		s.clock.Advance(time.Minute)
		s.accept(s.problem("a", core.Major))
		if a := s.alert("a"); a.ID != id || a.State() != StateSuppressed {
			t.Fatalf("%s %s", a.ID, a.State())
		}
		s.must("POST", "/api/v1/alerts/"+id+"/release", `{"note": "replaced"}`, &v)
		if v.State != StateOpen {
			t.Fatalf("%+v", v)
		}
	})
}

// staff is a directory and a desk.
type staff struct{}

func (staff) User(_ context.Context, id string) (Holder, error) {
	if id == "joao" || id == "u7" {
		return Holder{"u7", "João"}, nil
	}
	return Holder{}, core.NotFound("user", id)
}

func (staff) Team(_ context.Context, id string) (Holder, error) {
	if id == "network" || id == "t1" {
		return Holder{"t1", "network"}, nil
	}
	return Holder{}, core.NotFound("team", id)
}

func (staff) Title(_ context.Context, r core.Ref) (string, error) {
	if r.ID == "i1" {
		return "INC-1 The shop is slow", nil
	}
	return "", core.NotFound(r.Kind, r.ID)
}

func TestAssignAndLink(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain())
		s.deps.Directory, s.deps.Records = staff{}, staff{}
		s.accept(s.problem("a", core.Major))
		path := "/api/v1/alerts/" + s.alert("a").ID
		var v AlertView
		s.must("POST", path+"/assign", `{"assignee": "joao", "team": "network"}`, &v)
		if v.Assignee != "u7" || v.AssignedTeam != "t1" {
			t.Fatalf("%+v", v)
		}
		if e := s.entries("events.alert.changed"); !strings.Contains(e[len(e)-1].Summary, "Assigned to João and network by Maria") {
			t.Fatalf("%s", e[len(e)-1].Summary)
		}
		if status, text := s.call("POST", path+"/assign", `{"team": "nobody"}`, nil); status != 422 || !strings.Contains(text, "there is no team nobody") {
			t.Fatalf("%d %s", status, text)
		}
		var list listing.Page[AlertView]
		s.must("GET", "/api/v1/alerts?where=assignedTeam=t1", "", &list)
		if len(list.Items) != 1 {
			t.Fatalf("%d", len(list.Items))
		}
		s.must("POST", path+"/link", `{"url": "https://wiki.example/disk", "title": "What to do"}`, nil)
		s.must("POST", path+"/link", `{"record": "incident/i1"}`, nil)
		for body, want := range map[string]int{
			`{"url": "https://wiki.example/disk"}`: 409, `{"url": "javascript:alert(1)"}`: 422, `{"record": "incident/i2"}`: 422,
			`{"record": "user/u7"}`: 422, `{}`: 422, `{"url": "https://a.example", "record": "incident/i1"}`: 422,
		} {
			if status, text := s.call("POST", path+"/link", body, nil); status != want {
				t.Errorf("%s: %d %s", body, status, text)
			}
		}
		var d AlertDetail
		s.must("GET", path, "", &d)
		if len(d.Links) != 2 || d.Links[0].Title != "What to do" || d.Links[1].Title != "INC-1 The shop is slow" || d.Links[1].Kind != "incident" {
			t.Fatalf("%+v", d.Links)
		}
		s.must("POST", path+"/unlink", `{"record": "incident/i1"}`, nil)
		s.must("GET", path, "", &d)
		if len(d.Links) != 1 || len(s.entries("events.alert.linked", "events.alert.unlinked")) != 3 {
			t.Fatalf("%+v", d.Links)
		}
	})
}

// ended waits for a bulk run.
func (s *site) ended(id string) (run BulkRun) {
	s.t.Helper()
	s.eventually("the bulk run ends", func() bool {
		s.must("GET", "/api/v1/alerts/bulk-runs/"+id, "", &run)
		return run.State != BulkRunning
	})
	return run
}

func TestBulkOverAFilter(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain())
		var events []core.Event
		for i := range 1200 {
			e := s.problem(fmt.Sprintf("i%d", i), core.Major)
			e.Severity = []core.Severity{core.Warning, core.Major}[i%2]
			events = append(events, e)
		}
		s.accept(events...)
		var run BulkRun
		s.must("POST", "/api/v1/alerts/bulk-runs", `{"action": "acknowledge", "text": "all of one storm", "filter": {"where": ["severity=major", "state=open"]}}`, &run)
		if run.Total != 600 || run.By != "Maria" {
			t.Fatalf("%+v", run)
		}
		if run = s.ended(run.ID); run.State != BulkDone || run.Done != 600 || run.Refused != 0 {
			t.Fatalf("%+v", run)
		}
		entries := s.entries("events.alert.acknowledged")
		if len(entries) != 600 || entries[0].Actor.Name != "Maria" {
			t.Fatalf("%d entries", len(entries))
		}
		var list listing.Page[AlertView]
		s.must("GET", "/api/v1/alerts?where=state=open", "", &list)
		if list.Total.Count != 600 || list.Items[0].Severity != core.Warning {
			t.Fatalf("%+v", list.Total)
		}
		s.must("POST", "/api/v1/alerts/bulk-runs", `{"action": "unacknowledge", "filter": {"where": ["active=true"]}}`, &run)
		if run = s.ended(run.ID); run.Done != 600 || run.Refused != 600 || run.Reason == "" {
			t.Fatalf("half of them are not acknowledged: %+v", run)
		}
		for body, want := range map[string]int{
			`{"action": "acknowledge", "filter": {"where": ["severity=critical"]}}`: 409,
			`{"action": "acknowledge", "filter": {"where": ["colour=red"]}}`:        422,
			`{"action": "snooze", "filter": {}}`:                                    422,
		} {
			if status, text := s.call("POST", "/api/v1/alerts/bulk-runs", body, nil); status != want {
				t.Errorf("%s: %d %s", body, status, text)
			}
		}
		s.principal = auth.NewPrincipal(auth.KindUser, "u2", "Ana", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator, Team: "t9"})
		if status, _ := s.call("GET", "/api/v1/alerts/bulk-runs/"+run.ID, "", nil); status != 404 {
			t.Errorf("a stranger sees the run: %d", status)
		}
	})
}

// towns place items by their name: "site-class-n".
type towns struct{}

func (towns) Places(_ context.Context, items []string) (map[string]Place, error) {
	out := map[string]Place{}
	for _, item := range items {
		part := strings.Split(item, "-")
		if len(part) < 3 {
			continue
		}
		p := Place{Site: part[0], Class: part[1], ClassLabel: strings.ToUpper(part[1])}
		if part[1] == "db" {
			p.Services = []Service{{"shop", "Shop"}, {"desk", "Desk"}}
		}
		out[item] = p
	}
	return out, nil
}

func TestGroups(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain())
		s.placer.deps = towns{}
		events := []core.Event{s.problem("lisbon-db-1", core.Critical), s.problem("lisbon-web-1", core.Minor), s.problem("porto-web-1", core.Major), s.problem("lonely", core.Warning)}
		events[1].Labels = map[string]string{"rack": "r1"}
		s.accept(events...)
		s.must("POST", "/api/v1/alerts/"+s.alert("lisbon-web-1").ID+"/acknowledge", `{}`, nil)
		s.clear("porto-web-1")
		shown := func(by string, more string) string {
			var out AlertGroups
			s.must("GET", "/api/v1/alerts/groups?by="+by+more, "", &out)
			var text []string
			for _, g := range out.Groups {
				text = append(text, fmt.Sprintf("%s %d %s", cmpOr(g.Label, g.Value), g.Alerts, g.Severity))
				var list listing.Page[AlertView]
				s.must("GET", "/api/v1/alerts?by="+by+"&value="+g.Value+more, "", &list)
				if len(list.Items) != g.Alerts {
					t.Errorf("by %s: the group %q counts %d alerts and lists %d", by, g.Value, g.Alerts, len(list.Items))
				}
			}
			return strings.Join(text, "; ")
		}
		for _, one := range [][3]string{
			{"site", "", "lisbon 2 critical;  1 warning"},
			{"class", "", "DB 1 critical; WEB 1 minor;  1 warning"},
			{"service", "", "Desk 1 critical; Shop 1 critical;  2 minor"},
			{"severity", "", "critical 1 critical; minor 1 minor; warning 1 warning"},
			{"state", "", "open 2 critical; acknowledged 1 minor"},
			{"labels.rack", "", " 2 critical; r1 1 minor"},
			{"site", "&where=severity%3C%3Dminor", "lisbon 1 minor;  1 warning"},
			{"item", "&q=lisbon", "lisbon-db-1 1 critical; lisbon-web-1 1 minor"},
		} {
			if got := shown(one[0], one[1]); got != one[2] {
				t.Errorf("by %s%s:\n%s\nwant\n%s", one[0], one[1], got, one[2])
			}
		}
		if status, _ := s.call("GET", "/api/v1/alerts/groups?by=colour", "", nil); status != 422 {
			t.Errorf("%d", status)
		}
		var run BulkRun
		s.must("POST", "/api/v1/alerts/bulk-runs", `{"action": "comment", "text": "all of the site", "filter": {"by": "site", "value": "lisbon"}}`, &run)
		if run = s.ended(run.ID); run.Done != 2 {
			t.Errorf("%+v", run)
		}
	})
}

func cmpOr(list ...string) string {
	if i := slices.IndexFunc(list, func(s string) bool { return s != "" }); i >= 0 {
		return list[i]
	}
	return ""
}
