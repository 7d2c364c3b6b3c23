package graph_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/graph"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// bench is a started graph on a store of its own.
type bench struct {
	t      testing.TB
	ctx    context.Context
	db     *sqldb.DB
	clock  *coretest.Clock
	ledger *ledger.Ledger
	graph  *graph.Component
}

func setup(t testing.TB, db *sqldb.DB) *bench {
	t.Helper()
	b := &bench{t: t, ctx: t.Context(), db: db, clock: coretest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	ids := core.NewIDs(b.clock, nil)
	b.ledger = ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: b.clock, IDs: ids})
	b.must(sqldb.Migrate(b.ctx, db, "ledger", ledger.Migrations()))
	b.must(sqldb.Migrate(b.ctx, db, "graph", graph.Migrations()))
	b.graph = b.open()
	return b
}

// open starts another graph on the same store, as a second replica would.
func (b *bench) open() *graph.Component {
	b.t.Helper()
	c, err := graph.New(graph.Defaults(), graph.Dependencies{DB: b.db, Clock: b.clock, IDs: core.NewIDs(b.clock, nil), Ledger: b.ledger})
	b.must(err)
	b.must(c.Start(b.ctx))
	b.t.Cleanup(func() { c.Stop(context.Background()) })
	return c
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) report(r graph.Report) graph.Outcome {
	b.t.Helper()
	b.clock.Advance(time.Minute)
	o, err := b.graph.Reconcile(b.ctx, r)
	b.must(err)
	return o
}

func ident(kind, value string) core.Identity { return core.Identity{Kind: kind, Value: value} }

func hostReport(attributes map[string]any) graph.Report {
	return graph.Report{
		Source: "agent", Scope: "web1", Complete: []string{"host", "filesystem"},
		Items: []graph.ReportItem{
			{Ref: "host", Class: "host", Name: "web1", Identities: []core.Identity{ident("serial", "S1"), ident("fqdn", "web1.example.com"), ident("ip", "10.0.0.1")}, Attributes: attributes},
			{Ref: "root", Class: "filesystem", Name: "/", Identities: []core.Identity{ident("parent", "host")}},
			{Ref: "var", Class: "filesystem", Name: "/var", Identities: []core.Identity{ident("parent", "host")}},
		},
		Relations: []graph.ReportRelation{{Type: "part_of", From: "root", To: "host"}, {Type: "part_of", From: "var", To: "host"}},
	}
}

func TestAReportIsTakenOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		first := b.report(hostReport(map[string]any{"cpuCount": 4}))
		if first.Created != 3 || first.RelationsAdded != 2 || len(first.Errors) > 0 {
			t.Fatalf("first: %+v", first)
		}
		again := b.report(hostReport(map[string]any{"cpuCount": 4}))
		if again.Unchanged != 3 || again.Created+again.Changed+again.RelationsAdded > 0 || again.Item("root") != first.Item("root") {
			t.Fatalf("again: %+v", again)
		}
		changed := b.report(hostReport(map[string]any{"cpuCount": 8}))
		if changed.Changed != 1 || changed.Unchanged != 2 || changed.RelationsRemoved > 0 {
			t.Fatalf("changed: %+v", changed)
		}
		if got := b.graph.Index().Dependents(first.Item("host")); len(got) != 2 {
			t.Errorf("dependents of the host: %v", got)
		}
		id, err := b.graph.Resolve(b.ctx, []core.Identity{ident("ip", "10.0.0.1")})
		if err != nil || id != first.Item("host") {
			t.Errorf("resolved %q, %v", id, err)
		}
		less := hostReport(map[string]any{"cpuCount": 8})
		less.Items, less.Relations = less.Items[:2], less.Relations[:1]
		if o := b.report(less); o.Missing != 1 {
			t.Errorf("a file system less: %+v", o)
		}
		if o := b.report(hostReport(map[string]any{"cpuCount": 8})); o.Changed != 1 {
			t.Errorf("it is back: %+v", o)
		}
		if got := b.open().Index().Dependents(first.Item("host")); len(got) != 2 {
			t.Errorf("after a start: dependents of the host: %v", got)
		}
		if v, err := b.ledger.Verify(b.ctx); err != nil || !v.OK() || v.Entries == 0 {
			t.Errorf("ledger: %+v %v", v, err)
		}
	})
}

func ids(kind, value string) []core.Identity { return []core.Identity{ident(kind, value)} }

func TestMergeAndSplit(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		b.ctx = auth.With(b.ctx, auth.System("test"))
		one := b.report(hostReport(map[string]any{"cpuCount": 4}))
		other := hostReport(map[string]any{"vendor": "Dell"})
		other.Source, other.Scope = "snmp", "10.0.0.1"
		other.Items[0].Name = "web1-mgmt"
		other.Items[0].Identities = ids("mac", "aa:bb:cc:00:00:01")
		two := b.report(other)
		if two.Created != 3 {
			t.Fatalf("the second host: %+v", two)
		}
		b.report(graph.Report{Source: "import:x", Items: []graph.ReportItem{{Ref: "s", Class: "business_service", Name: "shop"}},
			Relations: []graph.ReportRelation{{Type: "depends_on", From: "s", To: graph.ByID(two.Item("host"))}}})
		keep, lose := one.Item("host"), two.Item("host")
		b.clock.Advance(time.Minute)
		merges, err := b.graph.Merge(b.ctx, keep, []string{lose})
		b.must(err)

		item, err := b.graph.Item(b.ctx, lose)
		b.must(err)
		if item.ID != keep || item.Attributes["vendor"] != "Dell" || item.Attributes["cpuCount"] != 4.0 {
			t.Errorf("the old id leads to %+v", item)
		}
		if d, err := b.graph.Details(b.ctx, keep); err != nil || !slices.Equal(d.FormerIDs, []string{lose}) {
			t.Errorf("what was recorded under %s is not found: %v %v", lose, d.FormerIDs, err)
		}
		for _, i := range []core.Identity{ident("mac", "aa:bb:cc:00:00:01"), ident("serial", "S1"), ident("id", lose)} {
			if got, _ := b.graph.Resolve(b.ctx, []core.Identity{i}); got != keep {
				t.Errorf("%v resolves to %q", i, got)
			}
		}
		if got := b.graph.Dependents(lose); len(got) != 3 { // two file systems, one service
			t.Errorf("dependents: %v", got)
		}
		// Both sources speak again: nothing comes back to life.
		for _, r := range []graph.Report{other, hostReport(map[string]any{"cpuCount": 4})} {
			if o := b.report(r); o.Created > 0 || o.Item("host") != keep || o.Duplicates > 0 {
				t.Errorf("a report after the merge: %+v", o)
			}
		}
		if got := b.open().Dependents(lose); len(got) != 3 {
			t.Errorf("after a start: %v", got)
		}

		_, err = b.graph.Split(b.ctx, merges[0])
		b.must(err)
		item, err = b.graph.Item(b.ctx, lose)
		b.must(err)
		if item.ID != lose || item.State != graph.Active || item.Attributes["cpuCount"] != nil || item.Attributes["vendor"] != "Dell" {
			t.Errorf("after the split: %+v", item)
		}
		if got := b.graph.Dependents(lose); len(got) != 3 {
			t.Errorf("dependents after the split: %v", got)
		}
		if got := b.graph.Dependents(keep); len(got) != 2 {
			t.Errorf("dependents of the survivor after the split: %v", got)
		}
		if o := b.report(other); o.Created > 0 || o.Item("host") != lose {
			t.Errorf("a report after the split: %+v", o)
		}
		if _, err := b.graph.Split(b.ctx, merges[0]); core.CodeOf(err) != core.CodeConflict {
			t.Errorf("split twice: %v", err)
		}
	})
}
