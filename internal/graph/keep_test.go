package graph_test

import (
	"testing"
	"time"

	"mainstay/internal/graph"
	"mainstay/internal/graph/classes"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestThePastIsForgotten(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		past := func() (n int) {
			t.Helper()
			b.must(db.QueryRow(b.ctx, "SELECT count(*) FROM graph_past").Scan(&n))
			return n
		}
		for n := range 4 {
			b.report(hostReport(map[string]any{"cpuCount": n + 1}))
		}
		kept := past()
		if kept < 3 {
			t.Fatalf("%d rows of the past", kept)
		}
		b.clock.Advance(graph.Defaults().KeepPast - time.Hour)
		b.report(hostReport(map[string]any{"cpuCount": 9}))
		b.must(b.graph.Sweep(b.ctx))
		if n := past(); n <= kept {
			t.Errorf("%d rows are left before their time", n)
		}
		young := past() - kept
		b.clock.Advance(2 * time.Hour)
		b.must(b.graph.Sweep(b.ctx))
		if n := past(); n < young || n > young+1 { // the sweep itself may make one: the host is missing
			t.Errorf("%d rows are left, %d are young enough", n, young)
		}
	})
}

// TestTheBusinessSeesAClassAtOnce redefines a class, and the index follows
// without a restart.
func TestTheBusinessSeesAClassAtOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		define := func(facing bool) {
			t.Helper()
			_, err := b.graph.DefineClass(b.ctx, classes.Class{Name: "till", Parent: "filesystem", BusinessFacing: facing})
			b.must(err)
		}
		define(false)
		r := hostReport(nil)
		r.Items[1].Class = "till"
		o := b.report(r)
		host, till := o.Item("host"), o.Item("root")
		services := func() int {
			t.Helper()
			reached, err := b.graph.Impact(b.ctx, []string{host}, 10)
			b.must(err)
			n := 0
			for _, s := range reached.Services {
				if s.ID == till {
					n++
				}
			}
			return n
		}
		if services() != 0 {
			t.Fatal("it is seen before it is defined so")
		}
		define(true)
		if services() != 1 {
			t.Error("the index does not know of the new definition")
		}
		define(false)
		if services() != 0 {
			t.Error("the index does not know that it was taken back")
		}
	})
}
