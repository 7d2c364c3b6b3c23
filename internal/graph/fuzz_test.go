package graph

import (
	"encoding/json"
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/graph/classes"
	"mainstay/internal/platform/declare"
)

// shipped is a graph that knows its classes and has no store.
func shipped(f *testing.F) *Component {
	f.Helper()
	c, err := New(Defaults(), Dependencies{})
	if err != nil {
		f.Fatal(err)
	}
	c.adopt(&definitions{catalogue: c.shipped})
	return c
}

// FuzzSelector feeds texts to the reader of selectors: what is accepted can be
// asked of any item, what is not names the selector.
func FuzzSelector(f *testing.F) {
	c := shipped(f)
	for _, seed := range []string{"class=host and attributes.osFamily=linux and name~web", "team!=a,b", `site=a\,b`, "class>host", " and ", "attributes.=x", "class=", "name~", "attributes.a.b=\x00"} {
		f.Add(seed)
	}
	r := &record{id: "01", name: "web", class: "host", values: values{"osFamily": []byte(`"linux"`), "n": []byte(`{"a":1}`)}}
	f.Fuzz(func(t *testing.T, text string) {
		conditions, err := parseSelector(text, c.Catalogue())
		if err != nil {
			if e, ok := err.(*core.Error); !ok || e.Code != core.CodeInvalid || len(e.Details) == 0 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		for _, s := range conditions {
			s.holds(r)
		}
	})
}

// FuzzClass feeds the specs of Class documents: a class that is accepted can
// be stored, read again, and judges any value.
func FuzzClass(f *testing.F) {
	c := shipped(f)
	for _, seed := range []string{
		`{"parent": "host", "attributes": {"slots": {"type": "integer", "minimum": 1}}, "staleAfter": "26h"}`,
		`{"attributes": {"a": {"$ref": "file:///etc/passwd"}, "b": {"$ref": "#"}, "c": {"pattern": "(("}}}`,
		`{"parent": "x", "identification": [{"all": ["serial"]}], "relations": [{"type": "runs_on", "to": ["host"]}]}`,
		`{"parent": "new", "abstract": true, "nameFrom": ["a"], "precedence": {"sources": ["agent"]}}`,
		`{"attributes": {"\u0007\ud800": {"enum": [1, null, []]}}, "retireAfter": "-1s"}`,
	} {
		f.Add([]byte(seed), []byte(`{"a": [1, "x", null]}`))
	}
	f.Fuzz(func(t *testing.T, spec, value []byte) {
		var s ClassSpec
		if declare.Decode(spec, &s) != nil {
			return
		}
		class, err := s.class("new")
		if err != nil {
			return
		}
		text, err := json.Marshal(class)
		if err != nil {
			t.Fatal(err)
		}
		var stored classes.Definitions
		if err := addDefinition(&stored, classDefinition, string(text)); err != nil {
			t.Fatalf("%s cannot be read again: %v", text, err)
		}
		catalogue, err := c.shipped.Extend(stored)
		if err != nil {
			return
		}
		resolved, ok := catalogue.Class("new")
		if !ok {
			t.Fatal("an accepted class is not there")
		}
		var v any
		if json.Unmarshal(value, &v) != nil {
			return
		}
		for name := range s.Attributes {
			resolved.CheckAttribute(name, v)
		}
		if _, err := bare(text); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzValues checks that attributes of any name and value are read as they were written.
func FuzzValues(f *testing.F) {
	for _, seed := range []string{`{"a": 1, "b": "x", "c": [true, null, {"d": 1.5e300}]}`, `{"bell\u0007": "\u2028<&>"}`, `{"\ud800": "\u007f", "": -0.0, "\\": 1e15}`, `{"\ue000\ud83d\ude00": 9007199254740993}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var in map[string]any
		if json.Unmarshal(text, &in) != nil {
			return
		}
		written := values{}
		for name, value := range in {
			raw, err := canonical(value)
			if err != nil {
				t.Fatal(err)
			}
			written[name] = raw
		}
		again, err := parseValues(written.text())
		if err != nil || !again.equal(written) {
			t.Fatalf("%s became %s: %v", text, written.text(), err)
		}
	})
}
