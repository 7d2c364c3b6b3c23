package dashboard

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
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

type object = map[string]any

// world is everything a test of the component needs.
type world struct {
	t       *testing.T
	db      *sqldb.DB
	c       *Component
	items   estate
	ledger  *ledger.Ledger
	metrics metricstore.Store
}

// estate is a small graph.
type estate map[string]Item

func (e estate) Item(_ context.Context, id string) (Item, error) {
	if i, ok := e[id]; ok {
		return i, nil
	}
	return Item{}, core.NotFound("item", id)
}

func (e estate) Select(_ context.Context, selector string) ([]string, error) {
	class, ok := strings.CutPrefix(selector, "class=")
	if !ok {
		return nil, core.Invalid("selector", "cannot be read")
	}
	var out []string
	for _, id := range []string{"h1", "h2", "h1-eth0", "db1"} {
		if e[id].Class == class {
			out = append(out, id)
		}
	}
	return out, nil
}

func newWorld(t *testing.T, db *sqldb.DB) *world {
	t.Helper()
	ctx := context.Background()
	for _, err := range []error{sqldb.Migrate(ctx, db, "ledger", ledger.Migrations()), sqldb.Migrate(ctx, db, "dashboard", Migrations())} {
		if err != nil {
			t.Fatal(err)
		}
	}
	clock := core.SystemClock{}
	ids := core.NewIDs(clock, nil)
	w := &world{t: t, db: db, ledger: ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: ids}), items: estate{
		"h1":      {ID: "h1", Name: "web1", Class: "virtual_machine", Classes: []string{"virtual_machine", "host", "device", "item"}, Team: "blue"},
		"h2":      {ID: "h2", Name: "web2", Class: "virtual_machine", Classes: []string{"virtual_machine", "host", "device", "item"}},
		"h1-eth0": {ID: "h1-eth0", Name: `e"0`, Class: "interface", Classes: []string{"interface", "item"}, Parent: "h1"},
		"db1":     {ID: "db1", Name: "orders", Class: "database", Classes: []string{"database", "item"}},
	}}
	if err := w.ledger.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.ledger.Stop(ctx) })
	cfg := metricstore.Defaults()
	cfg.Directory, cfg.MinFree = t.TempDir(), 1
	var err error
	if w.metrics, err = metricstore.Open(cfg, metricstore.Dependencies{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.metrics.Close() })
	if w.c, err = New(Dependencies{DB: db, Ledger: w.ledger, Items: w.items, Metrics: w.metrics, Clock: clock, IDs: ids}); err != nil {
		t.Fatal(err)
	}
	return w
}

// measure stores one sample of each series, "name label value label value".
func (w *world) measure(series ...string) {
	w.t.Helper()
	var samples []metricstore.Sample
	for i, s := range series {
		f := strings.Fields(s)
		samples = append(samples, metricstore.Sample{Labels: metricstore.NewLabels(f[0], f[1:]...), T: time.Now().Add(-time.Minute), V: float64(i)})
	}
	if err := w.metrics.Append(context.Background(), samples); err != nil {
		w.t.Fatal(err)
	}
}

// call calls the API as somebody and returns the answer with its ETag under "etag".
func (w *world) call(who *auth.Principal, method, path, match string, body any, want int) object {
	w.t.Helper()
	raw, ok := body.([]byte)
	if !ok && body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			w.t.Fatal(err)
		}
	}
	api := httpapi.New("test", slog.New(slog.DiscardHandler))
	w.c.Routes(api)
	req := httptest.NewRequest(method, "/api/v1"+path, bytes.NewReader(raw))
	req.Header.Set("Content-Type", "application/json")
	if match != "" {
		req.Header.Set("If-Match", match)
	}
	rec := httptest.NewRecorder()
	api.Handler().ServeHTTP(rec, req.WithContext(auth.With(req.Context(), who)))
	out := object{}
	_ = json.Unmarshal(rec.Body.Bytes(), &out)
	if rec.Code != want {
		w.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body.String())
	}
	out["etag"] = rec.Header().Get("ETag")
	return out
}

func user(id, role, team string) *auth.Principal {
	return auth.NewPrincipal(auth.KindUser, id, id, auth.BuiltinRoles(), auth.Grant{Role: role, Team: team})
}

// names lists the names of a page.
func names(page object) string {
	var out []string
	for _, d := range page["items"].([]any) {
		out = append(out, d.(object)["name"].(string))
	}
	return strings.Join(out, " ")
}

func documents(t *testing.T, w *world) *declare.Set {
	t.Helper()
	set, err := declare.NewSet(w.db, w.c.Kinds()...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestDashboardsOverHTTP(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		kim := user("kim", auth.Operator, "")
		spec := object{"title": "Shop", "tags": []string{"shop", "night"}, "panels": []object{{"type": "timeseries", "at": object{"x": 0, "y": 0, "w": 12, "h": 8}, "targets": []object{{"query": "up"}}}}}
		made := w.call(kim, "POST", "/dashboards", "", object{"name": "shop", "spec": spec}, http.StatusCreated)
		w.call(kim, "POST", "/dashboards", "", object{"name": "shop", "spec": spec}, http.StatusConflict)
		w.call(kim, "POST", "/dashboards", "", object{"name": "plain", "spec": object{"title": "Another"}}, http.StatusCreated)
		w.call(user("otto", auth.Auditor, ""), "POST", "/dashboards", "", object{"name": "x", "spec": spec}, http.StatusForbidden)

		spec["title"] = "The shop"
		changed := w.call(kim, "PUT", "/dashboards/shop", made["etag"].(string), object{"spec": spec}, http.StatusOK)
		if changed["etag"] == made["etag"] || changed["spec"].(object)["title"] != "The shop" {
			t.Errorf("%v", changed)
		}
		w.call(kim, "PUT", "/dashboards/shop", made["etag"].(string), object{"spec": spec}, http.StatusPreconditionFailed)
		if same := w.call(kim, "PUT", "/dashboards/shop", "", object{"spec": spec}, http.StatusOK); same["etag"] != changed["etag"] {
			t.Errorf("what is the same got a new version: %v", same)
		}

		w.call(kim, "PUT", "/dashboards/shop/favourite", "", nil, http.StatusNoContent)
		w.call(kim, "PUT", "/dashboards/shop/favourite", "", nil, http.StatusNoContent)
		for path, want := range map[string]string{"": "plain shop", "?sort=-favourite,title": "shop plain", "?tag=night": "shop", "?tag=night&tag=day": "", "?q=another": "plain", "?where=favourite=1": "shop", "?tag=nigh": ""} {
			if got := names(w.call(kim, "GET", "/dashboards"+path, "", nil, http.StatusOK)); got != want {
				t.Errorf("%s: %q", path, got)
			}
		}
		if got := names(w.call(user("sam", auth.Operator, ""), "GET", "/dashboards?where=favourite=1", "", nil, http.StatusOK)); got != "" {
			t.Errorf("another's favourites: %s", got)
		}
		if got := w.call(kim, "GET", "/dashboards/shop", "", nil, http.StatusOK); got["favourite"] != true || len(got["spec"].(object)["panels"].([]any)) != 1 {
			t.Errorf("%v", got)
		}
		if got := w.call(kim, "GET", "/dashboard-tags", "", nil, http.StatusOK)["items"]; len(got.([]any)) != 2 {
			t.Errorf("%v", got)
		}
		w.call(kim, "DELETE", "/dashboards/shop/favourite", "", nil, http.StatusNoContent)
		w.call(kim, "DELETE", "/dashboards/shop", changed["etag"].(string), nil, http.StatusNoContent)
		w.call(kim, "GET", "/dashboards/shop", "", nil, http.StatusNotFound)
		entries, err := w.ledger.List(t.Context(), ledger.Query{Types: []string{"dashboards.dashboard.created", "dashboards.dashboard.updated", "dashboards.dashboard.deleted"}})
		if err != nil || len(entries) != 4 {
			t.Errorf("%d entries: %+v %v", len(entries), entries, err)
		}
	})
}

func TestATeamHasItsOwnDashboards(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		kim, li := user("kim", auth.Operator, "blue"), user("li", auth.Operator, "red")
		w.call(kim, "POST", "/dashboards", "", object{"name": "ours", "spec": object{"title": "Ours", "team": "blue", "tags": []string{"secret"}}}, http.StatusCreated)
		w.call(user("ana", auth.Operator, ""), "POST", "/dashboards", "", object{"name": "all", "spec": object{"title": "All"}}, http.StatusCreated)
		w.call(li, "GET", "/dashboards/ours", "", nil, http.StatusNotFound)
		w.call(li, "DELETE", "/dashboards/ours", "", nil, http.StatusNotFound)
		w.call(li, "PUT", "/dashboards/ours/favourite", "", nil, http.StatusNotFound)
		if got := names(w.call(li, "GET", "/dashboards", "", nil, http.StatusOK)); got != "all" {
			t.Error(got)
		}
		if got := w.call(li, "GET", "/dashboard-tags", "", nil, http.StatusOK)["items"]; len(got.([]any)) != 0 {
			t.Error(got)
		}
		w.call(kim, "PUT", "/dashboards/ours", "", object{"spec": object{"title": "Theirs", "team": "red"}}, http.StatusForbidden)
	})
}

func TestDocumentsRoundTrip(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		set := documents(t, w)
		ctx := auth.With(t.Context(), auth.System("test"))
		const text = "kind: Dashboard\nname: web\nspec:\n  title: Web\n  refresh: 30s\n  variables:\n    - {name: item, kind: graph, selector: class=virtual_machine}\n  panels:\n" +
			"    - {type: stat, title: Busy, at: {x: 0, y: 0, w: 6, h: 4}, targets: [{query: 'up{item=\"$item\"}'}]}\n"
		for i, want := range []declare.Action{declare.Created, declare.Unchanged} {
			if out := set.Apply(ctx, declare.Parse([]byte(text)), false); out[0].Action != want {
				t.Fatalf("%d: %+v", i, out)
			}
		}
		docs, err := set.List(ctx, "Dashboard")
		if err != nil || len(docs) != 1 {
			t.Fatalf("%v %v", docs, err)
		}
		var exported bytes.Buffer
		if err := declare.Encode(&exported, docs); err != nil {
			t.Fatal(err)
		}
		if out := set.Apply(ctx, declare.Parse(exported.Bytes()), false); out[0].Action != declare.Unchanged {
			t.Errorf("%+v\n%s", out, exported.String())
		}
		if out := set.Apply(ctx, declare.Parse([]byte(strings.ReplaceAll(text, "class=virtual_machine", "nonsense"))), false); out[0].Action != declare.Failed || out[0].Errors[0].Field != "spec.variables[0].selector" {
			t.Errorf("%+v", out)
		}
		if err := set.Delete(ctx, "Dashboard", "web"); err != nil {
			t.Fatal(err)
		}
	})
}
