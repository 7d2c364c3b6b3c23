package graph

import (
	"encoding/json"
	"maps"
	"reflect"
	"testing"
)

func TestValuesAreReadAsWritten(t *testing.T) {
	t.Parallel()
	for _, want := range []map[string]any{
		{},
		{"os": "Debian", "cpuCount": 4, "virtual": true, "load": 0.25, "note": nil},
		{"quoted": `a "b", {c} \ `, "lines": "one\ntwo", "umlaut": "größe"},
		{"nested": map[string]any{"a": []any{1, "],}", map[string]any{"b": `"`}}}, "empty": map[string]any{}, "list": []any{}},
		{"a \"name\",\x00 with \\ all": "x", "größe": 1, "": "nameless"},
	} {
		v := values{}
		for name, value := range want {
			raw, err := canonical(value)
			if err != nil {
				t.Fatal(err)
			}
			v[name] = raw
		}
		got, err := parseValues(v.text())
		if err != nil || !got.equal(v) {
			t.Errorf("%s was read as %s: %v", v.text(), got.text(), err)
		}
	}
	for _, damaged := range []string{"x", "{", `{"a"`, `{"a"}`, `{"a":`, `{"a":1`, `{"a":"}`, `{"a":[1}`, `{a:1}`, `{"a\x":1}`} {
		if v, err := parseValues(damaged); err == nil && len(v) > 0 {
			t.Errorf("%s was read as %v", damaged, maps.Collect(maps.All(v)))
		}
	}
}

func TestChangesAreWrittenAsJSON(t *testing.T) {
	t.Parallel()
	for _, change := range []ItemChange{
		{ID: "1", Class: "host", Name: "web1", State: "active"},
		{ID: "1", Class: "host", Name: "web1", State: "active", Source: "agent", Fields: []string{"cpuCount", "os"},
			Before: json.RawMessage(`{"cpuCount":4}`), After: json.RawMessage(`{"cpuCount":8,"os":"Debian"}`)},
		{ID: "1", Name: "a \"quoted\" \\ name\n<&>, Zürich \u2028", Source: "import:\x01", Fields: []string{"ä", "\""}, After: json.RawMessage(`{}`)},
	} {
		var read ItemChange
		if err := json.Unmarshal(change.encode(), &read); err != nil || !reflect.DeepEqual(read, change) {
			t.Errorf("%s is read as %+v, %v", change.encode(), read, err)
		}
	}
}
