package graph

import (
	"maps"
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
