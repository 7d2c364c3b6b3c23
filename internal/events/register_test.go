package events

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// What is counted in memory is what the store counts, through openings,
// changes, ends and people's decisions in any order; on PostgreSQL also for a
// process that did none of it, whose clock stands still.
func TestRegisterCountsAsTheStoreDoes(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db, chain())
		nodes := []*world{w}
		if db.Dialect() == sqldb.PostgreSQL {
			nodes = append(nodes, newWorld(t, db, chain()), newWorld(t, db, chain()))
		}
		random := rand.New(rand.NewPCG(1, 2))
		for round := range 12 {
			writer := nodes[round%min(len(nodes), 2)] // the third only reads
			var list []core.Event
			for range 40 {
				e := w.problem(fmt.Sprintf("i%d", random.IntN(8)), core.Severity(1+random.IntN(5)))
				e.Key, e.Source = fmt.Sprintf("k%d", random.IntN(60)), []string{"a", "b"}[random.IntN(2)]
				e.Labels = map[string]string{"rack": fmt.Sprint("r", random.IntN(3))}
				if random.IntN(3) == 0 {
					e.Kind, e.Severity = core.Cleared, core.Clear
				}
				list = append(list, e)
			}
			writer.accept(list...)
			var open []string
			writer.view.mu.RLock()
			for _, a := range writer.view.rows.rows[:min(3, len(writer.view.rows.rows))] {
				open = append(open, a.id)
			}
			writer.view.mu.RUnlock()
			if _, err := writer.Do(asAdmin(), Deed{Action: []Action{Acknowledge, Unacknowledge}[round%2]}, open); err != nil {
				t.Fatal(err)
			}
			w.clock.Advance(time.Minute)
			if round%4 == 3 {
				w.settled()
			}
			if round%3 == 2 {
				for i, node := range nodes {
					node.countsAsStored(t, fmt.Sprintf("round %d, node %d", round, i), round == 11)
				}
			}
		}
	})
}

func (w *world) countsAsStored(t *testing.T, when string, settled bool) {
	t.Helper()
	ctx := asAdmin()
	conditions := [][]string{nil, {"severity>=major"}, {"state=open,acknowledged", "source!=b"}, {"labels.rack=r1"}, {"labels.rack!=r1", "item=i2"}, {"situation!=,x"}, {"severity<minor", "active=true"}}
	for i, where := range conditions {
		p := listing.Params{Where: where, Q: []string{"", "", "I1 r1", "K2", "", "RACK"}[i%6]}
		for _, by := range []string{"severity", "state", "source", "item", "situation", "labels.rack", "team"} {
			if !settled && w.db.Dialect() == sqldb.SQLite && (by == "situation" || i == 5) {
				continue // correlation tells when it has committed
			}
			var inMemory, stored []groupCount
			known, total := 0, 0
			for again := true; again; { // correlation and time go on: both are of one moment when the store has not changed meanwhile
				before, _ := w.countStored(t, ctx, p, by)
				if err := w.catchUp(ctx); err != nil {
					t.Fatal(err)
				}
				var counted, matched bool
				inMemory, counted = w.countInMemory(auth.From(ctx).Scope("alerts:read"), p, by)
				_, known, matched = w.matchInMemory(auth.From(ctx).Scope("alerts:read"), p, Grouped{}, nil)
				if !counted || !matched {
					t.Fatalf("%v by %s is not counted in memory", where, by)
				}
				stored, total = w.countStored(t, ctx, p, by)
				again = written(before) != written(stored)
			}
			if got, want := written(inMemory), written(stored); got != want {
				t.Errorf("%s: %v by %s: in memory %s, stored %s", when, where, by, got, want)
			}
			if known != total {
				t.Errorf("%s: %v: %d in memory, %d stored", when, where, known, total)
			}
		}
	}
	if !settled {
		return
	}
	w.view.mu.RLock()
	defer w.view.mu.RUnlock()
	if len(w.view.rows.rows) != len(w.view.alerts) || len(w.view.rows.byText)+len(w.view.rows.free) != len(w.view.rows.words) {
		t.Errorf("%s: %d rows of %d alerts; %d texts and %d free of %d", when, len(w.view.rows.rows), len(w.view.alerts), len(w.view.rows.byText), len(w.view.rows.free), len(w.view.rows.words))
	}
}

func (w *world) countStored(t *testing.T, ctx context.Context, p listing.Params, by string) (stored []groupCount, total int) {
	t.Helper()
	base, _, err := w.alertBase(ctx, "alerts:read", Grouped{})
	if err != nil {
		t.Fatal(err)
	}
	base.Where = append(base.Where, "active")
	column, err := w.groupExpression(by, func(v any) string { base.Args = append(base.Args, v); return sqldb.In(1, len(base.Args)) })
	if err != nil {
		t.Fatal(err)
	}
	conditions, args, err := alertFields().Conditions(p, base)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := w.db.Query(ctx, "SELECT CAST("+column+" AS TEXT), severity, state, COUNT(*), MIN(onset) FROM events_alert"+conditions+" GROUP BY 1, 2, 3", args...)
	stored, err = sqldb.Collect(rows, err, func(rows *sqldb.Rows) (n groupCount, err error) {
		return n, rows.Scan(&n.value, &n.severity, &n.state, &n.alerts, &n.since)
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range stored {
		total += stored[i].alerts
		if by == "severity" {
			stored[i].value = core.Severity(stored[i].severity).String()
		}
	}
	return stored, total
}

func written(counts []groupCount) string {
	var lines []string
	for _, n := range counts {
		lines = append(lines, fmt.Sprint(n))
	}
	slices.Sort(lines)
	return strings.Join(lines, " ")
}
