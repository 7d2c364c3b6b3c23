package monitor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// TestARuleOfSomeItems alerts on the items that its selector matches alone,
// whether their series name them or are bound to them.
func TestARuleOfSomeItems(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := newBench(t, db)
		b.items.put(Item{ID: itemID, Name: "web1", Class: "host"})
		b.items.put(Item{ID: "printer", Name: "printer", Class: "printer"})
		b.deps.Binder = hosts{"web1": itemID}
		now := time.Now()
		var samples []metricstore.Sample
		for _, labels := range []metricstore.Labels{metricstore.NewLabels("temperature", "item", itemID), metricstore.NewLabels("temperature", "instance", "web1"),
			metricstore.NewLabels("temperature", "item", "printer"), metricstore.NewLabels("temperature", "instance", "elsewhere")} {
			for _, at := range []time.Time{now.Add(-3 * time.Minute), now} {
				samples = append(samples, metricstore.Sample{Labels: labels, T: at, V: 70})
			}
		}
		if err := b.metrics.Append(t.Context(), samples); err != nil {
			t.Fatal(err)
		}
		b.start()
		spec := RuleSpec{Expr: "temperature > 50", Items: "host", Interval: probe.Duration(20 * time.Millisecond), Title: "{{ $labels.instance }}{{ $labels.item }}"}
		if _, _, err := b.c.PutRule(t.Context(), "hot", spec, ""); err != nil {
			t.Fatal(err)
		}
		var about []string
		for _, ev := range b.wait(2) {
			about = append(about, ev.Title+" of "+ev.Item)
		}
		if slices.Sort(about); len(about) != 2 || about[0] != itemID+" of "+itemID || about[1] != "web1 of "+itemID {
			t.Fatalf("%q", about)
		}
		api := b.as(auth.System("test"))
		if series := api.call("GET", "/metric-rules/hot/series", nil, 200)["items"].([]any); len(series) != 2 {
			t.Errorf("%v", series)
		}
		tried := api.call("POST", "/metric-rules/preview", object{"spec": object{"expr": spec.Expr, "items": "host"}, "from": now.Add(-5 * time.Minute)}, 200)
		if tried["series"] != 2.0 || fmt.Sprint(tried["items"]) != "["+itemID+"]" {
			t.Errorf("%v", tried)
		}
		for path, body := range map[string]object{"/metric-rules": {"name": "x"}, "/metric-rules/preview": {}} {
			body["spec"] = object{"expr": "up", "items": "bad"}
			bad := api.call("POST", path, body, 422)
			if !strings.Contains(fmt.Sprint(bad["errors"]), "spec.items") {
				t.Errorf("%s: %v", path, bad)
			}
		}
	})
}

func TestFormsOverHTTP(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	b.start()
	api := b.as(auth.System("test"))
	made := api.call("POST", "/metric-rules/form", object{"metric": "disk_utilization", "items": "host", "function": "average", "over": "10m", "compare": "above", "value": 90, "unit": "%"}, 200)
	if made["expr"] != "avg_over_time(disk_utilization[10m]) > 0.9" || made["items"] != "host" || fmt.Sprint(made["units"]) != "[% ]" {
		t.Errorf("%v", made)
	}
	opened := api.call("POST", "/metric-rules/form/read", object{"expr": made["expr"], "items": "host"}, 200)
	if f, ok := opened["form"].(object); !ok || f["value"] != 90.0 || f["over"] != "10m" || f["items"] != "host" || opened["says"] != made["says"] {
		t.Errorf("%v", opened)
	}
	if by := api.call("POST", "/metric-rules/form/read", object{"expr": "sum(up) > 1"}, 200); by["form"] != nil || by["why"] != "it uses sum over several series" {
		t.Errorf("%v", by)
	}
	for field, f := range map[string]object{
		"form.over":  {"metric": "a", "function": "average", "compare": "above", "value": 1},
		"form.items": {"metric": "a", "items": "bad", "function": "value", "compare": "above", "value": 1},
	} {
		if bad := api.call("POST", "/metric-rules/form", f, 422); !strings.Contains(fmt.Sprint(bad["errors"]), field) {
			t.Errorf("%s: %v", field, bad)
		}
	}
}

// TestAPreviewTellsHowFarItIs watches a preview over slices of history.
func TestAPreviewTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	to := time.Now().Truncate(time.Minute)
	for i := range 5 {
		if err := b.metrics.Append(t.Context(), []metricstore.Sample{{Labels: metricstore.NewLabels("load"), T: to.Add(time.Duration(i-30) * time.Minute), V: 60}}); err != nil {
			t.Fatal(err)
		}
	}
	b.start()
	api := b.as(auth.System("test"))
	watch := func(spec object) (events []string, last string) {
		raw, err := json.Marshal(object{"spec": spec, "from": to.Add(-48 * time.Hour), "to": to})
		if err != nil {
			t.Fatal(err)
		}
		req := httptest.NewRequest(http.MethodPost, "/api/v1/metric-rules/preview/progress", bytes.NewReader(raw))
		rec := httptest.NewRecorder()
		api.api.Handler().ServeHTTP(rec, req.WithContext(auth.With(req.Context(), api.who)))
		for line := range strings.Lines(rec.Body.String()) {
			if name, ok := strings.CutPrefix(strings.TrimSpace(line), "event: "); ok {
				events = append(events, name)
			} else if data, ok := strings.CutPrefix(strings.TrimSpace(line), "data: "); ok {
				last = data
			}
		}
		return events, last
	}
	events, last := watch(object{"expr": "load > 50"})
	var preview RulePreview
	if err := json.Unmarshal([]byte(last), &preview); err != nil || preview.Fired != 1 || !preview.Complete {
		t.Errorf("%v %s", err, last)
	}
	if want := []string{"progress", "progress", "progress", "progress", "progress", "result"}; !slices.Equal(events, want) { // two days of minutes, in slices of twelve hours
		t.Errorf("%v", events)
	}
	if events, last := watch(object{"expr": "load >"}); !slices.Equal(events, []string{"problem"}) || !strings.Contains(last, "spec.expr") {
		t.Errorf("%v %s", events, last)
	}
}
