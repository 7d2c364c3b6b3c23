package monitor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// caller calls the API as somebody.
type caller struct {
	t   testing.TB
	api *httpapi.API
	who *auth.Principal
}

func (b *bench) as(who *auth.Principal) *caller {
	api := httpapi.New("test", slog.New(slog.DiscardHandler))
	b.c.Routes(api)
	return &caller{b.t, api, who}
}

func (c *caller) call(method, path string, body any, want int) map[string]any {
	c.t.Helper()
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			c.t.Fatal(err)
		}
	}
	req := httptest.NewRequest(method, "/api/v1"+path, bytes.NewReader(raw))
	req.Header.Set("Content-Type", "application/json")
	req = req.WithContext(auth.With(req.Context(), c.who))
	rec := httptest.NewRecorder()
	c.api.Handler().ServeHTTP(rec, req)
	out := map[string]any{}
	_ = json.Unmarshal(rec.Body.Bytes(), &out)
	if rec.Code != want {
		c.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body.String())
	}
	return out
}

type object = map[string]any

func TestChecksOverHTTP(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b, s := newBench(t, db), listen(t)
		b.start()
		api := b.as(auth.System("test"))
		doc := object{"name": "web", "spec": object{"item": itemID, "tcp": object{"address": s.address}, "interval": "1m", "severity": "major", "dependsOn": []string{"ghost"}}}
		made := api.call("POST", "/checks", doc, http.StatusCreated)
		id := made["id"].(string)
		if fmt.Sprint(made["missing"]) != "[ghost]" {
			t.Errorf("%v", made)
		}
		api.call("POST", "/checks", doc, http.StatusConflict)
		if ran := api.call("POST", "/checks/"+id+"/run", nil, 200); ran["status"] != "ok" {
			t.Fatalf("%v", ran)
		}
		list := api.call("GET", "/checks?where=status=ok&sort=-checkedAt&q=web", nil, 200)["items"].([]any)
		if len(list) != 1 || list[0].(object)["name"] != "web" || list[0].(object)["item"] != itemID {
			t.Fatalf("%v", list)
		}
		if got := api.call("GET", "/checks/web/results", nil, 200)["items"].([]any); len(got) == 0 || got[0].(object)["check"] != "web" {
			t.Fatalf("%v", got)
		}
		bad := api.call("POST", "/checks", object{"name": "b", "spec": object{"item": itemID, "http": object{"url": "nowhere"}}}, 422)
		if !strings.Contains(fmt.Sprint(bad["errors"]), "spec.http.url") {
			t.Errorf("%v", bad)
		}
		bad = api.call("POST", "/checks", object{"name": "b", "spec": object{"item": itemID, "tcp": object{"address": s.address}, "interval": "often"}}, 422)
		if !strings.Contains(fmt.Sprint(bad["errors"]), "interval") {
			t.Errorf("%v", bad)
		}
		changed := api.call("PUT", "/checks/"+id, object{"spec": object{"item": itemID, "tcp": object{"address": s.address}, "interval": "2m"}}, 200)
		if changed["version"].(float64) != 2 {
			t.Errorf("%v", changed)
		}
		circle := object{"name": "a", "spec": object{"item": itemID, "tcp": object{"address": s.address}, "dependsOn": []string{"web"}}}
		api.call("POST", "/checks", circle, 201)
		bad = api.call("PUT", "/checks/web", object{"spec": object{"item": itemID, "tcp": object{"address": s.address}, "dependsOn": []string{"a"}}}, 422)
		if !strings.Contains(fmt.Sprint(bad), "web needs a needs web") {
			t.Errorf("%v", bad)
		}
		api.call("DELETE", "/checks/"+id, nil, 204)
		api.call("GET", "/checks/"+id, nil, 404)
	})
}

func TestATeamSeesItsOwnChecks(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.start()
	all := b.as(auth.System("test"))
	spec := object{"item": itemID, "tcp": object{"address": "127.0.0.1:1"}, "disabled": true}
	all.call("POST", "/checks", object{"name": "common", "spec": spec}, 201)
	spec["team"] = "other"
	all.call("POST", "/checks", object{"name": "theirs", "spec": spec}, 201)
	mine := b.as(auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), auth.Grant{Role: auth.Operator, Team: "mine"}))
	if got := mine.call("GET", "/checks", nil, 200)["items"].([]any); len(got) != 1 {
		t.Fatalf("%v", got)
	}
	mine.call("GET", "/checks/theirs", nil, 404)
	mine.call("POST", "/checks", object{"name": "x", "spec": spec}, 403)
	b.as(nil).call("GET", "/checks", nil, 401)
}

func TestRulesAndWindowsOverHTTP(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := newBench(t, db)
		b.start()
		api := b.as(auth.System("test"))
		made := api.call("POST", "/metric-rules", object{"name": "hot", "spec": object{"expr": "temperature > 50", "for": "1m", "title": "{{ $labels.item }} is hot"}}, 201)
		if made["health"] == "" {
			t.Errorf("%v", made)
		}
		bad := api.call("POST", "/metric-rules", object{"name": "bad", "spec": object{"expr": "sum(", "title": "{{ nope"}}, 422)
		if text := fmt.Sprint(bad["errors"]); !strings.Contains(text, "spec.expr") || !strings.Contains(text, "spec.title") {
			t.Errorf("%v", bad)
		}
		if got := api.call("GET", "/metric-rules", nil, 200)["items"].([]any); len(got) != 1 {
			t.Errorf("%v", got)
		}
		api.call("PUT", "/metric-rules/hot", object{"spec": object{"expr": "temperature > 60"}}, 200)
		api.call("DELETE", "/metric-rules/hot", nil, 204)

		now := time.Now().UTC().Truncate(time.Second)
		api.call("POST", "/maintenance", object{"name": "patching", "spec": object{"start": now.Add(-time.Minute), "duration": "1h", "items": []string{itemID}, "reason": "patches"}}, 201)
		if got := api.call("GET", "/maintenance", nil, 200)["items"].([]any); len(got) != 1 || got[0].(object)["active"] != true {
			t.Errorf("%v", got)
		}
		if on, why := b.c.InMaintenance(t.Context(), itemID, now); !on || why != "patching: patches" {
			t.Errorf("%v %q", on, why)
		}
		bad = api.call("POST", "/maintenance", object{"name": "bad", "spec": object{"start": now, "duration": "1h", "all": true, "recurrence": "FREQ=HOURLY", "timeZone": "Mars/Olympus"}}, 422)
		if !strings.Contains(fmt.Sprint(bad["errors"]), "spec.timeZone") {
			t.Errorf("%v", bad)
		}
		api.call("DELETE", "/maintenance/patching", nil, 204)
		if on, _ := b.c.InMaintenance(t.Context(), itemID, now); on {
			t.Error("a deleted window holds")
		}
	})
}

func TestAWindowIsPreviewed(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := newBench(t, db)
		for n := range 25 {
			b.items.put(Item{ID: fmt.Sprintf("%s%02d", itemID[:24], n), Name: fmt.Sprintf("host-%d", n), Class: "host"})
		}
		b.start()
		api := b.as(auth.System("test"))
		got := api.call("POST", "/maintenance/preview", object{"selector": "host"}, 200)
		if got["count"] != 25.0 || len(got["items"].([]any)) != previewed || got["all"] != false {
			t.Errorf("%v", got)
		}
		if got := api.call("POST", "/maintenance/preview", object{"items": []string{itemID}, "identities": []object{{"kind": "name", "value": "host-1"}, {"kind": "name", "value": "nobody"}}}, 200); got["count"] != 2.0 {
			t.Errorf("%v", got)
		}
		if got := api.call("POST", "/maintenance/preview", object{"all": true}, 200); got["all"] != true {
			t.Errorf("%v", got)
		}
		if got := api.call("POST", "/maintenance/preview", object{}, 200); got["count"] != 0.0 {
			t.Errorf("%v", got)
		}
		api.call("POST", "/maintenance/preview", object{"selector": "bad"}, 422)
		reader := b.as(auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), auth.Grant{Role: auth.Auditor}))
		reader.call("POST", "/maintenance/preview", object{"all": true}, 403)
	})
}

const someDocuments = `
kind: Check
name: shop-http
spec:
  identities: [{kind: name, value: shop}]
  http: {url: "http://127.0.0.1:1/", match: ok, latency: {warning: 500ms}}
  interval: 30s
  severity: major
  labels: {tier: web}
---
kind: Check
name: broken
spec:
  identities: [{kind: name, value: shop}]
  http: {url: "http://x/", wait: 5}
---
kind: MetricRule
name: full
spec: {expr: "disk_used_ratio > 0.9", for: 5m, severity: warning}
---
kind: MaintenanceWindow
name: sundays
spec: {start: 2026-01-04T02:00:00Z, duration: 2h, recurrence: FREQ=WEEKLY;BYDAY=SU, timeZone: Europe/Berlin, all: true}
`

func TestDocumentsRoundTrip(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := newBench(t, db)
		b.start()
		ctx := auth.With(t.Context(), auth.System("test"))
		set, err := declare.NewSet(db, b.c.Kinds()...)
		if err != nil {
			t.Fatal(err)
		}
		for _, round := range []declare.Action{declare.Created, declare.Unchanged} {
			for _, o := range set.Apply(ctx, declare.Parse([]byte(someDocuments)), false) {
				if o.Name == "broken" {
					if o.Action != declare.Failed || !strings.Contains(fmt.Sprint(o.Errors), "wait") {
						t.Errorf("%+v", o)
					}
				} else if o.Action != round {
					t.Errorf("%+v, want %s", o, round)
				}
			}
		}
		docs, err := set.List(ctx)
		if err != nil || len(docs) != 3 {
			t.Fatalf("%v %v", docs, err)
		}
		for _, d := range docs {
			if err := set.Delete(ctx, d.Kind, d.Name); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestCommandsOnTheServerAreGuarded(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.start()
	spec := func(path string) object {
		return object{"name": "dummy", "spec": object{"item": itemID, "command": object{"path": path, "args": []string{"0", "fine"}}, "interval": "1h"}}
	}
	manager := b.as(auth.NewPrincipal(auth.KindUser, "u", "u", auth.BuiltinRoles(), auth.Grant{Role: auth.Manager}))
	manager.call("POST", "/checks", spec("/usr/lib/nagios/plugins/check_dummy"), 403)
	admin := b.as(auth.System("test"))
	for _, path := range []string{"/bin/sh", "/usr/lib/nagios/plugins/../../../../bin/sh", "/usr/lib/nagios/plugins"} {
		if bad := admin.call("POST", "/checks", spec(path), 422); !strings.Contains(fmt.Sprint(bad["errors"]), "spec.command.path") {
			t.Errorf("%s: %v", path, bad)
		}
	}
	admin.call("POST", "/checks", spec("/usr/lib/nagios/plugins/check_dummy"), 201)
	if _, err := os.Stat("/usr/lib/nagios/plugins/check_dummy"); err == nil {
		if got := admin.call("POST", "/checks/dummy/run", nil, 200); got["output"] != "OK: fine" {
			t.Errorf("%v", got)
		}
	}
}
