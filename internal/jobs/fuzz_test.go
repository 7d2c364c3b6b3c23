package jobs

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"mainstay/internal/core"
)

// FuzzTarget reads the host a step names.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{`"$item"`, `"${host}.example"`, `{"identity": {"kind": "fqdn", "value": "${host}"}}`, `{"item": "x", "identity": {}}`, `{"other": 1}`, `null`, `[]`, `"01arz3ndektsv4rrffq69g5fav"`, `{} {}`} {
		f.Add([]byte(seed), "web1")
	}
	book := &Runbook{Parameters: []Parameter{{Name: "host"}}}
	f.Fuzz(func(t *testing.T, text []byte, host string) {
		target, err := parseTarget(text)
		if err != nil {
			return
		}
		wrong := 0
		target.validate(book, "target", func(field, rule string) {
			if !strings.HasPrefix(field, "target") || rule == "" {
				t.Fatalf("%s %s", field, rule)
			}
			wrong++
		})
		if wrong > 0 {
			return
		}
		item, ids := target.identities(&Run{Subject: Subject{Item: "01arz3ndektsv4rrffq69g5fav"}, Parameters: map[string]string{"host": host}})
		if (item == "") == (len(ids) == 0) {
			t.Fatalf("%s is %q and %v", text, item, ids)
		}
		again, err := parseTarget([]byte(marshal(target)))
		if err != nil || marshal(again) != marshal(target) {
			t.Fatalf("%s is %+v, then %+v: %v", text, target, again, err)
		}
	})
}

// FuzzParameter binds values: what is accepted keeps the rules of its parameter.
func FuzzParameter(f *testing.F) {
	f.Add([]byte(`{"name": "a", "pattern": "[a-z.]+"}`), []byte(`"web.example"`))
	f.Add([]byte(`{"name": "a", "pattern": "a)|(?:b"}`), []byte(`"ax"`))
	f.Add([]byte(`{"name": "a", "type": "int", "default": 1e300}`), []byte(`9007199254740993`))
	f.Add([]byte(`{"name": "a", "type": "enum", "values": ["x", ""], "default": "x"}`), []byte(`null`))
	f.Add([]byte(`{"name": "a", "type": "bool"}`), []byte(`"true"`))
	f.Fuzz(func(t *testing.T, parameter, value []byte) {
		book := Runbook{Parameters: make([]Parameter, 1)}
		p := &book.Parameters[0]
		if json.Unmarshal(parameter, p) != nil {
			return
		}
		wrong := 0
		p.validate("p", func(string, string) { wrong++ })
		var v any
		if wrong > 0 || json.Unmarshal(value, &v) != nil {
			return
		}
		bound, err := book.Bind(map[string]any{p.Name: v})
		if err != nil {
			if core.CodeOf(err) != core.CodeInvalid {
				t.Fatal(err)
			}
			return
		}
		got := bound[p.Name]
		if len(got) > longestValue || strings.ContainsRune(got, 0) {
			t.Fatalf("%q passed", got)
		}
		if p.Pattern != "" && v != nil && !regexp.MustCompile(p.Pattern).MatchString(got) {
			t.Fatalf("%q does not match %s", got, p.Pattern)
		}
	})
}

// FuzzTemplate fills parameters in: a value never becomes a placeholder, nor
// another line of a header.
func FuzzTemplate(f *testing.F) {
	f.Add(`{"a": "${x}", "b": ["${secret:db}", 1]}`, "v")
	f.Add(`"${x}"`, "${secret:db}")
	f.Add("http://h/${x}?q=${x}", "a b&c\r\nX: y")
	f.Fuzz(func(t *testing.T, text, value string) {
		values := map[string]string{"x": value}
		if body, structured, err := expandBody([]byte(text), values); err == nil && structured && !json.Valid(body) {
			t.Fatalf("%q became %q", text, body)
		}
		if before, after := strings.Count(text, "\n"), strings.Count(expand(text, values, inHeader), "\n"); after != before {
			t.Fatalf("%q has %d lines", text, after)
		}
		if filled := expand("${x}", values, inURL); strings.ContainsAny(filled, "/?#&=$ \r\n") {
			t.Fatalf("%q in an address is %q", value, filled)
		}
		secretNames(text)
	})
}

// FuzzMachine reads tables of states.
func FuzzMachine(f *testing.F) {
	f.Add(statesText)
	f.Add("run queued start running # comment\nrun queued start failed")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := parseMachine(text)
		if err != nil {
			return
		}
		for key, to := range m {
			if got, err := m.next(key[0], key[1], key[2]); err != nil || got != to {
				t.Fatalf("%v is %q: %v", key, got, err)
			}
		}
	})
}
