package events

import (
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
// changes and ends in any order.
func TestRegisterCountsAsTheStoreDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t), chain())
	random := rand.New(rand.NewPCG(1, 2))
	conditions := [][]string{nil, {"severity>=major"}, {"state=open,acknowledged", "source!=b"}, {"labels.rack=r1"}, {"labels.rack!=r1", "item=i2"}, {"situation!=,x"}, {"severity<minor", "active=true"}}
	for round := range 12 {
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
		w.accept(list...)
		w.clock.Advance(time.Minute)
		if round%4 == 3 {
			w.settled()
		}
	}
	w.settled()
	ctx := asAdmin()
	for i, where := range conditions {
		p := listing.Params{Where: where, Q: []string{"", "", "I1 r1", "K2", "", "RACK"}[i%6]}
		for _, by := range []string{"severity", "state", "source", "item", "situation", "labels.rack", "team"} {
			inMemory, ok := w.countInMemory(auth.From(ctx).Scope("alerts:read"), p, by)
			if !ok {
				t.Fatalf("%v by %s is not counted in memory", where, by)
			}
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
			stored, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (n groupCount, err error) {
				return n, rows.Scan(&n.value, &n.severity, &n.state, &n.alerts, &n.since)
			})
			if err != nil {
				t.Fatal(err)
			}
			total := 0
			for i := range stored {
				total += stored[i].alerts
				if by == "severity" {
					stored[i].value = core.Severity(stored[i].severity).String()
				}
			}
			if got, want := written(inMemory), written(stored); got != want {
				t.Errorf("%v by %s: in memory %s, stored %s", where, by, got, want)
			}
			if _, known, ok := w.matchInMemory(auth.From(ctx).Scope("alerts:read"), p, Grouped{}, nil); !ok || known != total {
				t.Errorf("%v: %d in memory, %d stored", where, known, total)
			}
		}
	}
	if len(w.view.rows.rows) != len(w.view.alerts) || len(w.view.rows.byText)+len(w.view.rows.free) != len(w.view.rows.words) {
		t.Errorf("%d rows of %d alerts; %d texts and %d free of %d", len(w.view.rows.rows), len(w.view.alerts), len(w.view.rows.byText), len(w.view.rows.free), len(w.view.rows.words))
	}
}

func written(counts []groupCount) string {
	var lines []string
	for _, n := range counts {
		lines = append(lines, fmt.Sprint(n))
	}
	slices.Sort(lines)
	return strings.Join(lines, " ")
}
