package ruletest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mainstay/internal/monitor/rules/ruletest"
)

// promtoolData is the directory of promtool's own tests in the module cache.
func promtoolData(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/prometheus/prometheus").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "cmd", "promtool", "testdata")
}

// TestPromtoolsOwnTests runs the unit tests that promtool is tested with, and
// expects of each what promtool's test expects.
func TestPromtoolsOwnTests(t *testing.T) {
	t.Parallel()
	passes := map[string]bool{
		"unittest.yml": true, "long-period.yml": true, "at-modifier-test.yml": true, "negative-offset-test.yml": true, "no-test-group-interval.yml": true,
		"start-time-test.yml": true,
		"failing.yml":         false, "bad-input-series.yml": false, "bad-promql.yml": false, "bad-rules-error-test.yml": false, "bad-rules-syntax-test.yml": false,
		"rules_run_no_fuzzy.yml": false, "rules_run_fuzzy.yml": false, "rules_run_extrafields.yml": false,
	}
	for name, want := range passes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outcomes, err := ruletest.Run(t.Context(), filepath.Join(promtoolData(t), name))
			var failed []string
			for _, o := range outcomes {
				failed = append(failed, o.Failed...)
			}
			if name == "rules_run_fuzzy.yml" && (len(outcomes) != 2 || len(outcomes[0].Failed) > 0) {
				t.Errorf("the test that is nearly right fails: %+v", outcomes)
			}
			if got := err == nil && len(failed) == 0; got != want {
				t.Errorf("passes: %t\n%v\n%s", got, err, strings.Join(failed, "\n"))
			}
		})
	}
}

// TestAgreesWithPromtool runs tests through promtool as well, those that hold
// and the same with one expectation changed.
func TestAgreesWithPromtool(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatal("promtool is not installed: run scripts/test-deps")
	}
	rulesFile, err := os.ReadFile("testdata/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	tests, err := os.ReadFile("testdata/tests.yml")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"as it is":            {"", ""},
		"another value":       {"value: 0.75", "value: 0.76"},
		"another annotation":  {"is 95% full", "is 94% full"},
		"too early":           {"eval_time: 13m # fires", "eval_time: 9m"},
		"another label":       {"severity: page", "severity: none"},
		"one alert too many":  {"exp_alerts: [] # over", "exp_alerts: [{exp_labels: {a: b}}]"},
		"an unknown function": {"expr: job:used:avg", "expr: unheard(job:used:avg)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			text := string(tests)
			if change[0] != "" {
				if !strings.Contains(text, change[0]) {
					t.Fatalf("the tests have no %q", change[0])
				}
				text = strings.Replace(text, change[0], change[1], 1)
			}
			for file, content := range map[string]string{"rules.yml": string(rulesFile), "tests.yml": text} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			path := filepath.Join(dir, "tests.yml")
			out, theirs := exec.Command(promtool, "test", "rules", path).CombinedOutput()
			outcomes, err := ruletest.Run(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			good := true
			for _, o := range outcomes {
				good = good && len(o.Failed) == 0
			}
			if good != (theirs == nil) || good != (change[0] == "") {
				t.Errorf("promtool: %v\n%s\nours: %+v", theirs, out, outcomes)
			}
		})
	}
}

func FuzzTests(f *testing.F) {
	for _, path := range []string{"testdata/tests.yml"} {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("tests: [{start_timestamp: 1e300, interval: 0s, input_series: [{}]}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := ruletest.Parse(text)
		if err != nil {
			return
		}
		for _, test := range file.Tests {
			if test.Interval <= 0 || test.Name == "" {
				t.Fatalf("%+v", test)
			}
		}
	})
}
