package events

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/events/priority"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// reaching answers what it is told to.
type reaching struct {
	mu sync.Mutex
	r  priority.Reach
}

func (r *reaching) Reach([]string) priority.Reach { r.mu.Lock(); defer r.mu.Unlock(); return r.r }

func TestPriorityOfASituation(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain("web", "db"))
		reach := &reaching{r: priority.Reach{Services: []priority.Service{{ID: "shop", Name: "Shop", Criticality: 4}}, Sites: []string{"lisbon"}, Users: 40, Targets: []priority.Target{{Name: "gold", Item: "shop", Percent: 99.9}}}}
		s.deps.Reach = reach
		s.accept(s.problem("db", core.Major))
		s.settled()
		var list listing.Page[SituationView]
		s.must("GET", "/api/v1/situations?where=priority=P2", "", &list)
		if len(list.Items) != 1 {
			t.Fatalf("%d situations of P2", len(list.Items))
		}
		v := list.Items[0]
		if v.Priority != "P2" || v.Impact.Impact != priority.High || v.Impact.Urgency != priority.Medium || v.Impact.Sites[0] != "lisbon" || v.Impact.Users != 40 ||
			v.Impact.Targets[0].Name != "gold" || !strings.Contains(strings.Join(v.Impact.Why, " "), "Shop has the criticality critical") {
			t.Fatalf("%+v", v.Impact)
		}
		if d := decode[SituationData](t, s.entries("events.situation.opened")[0]); d.Priority != "P2" || d.Impact != priority.High || d.Set {
			t.Fatalf("%+v", d)
		}
		// It follows what happens.
		s.accept(s.problem("db", core.Critical))
		s.settled()
		var d SituationDetail
		path := "/api/v1/situations/" + v.ID
		s.must("GET", path, "", &d)
		if d.Priority != "P1" {
			t.Fatalf("%s", d.Priority)
		}
		// A person knows better, and that stays.
		s.must("POST", path+"/priority", `{"priority": "P4", "note": "the shop is closed today"}`, &d)
		if d.Priority != "P4" || d.Impact.Computed != "P1" || d.Impact.SetBy != "Maria" || d.Impact.Note != "the shop is closed today" {
			t.Fatalf("%s %+v", d.Priority, d.Impact)
		}
		s.accept(s.problem("web", core.Critical))
		s.settled()
		s.must("GET", path, "", &d)
		if d.Priority != "P4" || d.Alerts != 2 {
			t.Fatalf("%s with %d alerts", d.Priority, d.Alerts)
		}
		told := s.entries("events.situation.changed")
		last := decode[SituationData](t, told[len(told)-1])
		if last.Priority != "P4" || !last.Set {
			t.Fatalf("%+v", last)
		}
		if status, text := s.call("POST", path+"/priority", `{"priority": "P4"}`, nil); status != 409 {
			t.Fatalf("%d %s", status, text)
		}
		d = SituationDetail{}
		s.must("POST", path+"/priority", `{"priority": ""}`, &d)
		if d.Priority != "P1" || d.Impact.SetBy != "" {
			t.Fatalf("%s", d.Priority)
		}
	})
}

func TestPriorityMatrixDocument(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db, chain())
		s.accept(s.problem("db", core.Major))
		s.settled()
		m := priority.Default()
		m.Urgency.High = "major"
		text, _ := json.Marshal(m)
		apply := func() bool {
			var changed bool
			if err := db.Write(asAdmin(), func(tx *sqldb.Tx) (err error) {
				changed, err = s.applyMatrix(asAdmin(), tx, "default", text)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return changed
		}
		if !apply() || apply() {
			t.Fatal("it changes once")
		}
		var list listing.Page[SituationView]
		s.eventually("open situations are rated anew", func() bool {
			s.must("GET", "/api/v1/situations", "", &list)
			return list.Items[0].Priority == "P2"
		})
		if err := db.Write(asAdmin(), func(tx *sqldb.Tx) error { _, err := s.deleteMatrix(asAdmin(), tx, "default"); return err }); err != nil {
			t.Fatal(err)
		}
		s.eventually("the table is the default again", func() bool {
			s.must("GET", "/api/v1/situations", "", &list)
			return list.Items[0].Priority == "P3"
		})
	})
}

func FuzzMatrix(f *testing.F) {
	text, _ := json.Marshal(priority.Default())
	f.Add(text)
	f.Add([]byte(`{"priorities": {"high": {"high": "P1"}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := ParseMatrix(raw)
		if err != nil {
			return
		}
		for severity := core.Clear; severity <= core.Critical; severity++ {
			if d := m.Decide(priority.Reach{}, severity); d.Priority < 1 || d.Priority > 5 {
				t.Fatalf("%+v", d)
			}
		}
	})
}
