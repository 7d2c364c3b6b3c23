package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mainstay/test/harness"
	"mainstay/test/peers"
)

// TestARealPrometheus writes its own metrics to a running installation by
// remote write, and scrapes what came there back by federation.
func TestARealPrometheus(t *testing.T) {
	t.Parallel()
	s := harness.New(t)
	s.Start()
	address := strings.TrimPrefix(s.URL, "http://")
	p := peers.StartPrometheus(t, fmt.Sprintf(`
global:
  scrape_interval: 1s
  external_labels: {site: peer}
remote_write:
  - url: %[1]s/prometheus/api/v1/write
    authorization: {credentials: %[2]s}
    send_exemplars: true
    send_native_histograms: true
    queue_config: {batch_send_deadline: 500ms}
scrape_configs:
  - job_name: itself
    static_configs: [{targets: ["$SELF"]}]
  - job_name: mainstay
    metrics_path: /prometheus/federate
    honor_labels: true
    params: {"match[]": ['{job="mainstay",site=""}']}
    authorization: {credentials: %[2]s}
    static_configs: [{targets: [%[3]q]}]
    metric_relabel_configs:
      - {target_label: federated, replacement: "yes"}
`, s.URL, s.Token, address))
	s.Eventually(60*time.Second, "the peer's metrics arrive by remote write", func() error {
		if got := instant(t, s, `count(prometheus_build_info{job="itself",site="peer"})`); got != "1" {
			return fmt.Errorf("%s", got)
		}
		return nil
	})
	s.Eventually(60*time.Second, "ours arrive by federation", func() error {
		response, err := http.Get(p.URL() + "/api/v1/query?query=" + url.QueryEscape(`count(prometheus_tsdb_head_series{federated="yes",job="mainstay"})`))
		if err != nil {
			return err
		}
		defer response.Body.Close()
		var answer struct {
			Data struct{ Result []struct{ Value [2]any } }
		}
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
			return err
		}
		if len(answer.Data.Result) != 1 {
			return fmt.Errorf("%d series", len(answer.Data.Result))
		}
		return nil
	})
}
