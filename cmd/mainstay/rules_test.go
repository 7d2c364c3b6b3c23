package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mainstay/internal/monitor"
	"mainstay/internal/platform/declare"
)

const alertsFile = `---
# Alerts of the shop.
groups:
  - name: shop
    rules:
      - alert: Slow
        expr: |
          http_duration_seconds
            > 1
        for: 5m
        annotations:
          summary: "{{ $labels.path }}
            is slow"

      - record: job:up:sum
        expr: sum by (job) (up)
`

func TestARuleFileIsADocument(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"shop alerts.yml": alertsFile, "silence.yaml": "kind: Silence\nname: x\nspec: {groups: 1}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, sources, err := readDocuments(nil, []string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	docs := declare.Parse(text)
	if len(docs) != 2 || docs[0].Kind != "RuleFile" || docs[0].Name != "shop-alerts" || docs[0].Err != nil || docs[1].Kind != "Silence" || docs[1].Err != nil {
		t.Fatalf("%+v\n%s", docs, text)
	}
	var spec monitor.RuleFileSpec
	if err := declare.Decode(docs[0].Spec, &spec); err != nil {
		t.Fatal(err)
	}
	if r := spec.Groups[0].Rules; len(r) != 2 || r[0].Expr != "http_duration_seconds\n  > 1\n" || r[0].Annotations["summary"] != "{{ $labels.path }} is slow" {
		t.Fatalf("%+v", spec)
	}
	if at := place(docs[0].Line, sources); !strings.HasSuffix(at, "shop alerts.yml:1") {
		t.Error(at)
	}
	// The line of "alert: Slow", the sixth of its file.
	line := 1 + strings.Count(string(text[:strings.Index(string(text), "- alert: Slow")]), "\n")
	if at := place(line, sources); !strings.HasSuffix(at, "shop alerts.yml:6") {
		t.Error(at)
	}
}

func TestRulesAreWrittenForPromtool(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatal("promtool is not installed: run scripts/test-deps")
	}
	text, ok := asDocument("shop.yml", []byte(alertsFile))
	if !ok {
		t.Fatal("it is not taken for a rule file")
	}
	parsed := declare.Parse(text)
	rule, err := json.Marshal(monitor.RuleSpec{Expr: "temperature > 50", Title: "{{ $labels.room }} is hot", Labels: map[string]string{"site": "x"}})
	if err != nil {
		t.Fatal(err)
	}
	files, err := writeRuleFiles(filepath.Join(t.TempDir(), "new"), []declare.Document{parsed[0].Document, {Kind: "MetricRule", Name: "hot", Spec: rule}, {Kind: "Check", Name: "c"}})
	if err != nil || len(files) != 2 || filepath.Base(files[0]) != "shop.yml" || filepath.Base(files[1]) != "metric-rules.yml" {
		t.Fatalf("%v %v", files, err)
	}
	out, err := exec.Command(promtool, append([]string{"check", "rules"}, files...)...).CombinedOutput()
	if err != nil || strings.Count(string(out), "SUCCESS") != 2 {
		t.Fatalf("%v\n%s", err, out)
	}
}
