package rules

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
)

const everyWord = `groups:
  - name: all
    interval: 30s
    query_offset: 10s
    limit: 5
    labels: {team: web}
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
        labels: {source: rules}
      - alert: Down
        expr: up == 0
        for: 1h30m
        keep_firing_for: 1d
        labels: {severity: page, team: "{{ $labels.team }}"}
        annotations:
          summary: "{{ $labels.instance }} is down since {{ $value | humanizeDuration }}"
`

func TestEveryWordOfAFileIsKept(t *testing.T) {
	t.Parallel()
	f, err := Parse([]byte(everyWord))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Encode(&out); err != nil {
		t.Fatal(err)
	}
	again, err := Parse(out.Bytes())
	if err != nil || !reflect.DeepEqual(f, again) {
		t.Fatalf("%v\n%s", err, out.String())
	}
	g := &f.Groups[0]
	down := g.Compile(&g.Rules[1])
	if down.For != 90*time.Minute || down.Keep != 24*time.Hour || down.Offset != 10*time.Second || down.Limit != 5 || down.Record ||
		!reflect.DeepEqual(down.Labels, []Text{{"severity", "page"}, {"team", "{{ $labels.team }}"}}) {
		t.Errorf("%+v", down)
	}
	sum := g.Compile(&g.Rules[0])
	if sum.Name != "job:up:sum" || !sum.Record || !reflect.DeepEqual(sum.Labels, []Text{{"source", "rules"}, {"team", "web"}}) {
		t.Errorf("%+v", sum)
	}
}

// TestPromtoolTakesWhatIsWritten writes files that Prometheus' own tests read
// and has promtool check them.
func TestPromtoolTakesWhatIsWritten(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatal("promtool is not installed: run scripts/test-deps")
	}
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/prometheus/prometheus").Output()
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(strings.TrimSpace(string(module)), "cmd", "promtool", "testdata")
	for _, name := range []string{"rules.yml", "rules_large.yml", "at-modifier.yml", "negative-offset.yml"} {
		text, err := os.ReadFile(filepath.Join(data, name))
		if err != nil {
			t.Fatal(err)
		}
		f, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		path := filepath.Join(t.TempDir(), name)
		var written bytes.Buffer
		if err := f.Encode(&written); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, written.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(promtool, "check", "rules", "--lint=none", path).CombinedOutput(); err != nil || !strings.Contains(string(out), "SUCCESS") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func TestFaultsOfAFileNameTheirFields(t *testing.T) {
	t.Parallel()
	for text, field := range map[string]string{
		"groups: [{name: a, rules: []}, {name: a, rules: []}]":                                                             "groups[1].name",
		"groups: [{name: '', rules: []}]":                                                                                  "groups[0].name",
		"groups: [{name: a, rules: [{alert: x, expr: 'sum('}]}]":                                                           "groups[0].rules[0].expr",
		"groups: [{name: a, rules: [{alert: x, record: y, expr: up}]}]":                                                    "groups[0].rules[0]",
		"groups: [{name: a, rules: [{record: 'up{a=\"b\"}', expr: up}]}]":                                                  "groups[0].rules[0].record",
		"groups: [{name: a, rules: [{record: y, expr: up, for: 5m}]}]":                                                     "groups[0].rules[0]",
		"groups: [{name: a, rules: [{alert: x, expr: up}, {alert: x, expr: up, annotations: {summary: '{{ end }}'}}]}]":    "groups[0].rules[1].annotations.summary",
		"groups: [{name: a, rules: [{alert: x, expr: up, labels: {__name__: y}}]}]":                                        "groups[0].rules[0].labels.__name__",
		"groups: [{name: a, rules: [{alert: x, expr: up, labels: {y: '{{ $labels.x | nothing }}'}}]}]":                     "groups[0].rules[0].labels.y",
		"groups: [{name: a, limit: -1, rules: []}]":                                                                        "groups[0]",
		"groups: [{name: a, labels: {'': x}, rules: []}]":                                                                  "groups[0].labels.",
		"groups: [{name: a, rules: [{alert: x, expr: 'up[5m]'}]}]":                                                         "groups[0].rules[0].expr",
		"groups: [{name: a, rules: [{alert: x, expr: up, annotations: {a: '{{ range query \"up\" }}{{ .Labels.x }'} }] }]": "groups[0].rules[0].annotations.a",
	} {
		_, err := Parse([]byte(text))
		var e *core.Error
		if !errors.As(err, &e) || len(e.Details) == 0 || e.Details[0].Field != field {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{"groups: [{name: a, rule: []}]", "groups: 1", "groups: [{name: a, interval: often}]", "groups: [{name: a, rules: [{alert: x, expr: up, for: -5m}]}]"} {
		if _, err := Parse([]byte(text)); core.CodeOf(err) != core.CodeMalformed {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestTimeThatNobodySawDoesNotCount(t *testing.T) {
	t.Parallel()
	r := &Compiled{Name: "x", For: 10 * time.Minute}
	now := time.Unix(1_700_000_000, 0)
	known := map[string]Alert{"pending": {ActiveAt: now.Add(-9 * time.Minute)}, "firing": {ActiveAt: now.Add(-time.Hour), Firing: true}}
	for pause, since := range map[time.Duration]time.Duration{0: 9 * time.Minute, 5 * time.Minute: 4 * time.Minute, 2 * time.Hour: 0} {
		got := r.Restore(known, now.Add(-pause), now)
		if d := now.Sub(got["pending"].ActiveAt); d != since || !got["firing"].ActiveAt.Equal(known["firing"].ActiveAt) {
			t.Errorf("after %v it is there for %v: %+v", pause, d, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(everyWord))
	f.Add([]byte("groups: [{name: a, rules: [{alert: x, expr: 'sum('}]}]"))
	f.Add([]byte("groups:\n- &a {name: x, rules: []}\n- *a"))
	f.Add([]byte("groups: [{name: a, interval: 1y2w3d4h5m6s7ms, query_offset: 0s, rules: [{record: 'x', expr: '1'}]}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Parse(text)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := file.Encode(&out); err != nil {
			t.Fatal(err)
		}
		again, err := Parse(out.Bytes())
		if err != nil {
			t.Fatalf("%s\nis read, but not as it is written:\n%s\n%v", text, out.Bytes(), err)
		}
		if len(again.Groups) != len(file.Groups) {
			t.Fatalf("%s", out.Bytes())
		}
		for i := range file.Groups {
			for j := range file.Groups[i].Rules {
				file.Groups[i].Compile(&file.Groups[i].Rules[j])
			}
		}
	})
}
