package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mainstay/internal/events/routing"
	"mainstay/internal/platform/declare"
)

func TestAnAlertmanagerFileIsADocument(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.tmpl"), []byte(`{{ define "x" }}y{{ end }}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var notes bytes.Buffer
	text, ok := asRouting(filepath.Join(dir, "alertmanager.yml"), []byte(`
global: {smtp_from: a@example.org, resolve_timeout: 3m}
templates: ["*.tmpl", "none/*.tmpl"]
route: {receiver: a, group_by: []}
receivers:
  - name: a
    email_configs: [{to: b@example.org, require_tls: true}]
inhibit_rules:
  -
`), &notes)
	if !ok {
		t.Fatal("not taken for one")
	}
	docs := declare.Parse(text)
	if len(docs) != 1 || docs[0].Kind != "AlertRouting" || docs[0].Name != "default" {
		t.Fatalf("%s: %+v", text, docs)
	}
	var spec routing.Spec
	if err := declare.Decode(docs[0].Spec, &spec); err != nil {
		t.Fatal(err)
	}
	if _, err := routing.Compile(spec, nil); err != nil {
		t.Fatal(err)
	}
	if spec.Global.ResolveTimeout != "3m" || len(spec.Templates) != 1 || len(spec.InhibitRules) != 0 || spec.Route.GroupBy == nil {
		got, _ := json.Marshal(spec)
		t.Fatalf("%s", got)
	}
	for _, want := range []string{"global.smtp_from is not used", "require_tls of email_configs is not used", "none/*.tmpl names no file"} {
		if !strings.Contains(notes.String(), want) {
			t.Errorf("no note %q in %q", want, notes.String())
		}
	}
	for _, other := range []string{"groups: []", "kind: AlertRouting\nname: default\nspec:\n  route: {}\n", "route: {}\n", ": ["} {
		if _, ok := asRouting("x.yml", []byte(other), &notes); ok {
			t.Errorf("%q is taken for one", other)
		}
	}
}
