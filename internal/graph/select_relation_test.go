package graph_test

import (
	"slices"
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/graph"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestSelectorsFollowRelations(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		named := func(ref, name string) graph.ReportItem {
			return graph.ReportItem{Ref: ref, Class: "business_service", Name: name}
		}
		o := b.report(graph.Report{Source: "import:x", Items: []graph.ReportItem{named("a", "shop"), named("b", "ledger"), named("c", "mail")},
			Relations: []graph.ReportRelation{{Type: "depends_on", From: "a", To: "b"}}})
		shop, ledger, mail := o.Item("a"), o.Item("b"), o.Item("c")
		for selector, want := range map[string][]string{
			"relations.depends_on=ledger":                             {shop},
			"relations.depends_on=" + ledger:                          {shop},
			"relations.depends_on=*":                                  {shop},
			"inverse.depends_on=shop":                                 {ledger},
			"class=business_service and relations.depends_on!=ledger": {ledger, mail},
			"class = business_service and name != shop":               {ledger, mail},
			"name ~ o":                           {shop},
			"name=mail and inverse.depends_on=*": nil,
			"relations.runs_on=ledger":           nil,
		} {
			got, err := b.graph.Select(b.ctx, selector)
			b.must(err)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, not %v", selector, got, want)
			}
		}
		if _, err := b.graph.Select(b.ctx, "relations.depends_on~x"); core.CodeOf(err) != core.CodeInvalid {
			t.Errorf("%v", err)
		}
	})
}
