package monitor

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestADeploymentStartsExtendsAndEndsMaintenance(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := newBench(t, db)
		b.items.put(Item{ID: itemID, Name: "a", Class: "server"})
		b.start()
		api := b.as(auth.System("deploy"))
		on := func() bool {
			in, _ := b.c.InMaintenance(context.Background(), itemID, time.Now())
			return in
		}
		made := api.call("POST", "/maintenance/start", object{"reason": "release 42", "minutes": 30, "items": []string{itemID}}, http.StatusCreated)
		id := made["id"].(string)
		if made["active"] != true || !on() {
			t.Fatalf("%v", made)
		}
		end, err := time.Parse(time.RFC3339, made["nextEnd"].(string))
		if err != nil {
			t.Fatal(err)
		}
		longer := api.call("POST", "/maintenance/"+id+"/extend", object{"minutes": 15}, http.StatusOK)
		if later, err := time.Parse(time.RFC3339, longer["nextEnd"].(string)); err != nil || later.Sub(end) != 15*time.Minute {
			t.Errorf("%v", longer)
		}
		if over := api.call("POST", "/maintenance/"+id+"/end", nil, http.StatusOK); over["active"] != false || on() {
			t.Errorf("%v", over)
		}
		api.call("POST", "/maintenance/"+id+"/end", nil, http.StatusConflict)
		api.call("POST", "/maintenance/start", object{"reason": "no items", "minutes": 30}, http.StatusUnprocessableEntity)
		api.call("POST", "/maintenance/start", object{"reason": "too long", "minutes": 100_000, "all": true}, http.StatusUnprocessableEntity)
		// What it was is told, by whom.
		entries, err := b.ledger.List(t.Context(), ledger.Query{Types: []string{"monitor.maintenance.created"}, Limit: 5})
		if err != nil || len(entries) != 1 || entries[0].Actor.Name != "deploy" {
			t.Errorf("%+v %v", entries, err)
		}
	})
}

func TestOccurrencesAreListedInOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.start()
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for name, spec := range map[string]WindowSpec{
		"weekly": {Start: from.Add(20 * time.Hour), Duration: probe.Duration(time.Hour), Recurrence: "FREQ=WEEKLY", All: true},
		"once":   {Start: from.AddDate(0, 0, 8), Duration: probe.Duration(2 * time.Hour), All: true},
	} {
		if _, _, err := b.c.PutWindow(t.Context(), name, spec, ""); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, o := range b.as(auth.System("test")).call("GET", "/maintenance/occurrences?from=2026-03-01T00:00:00Z&to=2026-03-20T00:00:00Z", nil, 200)["items"].([]any) {
		got = append(got, fmt.Sprint(o.(object)["name"], " ", o.(object)["start"]))
	}
	if want := []string{"weekly 2026-03-01T20:00:00Z", "weekly 2026-03-08T20:00:00Z", "once 2026-03-09T00:00:00Z", "weekly 2026-03-15T20:00:00Z"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestAWindowCoversAllBelowAService(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.items.put(Item{ID: itemID, Name: "shop", Class: "service"})
	needs := map[string][]string{itemID: {"web", "queue"}, "web": {"host"}, "host": {"web"}} // a circle, too
	b.deps.Needs = func(item string) []string { return needs[item] }
	b.start()
	now := time.Now()
	for _, spec := range []WindowSpec{{Items: []string{itemID}}, {Selector: "service"}} {
		spec.Start, spec.Duration, spec.Below = now.Add(-time.Minute), probe.Duration(time.Hour), true
		w, _, err := b.c.PutWindow(t.Context(), "below", spec, "")
		if err != nil {
			t.Fatal(err)
		}
		for item, want := range map[string]bool{itemID: true, "web": true, "host": true, "queue": true, "other": false} {
			if on, _ := b.c.InMaintenance(t.Context(), item, now); on != want {
				t.Errorf("%+v covers %s: %v", spec, item, on)
			}
		}
		items, all, err := b.c.WindowItems(t.Context(), w.ID)
		if err != nil || all || !slices.Equal(items, []string{itemID, "host", "queue", "web"}) {
			t.Errorf("%v %v %v", items, all, err)
		}
	}
}

func TestConfirmedStatusesAreListed(t *testing.T) {
	t.Parallel()
	b, s := newBench(t, sqldbtest.SQLite(t)), listen(t)
	b.items.put(Item{ID: itemID, Name: "a", Class: "server"})
	b.start()
	spec := tcp(s.address)
	spec.Item = itemID
	b.check("port", spec)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		list, err := b.c.Confirmed(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 1 && list[0].Item == itemID && list[0].Status == StatusOK && !list[0].Since.IsZero() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v", list)
		}
	}
}
