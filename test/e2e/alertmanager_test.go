package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mainstay/test/harness"
	"mainstay/test/peers"
)

// inbox is a webhook that keeps what it is told.
func inbox(t *testing.T) (address string, heard chan map[string]any) {
	heard = make(chan map[string]any, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if json.NewDecoder(r.Body).Decode(&body) == nil {
			heard <- body
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, heard
}

// routed starts an installation that routes by an Alertmanager configuration file.
func routed(t *testing.T) (s *harness.Server, file string, heard chan map[string]any) {
	hook, heard := inbox(t)
	file = filepath.Join(t.TempDir(), "alertmanager.yml")
	text := `
global: {resolve_timeout: 5m, smtp_smarthost: "localhost:25"}
route:
  receiver: ops
  group_by: [alertname]
  group_wait: 100ms
  group_interval: 1s
  repeat_interval: 4h
  routes:
    - matchers: ['team="db"']
      receiver: db
receivers:
  - name: ops
    webhook_configs: [{url: "` + hook + `"}]
  - name: db
inhibit_rules:
  - source_matchers: [alertname=SiteDown]
    target_matchers: [severity=warning]
    equal: [site]
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s = harness.New(t, "MAINSTAY_OUTGOING_LOOPBACK=true", "MAINSTAY_AGENT_ENABLED=false")
	s.Start()
	apply := exec.Command(harness.Program(t), "apply", "-f", file, "--server", s.URL, "--token", s.Token)
	if out, err := apply.CombinedOutput(); err != nil || !strings.Contains(string(out), "AlertRouting") || !strings.Contains(string(out), "smtp_smarthost is not used") {
		t.Fatalf("%v: %s", err, out)
	}
	return s, file, heard
}

// TestAPrometheusAlertsHere has Debian's Prometheus evaluate rules and tell
// this system, in Alertmanager's place, of what fires and what ends.
func TestAPrometheusAlertsHere(t *testing.T) {
	t.Parallel()
	s, _, heard := routed(t)
	rules := filepath.Join(t.TempDir(), "rules.yml")
	if err := os.WriteFile(rules, []byte(`
groups:
  - name: peer
    interval: 1s
    rules:
      - {alert: ShortLived, expr: "vector(time()) < START + 20", labels: {severity: critical}, annotations: {summary: "{{ $labels.alertname }} fires"}}
      - {alert: Lasting, expr: "vector(1)", labels: {severity: warning}}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(rules)
	if err == nil {
		err = os.WriteFile(rules, []byte(strings.ReplaceAll(string(text), "START", fmt.Sprint(time.Now().Unix()))), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	peers.StartPrometheus(t, fmt.Sprintf(`
global: {scrape_interval: 1s, evaluation_interval: 1s, external_labels: {site: peer}}
rule_files: [%q]
alerting:
  alertmanagers:
    - path_prefix: /alertmanager
      authorization: {credentials: %s}
      static_configs: [{targets: [%q]}]
`, rules, s.Token, strings.TrimPrefix(s.URL, "http://")))
	want := map[string]bool{"firing ShortLived": true, "firing Lasting": true, "resolved ShortLived": true}
	deadline := time.After(90 * time.Second)
	for len(want) > 0 {
		select {
		case body := <-heard:
			for _, a := range body["alerts"].([]any) {
				one := a.(map[string]any)
				set := one["labels"].(map[string]any)
				if set["site"] != "peer" {
					t.Fatalf("%v", one)
				}
				delete(want, fmt.Sprint(one["status"], " ", set["alertname"]))
			}
		case <-deadline:
			t.Fatalf("not told of %v", want)
		}
	}
}

// amtool builds the program from Alertmanager's module, in the version of go.mod.
func amtool(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/prometheus/alertmanager").Output()
	if err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-mod=readonly", "-buildvcs=false", "-o", filepath.Join(dir, "amtool"), "./cmd/amtool")
	build.Dir = strings.TrimSpace(string(module)) // its own go.mod names what it needs
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return filepath.Join(dir, "amtool")
}

// TestAmtool uses the program that people have for an Alertmanager.
func TestAmtool(t *testing.T) {
	t.Parallel()
	program := amtool(t)
	s, file, _ := routed(t)
	headers := filepath.Join(t.TempDir(), "http.yml")
	if err := os.WriteFile(headers, []byte("authorization: {credentials: "+s.Token+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(want string, args ...string) string {
		t.Helper()
		cmd := exec.Command(program, append([]string{"--alertmanager.url=" + s.URL + "/alertmanager", "--http.config.file=" + headers}, args...)...)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Fatalf("amtool %s: %v, without %q: %s", strings.Join(args, " "), err, want, out)
		}
		return string(out)
	}
	run("", "alert", "add", "SiteDown", "site=x", "severity=critical")
	run("", "alert", "add", "Slow", "site=x", "severity=warning", "team=db", "--annotation=summary=slow")
	run("SiteDown", "alert", "query")
	if out := run("SiteDown", "alert", "query", "--active"); strings.Contains(out, "Slow") {
		t.Fatalf("an inhibited alert is active: %s", out)
	}
	run("Slow", "alert", "query", "--inhibited")
	run("Slow", "alert", "query", "--inhibited", "team=~d.", "-o", "extended")
	id := strings.TrimSpace(run("", "silence", "add", "--comment=known", "--duration=1h", "alertname=SiteDown", "site!=y"))
	run(id, "silence", "query", "alertname=SiteDown")
	run("SiteDown", "alert", "query", "--silenced")
	run(id, "silence", "update", "--comment=still known", "--duration=2h", id)
	exported := filepath.Join(t.TempDir(), "silences.json")
	if err := os.WriteFile(exported, []byte(run(id, "silence", "query", "-o", "json")), 0o600); err != nil {
		t.Fatal(err)
	}
	run("", "silence", "expire", id)
	run("expired", "silence", "query", "--expired", "--within=1h", "-o", "json")
	run("", "silence", "import", exported)
	run("still known", "silence", "query")
	run("receiver: ops", "config", "show")
	run("db", "config", "routes", "show")
	run("db", "config", "routes", "test", "--verify.receivers=db", "team=db")
	run("ops", "config", "routes", "test", "team=web")
	run("disabled", "cluster", "show")
	run("SUCCESS", "check-config", file)
}
