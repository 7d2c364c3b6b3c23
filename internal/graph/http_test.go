package graph_test

import (
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// web calls the routes of a graph.
type web struct {
	*bench
	api *httpapi.API
	as  *auth.Principal
}

func (b *bench) web() *web {
	w := &web{b, httpapi.New("test", slog.New(slog.DiscardHandler)), auth.System("test")}
	b.graph.Routes(w.api)
	return w
}

func (w *web) call(method, path, body string, into any, headers ...string) int {
	w.t.Helper()
	r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.api.Handler().ServeHTTP(rec, r.WithContext(auth.With(r.Context(), w.as)))
	if into != nil {
		if err := json.Unmarshal(rec.Body.Bytes(), into); err != nil {
			w.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
		}
	}
	return rec.Code
}

type anyObject = map[string]any

func TestTheAPI(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db).web()
		var made, got anyObject
		if code := w.call("POST", "/items", `{"class": "host", "name": "web1", "attributes": {"cpuCount": 4, "os": "debian", "virtual": true}}`, &made); code != 201 {
			t.Fatalf("create: %d %v", code, made)
		}
		id := made["id"].(string)
		w.clock.Advance(time.Hour)
		if code := w.call("POST", "/items", `{"class": "host", "name": "web1"}`, &got); code != 409 {
			t.Errorf("a second of the name: %d %v", code, got)
		}
		if code := w.call("POST", "/items", `{"class": "host", "name": "web2", "attributes": {"cpuCount": "four"}}`, &got); code != 422 || !strings.Contains(toJSON(got), `"attributes.cpuCount"`) {
			t.Errorf("a wrong type: %d %v", code, got)
		}
		if code := w.call("PATCH", "/items/"+id, `{"attributes": {"cpuCount": 8}}`, &got, "If-Match", `"99"`); code != 412 {
			t.Errorf("a stale change: %d %v", code, got)
		}
		if code := w.call("PATCH", "/items/"+id, `{"attributes": {"cpuCount": 8}, "team": "ops"}`, &got); code != 200 || got["team"] != "ops" {
			t.Errorf("change: %d %v", code, got)
		}
		for query, want := range map[string]int{
			"":                              1,
			"?class=device":                 1,
			"?class=printer":                0,
			"?q=WEB":                        1,
			"?where=attributes.cpuCount>=8": 1,
			"?where=attributes.cpuCount<8":  0,
			"?where=attributes.os=debian":   1,
			"?where=attributes.virtual=1":   -1,
			"?where=state=retired":          0,
			"?where=team=ops&sort=-name":    1,
			"?asOf=2026-03-01T12:30:00Z&where=attributes.cpuCount=4": 1,
			"?asOf=2026-03-01T11:30:00Z":                             0,
		} {
			var page struct{ Items []anyObject }
			code := w.call("GET", "/items"+query, "", &page)
			if code != 200 || want >= 0 && len(page.Items) != want {
				t.Errorf("list %s: %d, %d items", query, code, len(page.Items))
			}
		}
		var past anyObject
		w.call("GET", "/items/"+id+"?asOf=2026-03-01T12:30:00Z", "", &past)
		if past["attributes"].(anyObject)["cpuCount"] != 4.0 {
			t.Errorf("as it was: %v", past)
		}
		w.call("GET", "/items/"+id, "", &got)
		if got["sources"].(anyObject)["cpuCount"] != "person" {
			t.Errorf("details: %v", got)
		}
		if code := w.call("POST", "/items", `{"class": "business_service", "name": "Shop", "attributes": {"criticality": "high"}, "relations": [{"type": "depends_on", "to": "host/name=web1"}]}`, &made); code != 201 {
			t.Fatalf("service: %d %v", code, made)
		}
		var impact struct{ Services, Items []anyObject }
		w.call("GET", "/items/"+id+"/impact", "", &impact)
		if len(impact.Services) != 1 || impact.Services[0]["name"] != "Shop" || impact.Services[0]["criticality"] != "high" {
			t.Errorf("impact: %v", impact)
		}
		var list struct{ Items []anyObject }
		w.call("GET", "/items/"+id+"/relations", "", &list)
		if len(list.Items) != 1 || list.Items[0]["label"] != "is needed by" {
			t.Errorf("relations: %v", list)
		}
		w.call("GET", "/items/"+id+"/history", "", &list)
		if len(list.Items) != 3 || list.Items[2]["kind"] != "created" || list.Items[0]["kind"] != "related" {
			t.Errorf("history: %v", toJSON(list))
		}
		for _, query := range []string{"", "?focus=" + id, "?focus=" + id + "&asOf=2026-03-01T13:30:00Z", "?asOf=2026-03-01T13:30:00Z&group=family"} {
			var m struct {
				Nodes, Edges, Groups []anyObject
			}
			if code := w.call("GET", "/map"+query, "", &m); code != 200 || len(m.Nodes) != 2 || len(m.Edges) != 1 || len(m.Groups) != 2 {
				t.Errorf("map %s: %d %s", query, code, toJSON(m))
			}
		}
		w.as = auth.NewPrincipal(auth.KindUser, "u", "Ann", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator, Team: "others"})
		if code := w.call("GET", "/items/"+id, "", &got); code != 404 {
			t.Errorf("another team sees the item: %d", code)
		}
		if code := w.call("DELETE", "/items/"+id, "", nil); code != 403 {
			t.Errorf("another team deletes the item: %d", code)
		}
		w.as = auth.System("test")
		if code := w.call("DELETE", "/items/"+id+"/relations/depends_on/"+id, "", nil); code != 404 {
			t.Errorf("no such relation: %d", code)
		}
		if code := w.call("DELETE", "/items/"+id, "", nil); code != 204 {
			t.Errorf("delete: %d", code)
		}
		w.call("GET", "/items?where=state=deleted", "", &list)
		if len(list.Items) != 1 || w.graph.Index().Has(id) {
			t.Errorf("deleted: %v", list)
		}
		if code := w.call("GET", "/classes/virtual_machine", "", &got); code != 200 || got["family"] != "device" {
			t.Errorf("class: %d %v", code, got)
		}
		if _, err := w.api.Spec(); err != nil {
			t.Error(err)
		}
	})
}

func toJSON(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

func TestReportsKeepTheGoodPart(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db).web()
		body := `{"source": "import:test", "items": [
			{"ref": "a", "class": "host", "name": "a", "attributes": {"cpuCount": 2}},
			{"ref": "b", "class": "hst", "name": "b"},
			{"ref": "c", "class": "host", "nme": "c"},
			{"ref": "d", "class": "host", "name": "d", "attributes": {"cpuCount": "many", "os": "debian"}},
			{"ref": "e", "class": "host", "name": 5},
			{"ref": "f", "class": "filesystem", "name": "/", "identities": [{"kind": "parent", "value": "b"}]},
			{"ref": "g", "class": "host"}
		], "relations": [
			{"type": "depends_on", "from": "a", "to": "d"},
			{"type": "likes", "from": "a", "to": "d"},
			{"type": "depends_on", "from": "a", "to": "nobody"},
			{"type": "depends_on", "from": "a", "to": {"kind": "fqdn", "value": "later.example.com"}}
		]}`
		want := []string{"items[2].nme", "items[4].name", "items[1].class", "items[6].identities", "items[3].attributes.cpuCount", "items[5].identities", "relations[1].type", "relations[2].to"}
		for range 2 {
			var o struct {
				Created, RelationsAdded, RelationsPending int
				Items                                     []anyObject
				Errors                                    []struct{ Field, Rule string }
			}
			if code := w.call("POST", "/reports", body, &o); code != 200 || len(o.Items) != 2 {
				t.Fatalf("%d %s", code, toJSON(o))
			}
			var fields []string
			for _, e := range o.Errors {
				fields = append(fields, e.Field)
			}
			for _, field := range want {
				if !strings.Contains(" "+strings.Join(fields, " ")+" ", " "+field+" ") {
					t.Errorf("%s is not named in %v", field, o.Errors)
				}
			}
		}
		var o anyObject
		w.call("POST", "/reports", `{"source": "import:test", "items": [{"class": "host", "name": "later", "identities": [{"kind": "fqdn", "value": "later.example.com"}]}]}`, &o)
		id, _ := w.graph.Resolve(w.ctx, ids("fqdn", "later.example.com"))
		if got := w.graph.Dependents(id); len(got) != 1 {
			t.Errorf("the waiting relation was not connected: %v", got)
		}
		if code := w.call("POST", "/reports", `{"source": "person", "items": []}`, &o); code != 422 {
			t.Errorf("a report in the name of people: %d", code)
		}
	})
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		set, err := declare.NewSet(db, b.graph.Kinds()...)
		b.must(err)
		ctx := auth.With(b.ctx, auth.System("test"))
		apply := func(text string) string {
			b.clock.Advance(time.Minute)
			var actions []string
			for _, o := range set.Apply(ctx, declare.Parse([]byte(text)), false) {
				actions = append(actions, string(o.Action))
				if o.Problem != "" {
					t.Log(o.Name, o.Problem, o.Errors)
				}
			}
			return strings.Join(actions, " ")
		}
		const text = `
kind: Item
name: shop
spec:
  class: business_service
  attributes: {criticality: high}
  relations:
    - {type: depends_on, to: {class: application, name: shop-web}}
---
kind: Item
name: shop-web
spec:
  class: application
  redundancy: {db: 1}
  relations:
    - {type: depends_on, to: {class: database_server, name: db1}, group: db}
    - {type: depends_on, to: {kind: endpoint, value: "db2:5432"}, group: db}
---
kind: Class
name: vending_machine
spec:
  parent: device
  attributes: {slots: {type: integer}}
  staleAfter: 2h
---
kind: Item
name: coffee
spec:
  class: vending_machine
  attributes: {slots: 12}
`
		if got := apply(text); got != "created created created created" {
			t.Fatalf("first: %s", got)
		}
		if got := apply(text); got != "unchanged unchanged unchanged unchanged" {
			t.Errorf("again: %s", got)
		}
		id := func(class, name string) string {
			i := ids("name", name)
			i[0].Class = class
			found, err := b.graph.Resolve(b.ctx, i)
			b.must(err)
			return found
		}
		if path := b.graph.DependencyPath(id("business_service", "shop"), id("application", "shop-web"), 5); len(path) != 2 {
			t.Errorf("the relation to a later document: %v", path)
		}
		apply("kind: Item\nname: db1\nspec: {class: database_server}\n---\nkind: Item\nname: db2\nspec: {class: database_server, identities: [{kind: endpoint, value: 'db2:5432'}]}")
		impact, err := b.graph.Impact(b.ctx, []string{id("database_server", "db1")}, 10)
		b.must(err)
		if len(impact.Items) != 1 || !impact.Items[0].Degraded {
			t.Errorf("one of two databases: %+v", impact)
		}
		services, err := b.graph.Services(b.ctx, []string{id("database_server", "db1"), id("database_server", "db2")})
		b.must(err)
		if len(services) != 2 || services[0].Name != "shop" && services[1].Name != "shop" {
			t.Errorf("both databases: %+v", services)
		}
		if got := apply(strings.Replace(text, "{criticality: high}", "{criticality: dire}", 1)); got != "failed unchanged unchanged unchanged" {
			t.Errorf("a bad document: %s", got)
		}
		b.must(set.Delete(ctx, "Item", "coffee"))
		b.must(set.Delete(ctx, "Class", "vending_machine"))
		if _, ok := b.graph.Catalogue().Class("vending_machine"); ok {
			t.Error("the class is still there")
		}
	})
}
