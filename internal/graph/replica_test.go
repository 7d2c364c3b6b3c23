package graph_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"mainstay/internal/graph"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// However many speak of one host at once, through however many replicas, it is
// one item, and every replica's memory ends up the same.
func TestReplicasAgree(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		replicas := []*graph.Component{b.graph}
		if db.Dialect() == sqldb.PostgreSQL {
			replicas = append(replicas, b.open())
		}
		var wg sync.WaitGroup
		found := make([]string, 8)
		for n := range found {
			wg.Go(func() {
				for round := range 3 {
					r := hostReport(map[string]any{"cpuCount": n + round})
					r.Source = fmt.Sprintf("import:%d", n)
					o, err := replicas[n%len(replicas)].Reconcile(b.ctx, r)
					if err != nil {
						t.Error(err)
						return
					}
					found[n] = o.Item("host")
				}
			})
		}
		wg.Wait()
		for _, id := range found {
			if id != found[0] || id == "" {
				t.Fatalf("the host is several items: %v", found)
			}
		}
		for n, replica := range replicas {
			for try := 0; len(replica.Dependents(found[0])) != 2; try++ {
				if try == 100 {
					t.Fatalf("replica %d sees the dependents %v", n, replica.Dependents(found[0]))
				}
				b.clock.Advance(time.Second) // another replica's changes are looked for once a second
				time.Sleep(10 * time.Millisecond)
			}
		}
		if v, err := b.ledger.Verify(b.ctx); err != nil || !v.OK() {
			t.Errorf("ledger: %+v %v", v, err)
		}
	})
}
