package graph_test

import (
	"slices"
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/graph"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// dependency is a report of two hosts of which one needs the other.
type dependency struct {
	*bench
	report graph.Report
	cpus   int
}

func newDependency(t *testing.T, db *sqldb.DB) *dependency {
	d := &dependency{bench: setup(t, db)}
	d.ctx = auth.With(d.ctx, auth.System("test"))
	d.report = graph.Report{Source: "import:test", Scope: "all", Items: []graph.ReportItem{
		{Ref: "needed", Class: "host", Name: "db1", Identities: []core.Identity{ident("serial", "N1"), ident("ip", "10.0.0.1")}},
		{Ref: "needing", Class: "host", Name: "web1", Identities: []core.Identity{ident("serial", "S1")}},
	}, Relations: []graph.ReportRelation{{Type: "depends_on", From: "needing", To: "needed"}}}
	return d
}

// change reports the same, but for an attribute of the host that needs the other.
func (d *dependency) change() graph.Outcome {
	d.cpus++
	d.report.Items[1].Attributes = map[string]any{"cpuCount": d.cpus}
	return d.again()
}

func (d *dependency) again() graph.Outcome { return d.bench.report(d.report) }

// expect compares what an item needs with the refs of an outcome.
func (d *dependency) expect(o graph.Outcome, refs ...string) {
	d.t.Helper()
	var got, want []string
	for _, need := range d.graph.Needs(o.Item("needing")) {
		got = append(got, need.Items...)
	}
	for _, ref := range refs {
		want = append(want, o.Item(ref))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		d.t.Fatalf("it needs %q instead of %q: %+v", got, want, o)
	}
}

func TestRelationsAreTakenAgainWhenTheyMayDiffer(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(d *dependency){
		"an attribute": func(d *dependency) {
			d.expect(d.again(), "needed")
			d.expect(d.change(), "needed")
		},
		"an attribute and a relation": func(d *dependency) {
			d.again()
			d.report.Items = append(d.report.Items, graph.ReportItem{Ref: "other", Class: "host", Name: "db2"})
			d.report.Relations = append(d.report.Relations, graph.ReportRelation{Type: "depends_on", From: "needing", To: "other"})
			d.expect(d.change(), "needed", "other")
		},
		"a relation that is not said any more, of a whole list": func(d *dependency) {
			d.report.Complete = []string{"host"}
			d.expect(d.again(), "needed")
			d.report.Relations = nil
			d.expect(d.change())
		},
		"a relation that a person ended": func(d *dependency) {
			o := d.again()
			d.must(d.graph.Unrelate(d.ctx, o.Item("needing"), "depends_on", o.Item("needed")))
			d.expect(o)
			d.expect(d.again(), "needed")
		},
		"a needed item that a person deleted": func(d *dependency) {
			o := d.again()
			d.must(d.graph.Delete(d.ctx, o.Item("needed"), ""))
			d.expect(o)
			next := d.again()
			if next.Item("needed") == o.Item("needed") {
				d.t.Fatal("a deleted item was reported again and is the same")
			}
			d.expect(next, "needed")
		},
		"an address that is another's by now": func(d *dependency) {
			d.report.Relations[0].To = graph.ByIdentity(ident("ip", "10.0.0.1"))
			d.expect(d.again(), "needed")
			d.report.Items = append(d.report.Items, graph.ReportItem{Ref: "other", Class: "host", Name: "db2",
				Identities: []core.Identity{ident("serial", "N2"), ident("ip", "10.0.0.1")}})
			d.report.Items[0].Identities = d.report.Items[0].Identities[:1]
			d.again()
			d.expect(d.change(), "needed", "other")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) { run(newDependency(t, db)) })
		})
	}
}
