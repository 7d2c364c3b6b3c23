package graph

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// newGraph starts a graph on an empty store.
func newGraph(t *testing.T, db *sqldb.DB) *Component {
	t.Helper()
	ctx, clock := t.Context(), coretest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	ids := core.NewIDs(clock, nil)
	l := ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: ids})
	c, err := New(Defaults(), Dependencies{DB: db, Clock: clock, IDs: ids, Ledger: l})
	if err = errors.Join(err, sqldb.Migrate(ctx, db, "ledger", ledger.Migrations()), sqldb.Migrate(ctx, db, "graph", Migrations()), c.Start(ctx)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Stop(context.Background()) })
	return c
}

// inParts names hosts that each need the next one, the last the first, and a
// filesystem on each: more than two parts hold, with relations in every direction.
func inParts(hosts int) Report {
	r := Report{Source: "import:test", Scope: "all", Complete: []string{"host", "filesystem"}}
	name := func(i int) string { return fmt.Sprintf("host%03d", i%hosts) }
	for i := range hosts {
		r.Items = append(r.Items,
			ReportItem{Ref: "fs-" + name(i), Class: "filesystem", Name: "/", Identities: []core.Identity{{Kind: "parent", Value: name(i)}}},
			ReportItem{Ref: name(i), Class: "host", Name: name(i), Identities: []core.Identity{{Kind: "serial", Value: "S" + name(i)}}})
		r.Relations = append(r.Relations,
			ReportRelation{Type: "part_of", From: Endpoint("fs-" + name(i)), To: Endpoint(name(i))},
			ReportRelation{Type: "depends_on", From: Endpoint(name(i)), To: Endpoint(name(i + 1))})
	}
	r.Relations = append(r.Relations, ReportRelation{Type: "connects_to", From: "serial=Shost000", To: "serial=Shost001"})
	return r
}

// inStore counts rows.
func inStore(t *testing.T, c *Component, query string) (n int) {
	t.Helper()
	if err := c.db.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// holds fails unless the graph is what inParts(hosts) says.
func holds(t *testing.T, c *Component, hosts int) {
	t.Helper()
	for query, want := range map[string]int{
		"SELECT COUNT(*) FROM graph_item WHERE state = 'active'":                                                          2 * hosts,
		"SELECT COUNT(*) FROM graph_observation WHERE NOT stale":                                                          2 * hosts,
		"SELECT COUNT(*) FROM graph_relation WHERE valid_to > 4000000000000000000":                                        2*hosts + 1,
		"SELECT COUNT(*) FROM graph_observation WHERE NOT stale AND hash = ''":                                            0,
		"SELECT COUNT(*) FROM graph_identity WHERE kind = 'serial' AND LOWER(value) LIKE 'shost%'":                        hosts,
		"SELECT COUNT(*) FROM graph_report":                                                                               1,
		"SELECT COUNT(*) FROM ledger_entry WHERE type = 'graph.item.created'":                                             2 * hosts,
		"SELECT COUNT(*) FROM ledger_entry WHERE type = 'graph.relation.changed'":                                         0,
		"SELECT CASE WHEN version >= 3 THEN 1 ELSE 0 END FROM graph_version":                                              1,
		"SELECT COUNT(*) FROM graph_item WHERE class = 'filesystem' AND id NOT IN (SELECT from_item FROM graph_relation)": 0,
	} {
		if got := inStore(t, c, query); got != want {
			t.Errorf("%s: %d, not %d", query, got, want)
		}
	}
}

func TestALargeReportIsTakenInParts(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		c, r := newGraph(t, db), inParts(300)
		o, err := c.Reconcile(t.Context(), r)
		if err != nil || o.Created != 600 || len(o.Items) != 600 || len(o.Errors) > 0 || o.RelationsAdded != 601 {
			t.Fatalf("%d created, %d relations, errors %v, %v", o.Created, o.RelationsAdded, o.Errors, err)
		}
		holds(t, c, 300)
		if o, err = c.Reconcile(t.Context(), r); err != nil || o.Unchanged != 600 {
			t.Fatalf("repeated: %+v, %v", o, err)
		}
		// What a whole list does not name any more is missing, however much it is.
		few := inParts(20)
		if o, err = c.Reconcile(t.Context(), few); err != nil || o.Missing != 560 || o.Created+o.RelationsAdded != 1 {
			t.Fatalf("a shorter list: %d missing, %d created, %d relations, %v", o.Missing, o.Created, o.RelationsAdded, err)
		}
	})
}

// A transaction that is run again, as PostgreSQL asks for, leaves no trace of
// its first run, and a report whose rest never came is completed by its repetition.
func TestPartsThatFail(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		c, r := newGraph(t, db), inParts(300)
		p, err := c.prepare(r, Places{})
		if err != nil {
			t.Fatal(err)
		}
		work, broken := c.begin(p), errors.New("broken")
		part := func(after error) error {
			return db.Write(t.Context(), func(tx *sqldb.Tx) error { return errors.Join(work.part(t.Context(), tx, partSize), after) })
		}
		for n := range 2 { // of five
			if db.Dialect() == sqldb.PostgreSQL { // SQLite runs nothing again
				if err := part(broken); err == nil || err.Error() != broken.Error() {
					t.Fatalf("part %d: %v", n, err)
				}
			}
			if err := part(nil); err != nil {
				t.Fatalf("part %d: %v", n, err)
			}
			work.keep()
		}
		if got := inStore(t, c, "SELECT COUNT(*) FROM graph_item"); got != 2*partSize {
			t.Fatalf("two parts made %d items", got)
		}
		o, err := c.Reconcile(t.Context(), r)
		if err != nil || o.Created != 600-2*partSize || len(o.Errors) > 0 {
			t.Fatalf("the rest: %d created, errors %v, %v", o.Created, o.Errors, err)
		}
		if got := inStore(t, c, "SELECT COUNT(*) FROM graph_relation WHERE valid_to > 4000000000000000000"); got != 601 {
			t.Errorf("%d relations", got)
		}
	})
}

// An item that a person merges while its report is being taken is followed.
func TestAMergeBetweenParts(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		c, r := newGraph(t, db), inParts(300)
		ctx := auth.With(t.Context(), auth.System("test"))
		other, err := c.Reconcile(ctx, Report{Source: "scan", Items: []ReportItem{{Ref: "x", Class: "host", Name: "other", Identities: []core.Identity{{Kind: "asset_tag", Value: "A1"}}}}})
		if err != nil {
			t.Fatal(err)
		}
		keep := other.Item("x")
		p, err := c.prepare(r, Places{})
		if err != nil {
			t.Fatal(err)
		}
		work := c.begin(p)
		for n := 0; !work.finished; n++ {
			if err := db.Write(ctx, func(tx *sqldb.Tx) error { return work.part(ctx, tx, partSize) }); err != nil {
				t.Fatal(err)
			}
			work.keep()
			if n == 0 {
				if _, err := c.Merge(ctx, keep, []string{p.byRef["host000"].item}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if o := work.outcome; len(o.Errors) > 0 || o.Item("host000") != keep {
			t.Fatalf("host000 is %s, not %s; errors %v", o.Item("host000"), keep, o.Errors)
		}
		if dependents := c.Dependents(keep); len(dependents) != 2 { // its filesystem, and the last host
			t.Fatalf("dependents %v", dependents)
		}
	})
}
