package graph_test

import (
	"testing"

	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestAMergeIsPreviewed(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := setup(t, db).web()
		create := func(body string) string {
			var made anyObject
			if code := w.call("POST", "/items", body, &made); code != 201 {
				t.Fatalf("%d %v", code, made)
			}
			return made["id"].(string)
		}
		keep := create(`{"class": "host", "name": "web1", "attributes": {"cpuCount": 4}}`)
		lose := create(`{"class": "host", "name": "web-1", "attributes": {"os": "debian"}}`)
		body := `{"items": ["` + lose + `"]}`
		var after, merged, still anyObject
		if code := w.call("POST", "/items/"+keep+"/merge/preview", body, &after); code != 200 {
			t.Fatalf("%d %v", code, after)
		}
		if a := after["attributes"].(anyObject); a["os"] != "debian" || a["cpuCount"] != 4.0 {
			t.Fatalf("%v", a)
		}
		// Nothing has happened, in the store or in memory.
		if w.call("GET", "/items/"+lose, "", &still); still["id"] != lose || still["state"] != "active" {
			t.Fatalf("%v", still)
		}
		if told, err := w.ledger.List(w.ctx, ledger.Query{Types: []string{"graph.item.merged"}}); err != nil || len(told) != 0 {
			t.Fatalf("%+v %v", told, err)
		}
		var list struct{ Items []anyObject }
		if code := w.call("POST", "/items/"+keep+"/merge", body, &list); code != 200 || list.Items[0]["mergedName"] != "web-1" {
			t.Fatalf("%d %v", code, list)
		}
		w.call("GET", "/items/"+keep, "", &merged)
		if a, b := after["attributes"].(anyObject), merged["attributes"].(anyObject); len(a) != len(b) || a["os"] != b["os"] || after["name"] != merged["name"] {
			t.Fatalf("previewed %v, became %v", after, merged)
		}
		if code := w.call("POST", "/items/"+keep+"/merge/preview", body, nil); code != 409 {
			t.Fatalf("a merge that is done: %d", code)
		}
	})
}
