package scraping

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// shelf is a graph of a few items.
type shelf []Item

func (s shelf) Selected(_ context.Context, selector string) ([]Item, error) {
	if selector == "bad" {
		return nil, core.Invalid("selector", "cannot be read")
	}
	return s, nil
}

// serve puts the room's routes and the metric store's behind one address, as the server does.
func (w *world) serve(who *auth.Principal) string {
	w.t.Helper()
	api := httpapi.New("test", slog.New(slog.DiscardHandler))
	w.c.Routes(api)
	api.Mount("POST /prometheus/api/v1/write", "metrics:write", w.metrics.WriteHandler())
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		api.Handler().ServeHTTP(rw, r.WithContext(auth.With(r.Context(), who)))
	}))
	w.t.Cleanup(server.Close)
	return server.URL
}

func TestItemsAreOfferedAsTargets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.deps.Items = shelf{
		{ID: "i1", Name: "web1", Class: "host", Identities: map[string]string{"fqdn": "web1.example.org", "ip": "192.0.2.1"}, Attributes: map[string]string{"os.name": "debian", "management": "2001:db8::1"}},
		{ID: "i2", Name: "nowhere", Class: "host"},
		{ID: "i3", Name: "theirs", Class: "host", Team: "other", Identities: map[string]string{"ip": "192.0.2.3"}},
	}
	w.start()
	reader := auth.NewPrincipal("user", "u", "u", auth.Roles{"reader": {Name: "reader", Permissions: auth.NewSet("items:read")}}, auth.Grant{Role: "reader", Team: "ours"})
	for query, want := range map[string]string{
		"selector=class%3Dhost&port=9100":                    `[{"targets":["web1.example.org:9100"],"labels":{"__meta_mainstay_attribute_management":"2001:db8::1","__meta_mainstay_attribute_os_name":"debian","__meta_mainstay_class":"host","__meta_mainstay_id":"i1","__meta_mainstay_identity_fqdn":"web1.example.org","__meta_mainstay_identity_ip":"192.0.2.1","__meta_mainstay_name":"web1"}}]`,
		"selector=class%3Dhost&port=9100&address=management": `"targets":["[2001:db8::1]:9100"]`,
		"selector=class%3Dhost&address=ip":                   `"targets":["192.0.2.1"]`,
		"selector=class%3Dhost&port=0":                       `between 1 and 65535`,
		"selector=bad":                                       `cannot be read`,
		"":                                                   `must be given`,
	} {
		resp, err := http.Get(w.serve(reader) + "/api/v1/http_sd?" + query)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if !strings.Contains(string(body), want) || strings.Contains(string(body), "192.0.2.3") {
			t.Errorf("%s: %d %s", query, resp.StatusCode, body)
		}
	}
}

// A real Prometheus (Debian's) finds its targets here, scrapes them, and writes
// what it scraped back.
func TestARealPrometheusDiscoversAndWrites(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Fatal("the package prometheus is missing: run scripts/test-deps")
	}
	w := newWorld(t, sqldbtest.SQLite(t))
	address, _ := exporter(t, says("orders_total 7\n"))
	_, port, _ := net.SplitHostPort(address)
	w.deps.Items = shelf{{ID: "item-of-shop", Name: "shop", Class: "host", Identities: map[string]string{"ip": "127.0.0.1"}}}
	w.start()
	url := w.serve(auth.System("test"))
	dir := t.TempDir()
	text := fmt.Sprintf(`
global: {scrape_interval: 200ms, scrape_timeout: 200ms}
scrape_configs:
  - job_name: graph
    http_sd_configs: [{url: "%s/api/v1/http_sd?selector=class%%3Dhost&port=%s", refresh_interval: 1s}]
    relabel_configs:
      - {source_labels: [__meta_mainstay_name], target_label: host_name}
      - {source_labels: [__meta_mainstay_id], target_label: item}
remote_write:
  - url: "%s/prometheus/api/v1/write"
    queue_config: {batch_send_deadline: 200ms}
`, url, port, url)
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	free, err := coretest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(program, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"), fmt.Sprintf("--web.listen-address=127.0.0.1:%d", free))
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	w.until("the samples that Prometheus scraped", func() bool {
		v, ok := w.value(`orders_total{job="graph",host_name="shop",item="item-of-shop"}`)
		return ok && v == 7
	})
	resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/api/v1/targets", free))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var targets struct {
		Data struct {
			ActiveTargets []struct{ Health string }
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&targets); err != nil || len(targets.Data.ActiveTargets) != 1 || targets.Data.ActiveTargets[0].Health != "up" {
		t.Errorf("%+v %v", targets, err)
	}
}
