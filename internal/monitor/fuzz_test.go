package monitor

import (
	"encoding/json"
	"strings"
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
)

// FuzzDocuments reads the specs of checks and metric rules: a fault names its
// field, and what has none can be stored and read again.
func FuzzDocuments(f *testing.F) {
	for _, seed := range []string{
		`{"item": "01arz3ndektsv4rrffq69g5fav", "tcp": {"address": "${item.address}:5432"}, "interval": "30s", "severity": "major", "dependsOn": ["db"]}`,
		`{"identities": [{"kind": "fqdn", "value": "x"}], "http": {"url": "https://${item.name}/${item."}, "labels": {"a": "b"}, "retries": 0}`,
		`{"selector": "class=host", "command": {"path": "/usr/lib/nagios/plugins/check_load", "args": ["-w", "1"]}, "runOn": "agent"}`,
		`{"selector": "x", "item": "y", "retries": -1, "interval": "1ns", "severity": "clear", "labels": {"__a": ""}}`,
		`{"expr": "rate(x[5m]) > 0", "for": "5m", "title": "{{ $labels.item }} {{ $value | humanize }}", "labels": {"a": "{{ end }}"}}`,
		`{"expr": "sum by (", "keepFiringFor": "-1s", "details": "{{ range query \"up\" }}{{ . }}{{ end }}"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var check CheckSpec
		if json.Unmarshal(text, &check) == nil && named(t, check.validate("c", Defaults())) {
			again := reread(t, check)
			if err := again.validate("c", Defaults()); err != nil {
				t.Fatalf("%s is good only once: %v", text, err)
			}
		}
		var rule RuleSpec
		if json.Unmarshal(text, &rule) == nil && named(t, rule.validate("r", Defaults())) {
			again := reread(t, rule)
			if err := again.validate("r", Defaults()); err != nil {
				t.Fatalf("%s is good only once: %v", text, err)
			}
		}
	})
}

// named says that there is no fault, and that a fault would name its field.
func named(t *testing.T, err error) bool {
	t.Helper()
	if err == nil {
		return true
	}
	e, ok := err.(*core.Error)
	if !ok || e.Code != core.CodeInvalid || len(e.Details) == 0 {
		t.Fatalf("%v", err)
	}
	for _, d := range e.Details {
		if d.Field == "" || d.Rule == "" {
			t.Fatalf("%+v", d)
		}
	}
	return false
}

func reread[T any](t *testing.T, v T) (again T) {
	t.Helper()
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &again)
	}
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// FuzzFill puts an item's values into texts: it ends, the values stay what
// they are, and none of them reaches a secret.
func FuzzFill(f *testing.F) {
	f.Add("${item.a}:${item.name}", "${item.a}")
	f.Add("${item.a}${item.a}", "secret:x")
	f.Add("s${item.a}", "ecret:x")
	f.Fuzz(func(t *testing.T, text, value string) {
		spec := probe.Spec{TCP: &probe.TCP{Address: "x:1", Expect: text}}
		got, err := expand(spec, Item{Name: value, Attributes: map[string]string{"a": value}}, nil)
		if err != nil {
			return
		}
		if isSecret(got.TCP.Expect) && !isSecret(text) {
			t.Fatalf("%q with %q is %q", text, value, got.TCP.Expect)
		}
		if most := len(text) + strings.Count(text, "${item.")*3*len(value) + 3*len(text); len(got.TCP.Expect) > most {
			t.Fatalf("%q with %q has grown to %d bytes", text, value, len(got.TCP.Expect))
		}
	})
}
