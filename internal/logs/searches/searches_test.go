package searches_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/logs/searches"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

type bench struct {
	t  *testing.T
	db *sqldb.DB
	c  *searches.Component
	h  http.Handler
}

func user(id string, grants ...auth.Grant) *auth.Principal {
	return auth.NewPrincipal(auth.KindUser, id, id, auth.BuiltinRoles(), grants...)
}

func setup(t *testing.T, db *sqldb.DB) *bench {
	t.Helper()
	ctx := context.Background()
	for _, err := range []error{sqldb.Migrate(ctx, db, "ledger", ledger.Migrations()), sqldb.Migrate(ctx, db, "logsearches", searches.Migrations())} {
		if err != nil {
			t.Fatal(err)
		}
	}
	clock := coretest.NewClock(time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))
	ids := core.NewIDs(clock, nil)
	l := ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: ids})
	if err := l.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Stop(ctx) })
	b := &bench{t: t, db: db, c: searches.New(searches.Dependencies{DB: db, Ledger: l, Clock: clock, IDs: ids})}
	api := httpapi.New("test", slog.New(slog.DiscardHandler))
	b.c.Routes(api)
	b.h = api.Handler()
	return b
}

type answer struct {
	ID    string
	Items []*searches.Search
}

func (b *bench) ask(who *auth.Principal, method, path, body string, want int) (out answer) {
	b.t.Helper()
	r := httptest.NewRequest(method, "/api/v1/logs/searches"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r.WithContext(auth.With(r.Context(), who)))
	if w.Code != want {
		b.t.Fatalf("%s %s as %s: %d, not %d: %s", method, path, who.Name, w.Code, want, w.Body)
	}
	_ = json.Unmarshal(w.Body.Bytes(), &out)
	return out
}

func (b *bench) names(who *auth.Principal) string {
	b.t.Helper()
	var names []string
	for _, s := range b.ask(who, "GET", "", "", 200).Items {
		mark := ""
		if s.Editable {
			mark = "*"
		}
		names = append(names, s.Name+mark)
	}
	return strings.Join(names, " ")
}

func TestWhoSeesASearchAndMayChangeIt(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		ann, ben := user("ann", auth.Grant{Role: auth.Operator}), user("ben", auth.Grant{Role: auth.Auditor})
		blue, red := user("blue", auth.Grant{Role: auth.Operator, Team: "blue"}), user("red", auth.Grant{Role: auth.Operator, Team: "red"})
		own := b.ask(ann, "POST", "", `{"name":"mine","spec":{"query":"error","columns":["host","app"],"from":"now-1h"}}`, 201)
		b.ask(ben, "POST", "", `{"name":"mine","spec":{"query":"fatal"}}`, 201) // names of one's own do not meet
		b.ask(ann, "POST", "", `{"name":"mine","spec":{"query":"other"}}`, 409)
		all := b.ask(ann, "POST", "", `{"name":"all","shared":true,"spec":{"query":"level:error"}}`, 201)
		team := b.ask(blue, "POST", "", `{"name":"blue","shared":true,"spec":{"query":"app:shop","team":"blue"}}`, 201)
		b.ask(blue, "POST", "", `{"name":"x","shared":true,"spec":{"query":"x"}}`, 403)
		b.ask(ben, "POST", "", `{"name":"x","shared":true,"spec":{"query":"x"}}`, 403)
		for who, want := range map[*auth.Principal]string{ann: "all* blue* mine*", ben: "all blue mine*", blue: "all blue*", red: "all"} {
			if got := b.names(who); got != want {
				t.Errorf("%s sees %q, not %q", who.Name, got, want)
			}
		}
		b.ask(ben, "DELETE", "/"+own.ID, "", 404)
		b.ask(ben, "DELETE", "/"+all.ID, "", 403)
		b.ask(red, "PUT", "/"+team.ID, `{"name":"theirs","shared":true,"spec":{"query":"x","team":"red"}}`, 404)
		b.ask(blue, "PUT", "/"+team.ID, `{"name":"renamed","shared":true,"spec":{"query":"app:shop","team":"blue"}}`, 200)
		b.ask(ann, "PUT", "/"+own.ID, `{"name":"for all","shared":true,"spec":{"query":"error"}}`, 200)
		b.ask(ann, "DELETE", "/"+all.ID, "", 204)
		if got := b.names(red); got != "for all" {
			t.Errorf("red sees %q", got)
		}
		var told int
		if err := db.QueryRow(context.Background(), "SELECT COUNT(*) FROM ledger_entry WHERE type LIKE 'logs.search.%'").Scan(&told); err != nil || told != 5 {
			t.Errorf("%d entries of the ledger, %v", told, err)
		}
	})
}

func TestASharedSearchIsADocument(t *testing.T) {
	t.Parallel()
	b := setup(t, sqldbtest.SQLite(t))
	ann := user("ann", auth.Grant{Role: auth.Manager})
	apply := func(who *auth.Principal, spec string) (changed bool, err error) {
		err = b.db.Write(context.Background(), func(tx *sqldb.Tx) error {
			changed, err = b.c.Kinds()[0].Apply(auth.With(context.Background(), who), tx, "errors", json.RawMessage(spec))
			return err
		})
		return changed, err
	}
	if changed, err := apply(ann, `{"query":"error","from":"now-6h"}`); !changed || err != nil {
		t.Fatal(changed, err)
	}
	if changed, err := apply(ann, `{"query":"error","from":"now-6h"}`); changed || err != nil {
		t.Fatal(changed, err)
	}
	if changed, err := apply(ann, `{"query":"error","from":"now-6h","datasets":["shop","audit"]}`); !changed || err != nil {
		t.Fatal(changed, err)
	}
	if _, err := apply(user("red", auth.Grant{Role: auth.Operator, Team: "red"}), `{"query":"error","team":"red"}`); core.CodeOf(err) != core.CodeForbidden {
		t.Errorf("somebody else's was taken: %v", err)
	}
	for _, bad := range []string{`{"query":"x","from":"yesterday"}`, `{"query":"x","columns":[""]}`, `{"query":"x","datasets":[""]}`, `{"query":"x","sort":"y"}`} {
		if _, err := apply(ann, bad); core.CodeOf(err) != core.CodeInvalid {
			t.Errorf("%s: %v", bad, err)
		}
	}
	list, err := b.c.Kinds()[0].List(auth.With(context.Background(), ann), b.db)
	if err != nil || len(list) != 1 || !bytes.Contains(list[0].Spec, []byte(`"from":"now-6h"`)) || !bytes.Contains(list[0].Spec, []byte(`"datasets":["shop","audit"]`)) {
		t.Errorf("%+v %v", list, err)
	}
}
