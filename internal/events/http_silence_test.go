package events

import (
	"fmt"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestSilencesOverHTTP(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain())
		s.accept(s.problem("a", core.Critical), s.problem("b", core.Major))
		const matchers = `[{"name": "item", "value": "a|b", "isRegex": true, "isEqual": true}, {"name": "severity", "value": "major", "isRegex": false, "isEqual": true}]`
		var preview SilencePreview
		s.must("POST", "/api/v1/silences/preview", `{"matchers": `+matchers+`}`, &preview)
		if preview.Count != 1 || preview.Alerts[0].Item != "b" {
			t.Fatalf("%+v", preview)
		}
		if s.alert("b").State() != StateOpen {
			t.Fatal("a preview held an alert back")
		}
		end := s.clock.Now().Add(time.Hour).Format(time.RFC3339)
		var made SilenceView
		s.must("POST", "/api/v1/silences", fmt.Sprintf(`{"matchers": %s, "endsAt": %q, "comment": "known"}`, matchers, end), &made)
		if made.State != "active" || made.CreatedBy != "Maria" || made.HeldBack != 1 || s.alert("b").State() != StateSuppressed || s.alert("a").State() != StateOpen {
			t.Fatalf("%+v", made)
		}
		for state, want := range map[string]int{"active": 1, "expired": 0, "active,expired": 1} {
			var page listing.Page[SilenceView]
			if s.must("GET", "/api/v1/silences?where=state="+state, "", &page); len(page.Items) != want {
				t.Errorf("%s: %+v", state, page.Items)
			}
		}
		later := s.clock.Now().Add(2 * time.Hour)
		s.must("PUT", "/api/v1/silences/"+made.ID, fmt.Sprintf(`{"matchers": %s, "endsAt": %q}`, matchers, later.Format(time.RFC3339)), &made)
		if !made.EndsAt.Equal(later) {
			t.Fatalf("%+v", made)
		}
		s.must("POST", "/api/v1/silences/"+made.ID+"/expire", "", &made)
		if made.State != "expired" || made.HeldBack != 0 || s.alert("b").State() != StateOpen {
			t.Fatalf("%+v", made)
		}
		if told := s.entries("events.silence."); len(told) != 3 || told[2].Actor.Name != "Maria" {
			t.Fatalf("%+v", told)
		}
	})
}

func TestBadAndForbiddenSilences(t *testing.T) {
	t.Parallel()
	s := newSite(t, sqldbtest.SQLite(t), chain())
	end := s.clock.Now().Add(time.Hour).Format(time.RFC3339)
	draft := func(matcher, end string) string { return fmt.Sprintf(`{"matchers": [%s], "endsAt": %q}`, matcher, end) }
	const good = `{"name": "item", "value": "a", "isRegex": false, "isEqual": true}`
	for body, want := range map[string]int{
		draft(`{"name": "item", "value": "(", "isRegex": true, "isEqual": true}`, end):  422,
		draft(`{"name": "item", "value": ".*", "isRegex": true, "isEqual": true}`, end): 422, // everything
		draft(good, s.clock.Now().Add(-time.Hour).Format(time.RFC3339)):                 422,
		draft("", end): 422,
	} {
		if status, text := s.call("POST", "/api/v1/silences", body, nil); status != want {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
	if status, text := s.call("POST", "/api/v1/silences/nothing/expire", "", nil); status != 404 {
		t.Errorf("%d %s", status, text)
	}
	s.principal = auth.NewPrincipal(auth.KindUser, "u3", "Rui", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator, Team: "red"})
	if status, text := s.call("POST", "/api/v1/silences", draft(good, end), nil); status != 403 {
		t.Errorf("a silence of one team holds back all: %d %s", status, text)
	}
	am := fmt.Sprintf(`{"matchers": [{"name": "item", "value": "a", "isRegex": false}], "startsAt": %q, "endsAt": %q, "createdBy": "x", "comment": "y"}`, s.clock.Now().Format(time.RFC3339), end)
	if status, text := s.call("POST", "/alertmanager/api/v2/silences", am, nil); status != 403 {
		t.Errorf("the Alertmanager API: %d %s", status, text)
	}
}
