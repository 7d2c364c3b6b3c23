package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mainstay/internal/graph"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// An item that changed often is found as of any moment, and its history reads
// the same in pages of any size, beside another that changed as often.
func TestALongHistoryIsWhole(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		const changes = 70
		var began [changes]time.Time
		var id string
		for n := range changes {
			r := hostReport(map[string]any{"cpuCount": n + 1})
			other := r.Items[0]
			other.Ref, other.Name, other.Identities = "other", "web2", nil
			r.Items = append(r.Items, other)
			id = b.report(r).Item("host")
			began[n] = b.clock.Now()
		}
		shows := func(at time.Time, want int) {
			t.Helper()
			item, err := b.graph.AsOf(b.ctx, id, at)
			b.must(err)
			if got := fmt.Sprint(item.Attributes["cpuCount"]); got != fmt.Sprint(want) {
				t.Errorf("at %s it had %s CPUs instead of %d", at, got, want)
			}
		}
		for n, at := range began {
			shows(at, n+1)
			shows(at.Add(30*time.Second), n+1)
		}
		if item, err := b.graph.AsOf(b.ctx, id, began[0].Add(-time.Second)); err == nil {
			t.Errorf("it was there before it was: %v", item)
		}
		for _, limit := range []int{1, 2, 7, 16, 17, 100} {
			var moments []graph.Moment
			for before := (time.Time{}); ; {
				page, err := b.graph.History(b.ctx, id, before, limit)
				b.must(err)
				if len(page) == 0 {
					break
				}
				for _, m := range page {
					if m.Related == nil {
						moments = append(moments, m)
					}
				}
				before = page[len(page)-1].At
			}
			if len(moments) != changes {
				t.Fatalf("%d moments in pages of %d", len(moments), limit)
			}
			for n, m := range moments {
				if !m.At.Equal(began[changes-1-n]) || n < changes-1 && (len(m.Changes) != 1 || fmt.Sprint(m.Changes[0].After) != fmt.Sprint(changes-n)) {
					t.Fatalf("moment %d in pages of %d: %+v", n, limit, m)
				}
			}
		}
	})
}

// However long the past of all items is, one item's is looked up.
func TestTheWholePastIsNotReadForOneItem(t *testing.T) {
	t.Parallel()
	b := setup(t, sqldbtest.SQLite(t))
	args := make([]any, 11)
	for n := range args {
		args[n] = 1
	}
	rows, err := b.db.Query(b.ctx, "EXPLAIN QUERY PLAN "+graph.VersionsQuery, args...)
	steps, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (step string, err error) {
		var n int
		return step, rows.Scan(&n, &n, &n, &step)
	})
	b.must(err)
	searches := 0
	for _, step := range steps {
		if strings.HasPrefix(step, "SCAN graph_") || strings.Contains(step, "AUTOMATIC") {
			t.Errorf("the plan has the step %q", step)
		}
		if strings.HasPrefix(step, "SEARCH") {
			searches++
		}
	}
	if searches != 5 {
		t.Errorf("the plan searches %d times: %q", searches, steps)
	}
}
