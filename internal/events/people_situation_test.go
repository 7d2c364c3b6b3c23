package events

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestAPersonClosesASituation(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain("web", "db"))
		s.accept(s.problem("web", core.Major), s.problem("db", core.Critical))
		s.settled()
		id := s.alert("db").Situation
		var d SituationDetail
		s.must("POST", "/api/v1/situations/"+id+"/close", `{"note": "a test"}`, &d)
		if d.State != "closed" || d.ActiveAlerts != 0 || s.alert("web").Active || s.alert("db").Active || len(d.Comments) != 1 {
			t.Fatalf("%+v", d.SituationView)
		}
		if last := d.History[len(d.History)-1]; last.Kind != "closed" || last.Why != "Closed by Maria. a test" {
			t.Fatalf("%+v", d.History)
		}
		s.settled()
		told := s.entries("events.situation.closed")
		if len(told) != 1 || told[0].Actor.Name != "Maria" || !strings.HasPrefix(told[0].Summary, "Closed by Maria. a test") {
			t.Fatalf("%+v", told)
		}
		if status, text := s.call("POST", "/api/v1/situations/"+id+"/close", `{}`, nil); status != 409 {
			t.Fatalf("%d %s", status, text)
		}
		// What is measured again is no secret: the situation opens again.
		s.clock.Advance(time.Minute)
		s.accept(s.problem("db", core.Critical))
		s.settled()
		if s.must("GET", "/api/v1/situations/"+id, "", &d); d.State != "open" || d.ActiveAlerts != 1 {
			t.Fatalf("%+v", d.SituationView)
		}
	})
}

// TestDecisionsAreTold: who moved or merged is in the ledger, whatever else changed.
func TestDecisionsAreTold(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain())
		s.accept(s.problem("a", core.Major), s.problem("b", core.Major))
		s.settled()
		a, b := s.alert("a").Situation, s.alert("b").Situation
		s.must("POST", "/api/v1/situations/"+a+"/merge", fmt.Sprintf(`{"from": [%q]}`, b), nil)
		s.must("POST", "/api/v1/situations/"+a+"/move", fmt.Sprintf(`{"alerts": [%q]}`, s.alert("b").ID), nil)
		var page listing.Page[SituationView]
		if s.must("GET", "/api/v1/situations?where=state=open", "", &page); len(page.Items) != 2 {
			t.Fatalf("%+v", page.Items)
		}
		var by []string
		for _, e := range s.entries("events.situation.") {
			if e.Actor.Name == "Maria" {
				by = append(by, e.Type+" "+e.Summary[:strings.Index(e.Summary, ".")])
			}
		}
		want := "events.situation.changed Merged by Maria, events.situation.closed Merged by Maria, events.situation.changed Moved by Maria, events.situation.opened Moved by Maria"
		if got := strings.Join(by, ", "); got != want {
			t.Fatalf("\n got %s\nwant %s", got, want)
		}
	})
}
