package listing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

var fields = listing.Fields{
	"name":     {Column: "t.name"},
	"severity": {Column: "t.severity", Kind: listing.Severity},
	"at":       {Column: "t.at", Kind: listing.Time},
	"open":     {Column: "t.active", Kind: listing.Bool, Unsorted: true},
	"size":     {Column: "t.size", Kind: listing.Int},
}

var now = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func base() listing.Base {
	return listing.Base{Select: "t.id", From: "t_row AS t", Search: []string{"t.name"}, Default: "name", Key: "t.id", KeyKind: listing.Int, Now: now}
}

func fill(t testing.TB, db *sqldb.DB) {
	t.Helper()
	ctx := t.Context()
	if err := db.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, "CREATE TABLE t_row (id BIGINT PRIMARY KEY, name TEXT NOT NULL, severity BIGINT NOT NULL, at BIGINT NOT NULL, active BOOLEAN NOT NULL, size BIGINT NOT NULL)"); err != nil {
			return err
		}
		var rows [][]any
		for i := range 12 {
			rows = append(rows, []any{i, fmt.Sprintf("Host_%c%%", 'a'+i%4), i % 6, core.Micros(now.Add(-time.Duration(i) * time.Hour)), i%2 == 0, i % 3})
		}
		return sqldb.Insert(ctx, tx, "INSERT INTO t_row (id, name, severity, at, active, size) VALUES", 6, rows, "")
	}); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, db *sqldb.DB, p listing.Params) (listing.Page[int], error) {
	t.Helper()
	st, err := fields.Build(p, base())
	if err != nil {
		return listing.Page[int]{}, err
	}
	return listing.Read(t.Context(), db, p, st, func(dest func(...any) error) (id int, err error) { return id, dest(&id) })
}

func TestFiltersAndSorts(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		fill(t, db)
		for _, c := range []struct {
			params listing.Params
			want   string
		}{
			{listing.Params{Where: []string{"severity>=major"}, Sort: "-severity"}, "[11 5 10 4]"},
			{listing.Params{Where: []string{"severity=info,warning", "open=true"}, Sort: "size"}, "[2 8]"},
			{listing.Params{Where: []string{"severity!=clear,info,warning,minor", "size>0"}, Sort: "size"}, "[4 10 5 11]"},
			{listing.Params{Where: []string{"at>now-150m"}, Sort: "at"}, "[2 1 0]"},
			{listing.Params{Where: []string{"at<=2026-05-01T02:00:00Z"}, Sort: "-at"}, "[10 11]"},
			{listing.Params{Where: []string{"name~HOST_B"}}, "[1 5 9]"},
			{listing.Params{Q: "host %", Where: []string{"name~a%"}}, "[0 4 8]"},
			{listing.Params{Q: "hostxa"}, "[]"},
			{listing.Params{Sort: "-size,name", Limit: 5}, "[8 5 2 11 4]"},
		} {
			page, err := read(t, db, c.params)
			if err != nil || fmt.Sprint(page.Items) != c.want {
				t.Errorf("%+v gave %v, want %s (%v)", c.params, page.Items, c.want, err)
			}
		}
	})
}

func TestPagesHoldEveryRowOnceInOrder(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		fill(t, db)
		for _, sort := range []string{"", "-at", "size,-name", "-severity,size", "-name,-size"} {
			all, err := read(t, db, listing.Params{Sort: sort})
			if err != nil || len(all.Items) != 12 || all.Next != "" || all.Total.Count != 12 {
				t.Fatalf("%q: %+v, %v", sort, all, err)
			}
			var paged []int
			p := listing.Params{Sort: sort, Limit: 5}
			for {
				page, err := read(t, db, p)
				if err != nil {
					t.Fatal(err)
				}
				if p.Cursor == "" && page.Total.Count != 12 {
					t.Errorf("%q: total %+v", sort, page.Total)
				}
				paged = append(paged, page.Items...)
				if p.Cursor = page.Next; p.Cursor == "" {
					break
				}
			}
			if fmt.Sprint(paged) != fmt.Sprint(all.Items) {
				t.Errorf("%q: pages %v, whole %v", sort, paged, all.Items)
			}
		}
	})
}

func TestBadParametersNameTheField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		params listing.Params
		field  string
	}{
		{listing.Params{Where: []string{"nonsense"}}, "where"},
		{listing.Params{Where: []string{"colour=red"}}, "where.colour"},
		{listing.Params{Where: []string{"severity=bad"}}, "where.severity"},
		{listing.Params{Where: []string{"size~1"}}, "where.size"},
		{listing.Params{Where: []string{"size=x"}}, "where.size"},
		{listing.Params{Where: []string{"open=perhaps"}}, "where.open"},
		{listing.Params{Where: []string{"at>yesterday"}}, "where.at"},
		{listing.Params{Sort: "colour"}, "sort.colour"},
		{listing.Params{Sort: "open"}, "sort.open"},
		{listing.Params{Cursor: "!!"}, "cursor"},
		{listing.Params{Cursor: "W10"}, "cursor"},
		{listing.Params{Cursor: "W3t9LHt9XQ"}, "cursor"},
	} {
		_, err := fields.Build(c.params, base())
		if core.CodeOf(err) != core.CodeInvalid || !strings.Contains(err.Error(), c.field+":") {
			t.Errorf("%+v gave %v, want the field %s", c.params, err, c.field)
		}
	}
}

func TestBlanksAroundAnOperator(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]listing.Condition{
		"name=web":     {Field: "name", Op: "=", Values: []string{"web"}},
		"name = web":   {Field: "name", Op: "=", Values: []string{"web"}},
		"age  >=  5":   {Field: "age", Op: ">=", Values: []string{"5"}},
		"name= web,db": {Field: "name", Op: "=", Values: []string{" web", "db"}},
	} {
		got, err := listing.ParseCondition(text)
		if err != nil || got.Field != want.Field || got.Op != want.Op || !slices.Equal(got.Values, want.Values) {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"name =web", "= web", "name == web"} {
		if got, err := listing.ParseCondition(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}
