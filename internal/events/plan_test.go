package events

import (
	"strings"
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func planOf(rows *sqldb.Rows, err error) (string, error) {
	lines, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (line string, err error) {
		var id, parent, unused int
		return line, r.Scan(&id, &parent, &unused, &line)
	})
	return strings.Join(lines, "; "), err
}

// The store finds the alerts of one situation by that, and the first page of
// what is active by an index of what is active.
func TestListsUseTheirIndexes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t), chain())
	w.accept(w.problem("a", core.Major))
	plan := func(p listing.Params, g Grouped) string {
		t.Helper()
		base, _, err := w.alertBase(asAdmin(), "alerts:read", g)
		if err != nil {
			t.Fatal(err)
		}
		base.Select = "id"
		if base.Where = append(base.Where, named(p.Where)...); activeOnly(p.Where) {
			base.Where = append(base.Where, "active")
		}
		st, err := alertFields().Build(p, base)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := w.db.Query(t.Context(), "EXPLAIN QUERY PLAN "+st.SQL, st.Args...)
		lines, err := planOf(rows, err)
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	for name, where := range map[string]string{"alerts of a situation": ofSituation + " AND item <> '' ORDER BY onset, id LIMIT 1000", "open ones": ofSituation + " AND state = 'open' ORDER BY id"} {
		rows, err := w.db.Query(t.Context(), "EXPLAIN QUERY PLAN SELECT id FROM events_alert WHERE "+where, "s")
		lines, err := planOf(rows, err)
		if err != nil || !strings.Contains(lines, "events_alert_situation") {
			t.Errorf("%s: %s %v", name, lines, err)
		}
	}
	for _, one := range []struct {
		p     listing.Params
		g     Grouped
		index string
	}{
		{listing.Params{Where: []string{"situation=s", "state=open,acknowledged"}}, Grouped{}, "events_alert_situation"},
		{listing.Params{Where: []string{"situation=s", "active=true"}, Sort: "-severity"}, Grouped{}, "events_alert_situation"},
		{listing.Params{Where: []string{"item=i", "active=true"}}, Grouped{}, "events_alert_item"},
		{listing.Params{Where: []string{"state=open,acknowledged"}}, Grouped{}, "events_alert_newest"},
		{listing.Params{Where: []string{"active=true"}, Sort: "-severity"}, Grouped{}, "events_alert_worst"},
		{listing.Params{Where: []string{"active=true"}, Sort: "-severity,-openedAt"}, Grouped{By: "situation", Value: "s"}, "events_alert_situation"},
	} {
		if got := plan(one.p, one.g); !strings.Contains(got, one.index) {
			t.Errorf("%v %+v: %s, want %s", one.p, one.g, got, one.index)
		}
	}
}
