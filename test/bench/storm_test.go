package bench

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/test/harness"
)

// The storm: a core switch fails, and everything above it says so at once.
const (
	stormItems  = 2000
	stormEvents = 100_000
	stormLength = 10 * time.Second
	stormBatch  = 500
)

// stormFaults are what the monitors of an item notice of it, each a key of its own.
var stormFaults = []string{"does not answer to ping", "SSH is unreachable", "agent is silent", "HTTP check timed out", "metrics are stale"}

// BenchmarkStormOfAFailedSwitch posts 100,000 events of 2,000 items in ten
// seconds to the built program, watches it as the console does, and counts
// what is left for people: situations, incidents, and messages to whoever is
// on call. The switch itself reports two seconds late, as slow monitors do.
func BenchmarkStormOfAFailedSwitch(b *testing.B) {
	var told atomic.Int64
	phone := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		told.Add(1)
	}))
	defer phone.Close()
	s := harness.New(b, "MAINSTAY_OUTGOING_LOOPBACK=true", "MAINSTAY_AGENT_ENABLED=false")
	s.Start()
	declareDuty(b, s, phone.URL)
	declareSites(b, s)
	time.Sleep(5 * time.Second) // the graph is settled: now it is idle
	for b.Loop() {
		told.Store(0)
		stormOnce(b, s)
	}
	s.Eventually(30*time.Second, "the person on call is told", func() error {
		if n := told.Load(); n == 0 {
			return fmt.Errorf("no message came")
		}
		return nil
	})
	time.Sleep(5 * time.Second) // were there a second message, it would come now
	b.ReportMetric(float64(told.Load()), "pages")
	b.ReportMetric(residentMB(b, s.PID()), "MB-server")
}

func stormOnce(b *testing.B, s *harness.Server) {
	watch := newWatcher(b, s)
	var profiling sync.WaitGroup
	profiling.Go(func() { profile(b, s, os.Getenv("PROFILE")) })
	defer profiling.Wait()
	began := time.Now()
	var seconds []float64
	var all sync.WaitGroup
	var mu sync.Mutex
	batches := stormEvents / stormBatch
	next := atomic.Int64{}
	for range 4 { // as many monitors report
		all.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= batches {
					return
				}
				time.Sleep(time.Until(began.Add(time.Duration(n) * stormLength / time.Duration(batches))))
				sent := time.Now()
				if err := s.Call("POST", "/api/v1/events", stormPart(n), nil); err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				seconds = append(seconds, time.Since(sent).Seconds())
				mu.Unlock()
			}
		})
	}
	all.Wait()
	taken := time.Since(began)
	s.Eventually(60*time.Second, "one situation has it all", func() error {
		list := situations(b, s)
		if len(list) != 1 || list[0].Alerts != stormItems*int64(len(stormFaults)) || list[0].RootName != "core-1" {
			return fmt.Errorf("%d situations, the first %+v", len(list), list[:min(1, len(list))])
		}
		return nil
	})
	whole := time.Since(began)
	watch.end()
	slices.Sort(seconds)
	var incidents struct {
		Items []struct{ ID string }
	}
	if err := s.Call("GET", "/api/v1/incidents?limit=100&where="+url.QueryEscape("state!=resolved"), nil, &incidents); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(stormEvents)/taken.Seconds(), "events/s-accepted")
	b.ReportMetric(seconds[len(seconds)*99/100]*1000, "ms-accept-p99")
	b.ReportMetric(whole.Seconds(), "s-to-whole-situation")
	b.ReportMetric(watch.caused.Sub(began).Seconds(), "s-to-cause")
	b.ReportMetric(watch.p99(), "ms-console-p99")
	b.ReportMetric(float64(watch.most), "situations-most")
	b.ReportMetric(float64(len(situations(b, s))), "situations")
	b.ReportMetric(float64(len(incidents.Items)), "incidents")
}

// stormPart is the n-th batch: items in an order that is not that of the tree,
// their faults in turn; the switch joins in after two seconds.
func stormPart(n int) []map[string]any {
	part := make([]map[string]any, 0, stormBatch)
	late := int(2 * stormEvents / stormLength.Seconds())
	for i := n * stormBatch; i < (n+1)*stormBatch; i++ {
		item := stormItems - 1 - (i*7919)%stormItems
		if item == 0 && i < late {
			item = 1
		}
		fault := i / stormItems % len(stormFaults)
		name := stormItem(item)
		part = append(part, map[string]any{"source": "monitor", "kind": "problem", "severity": "critical", "key": fmt.Sprintf("monitor:%s:%d", name, fault),
			"title": name + " " + stormFaults[fault], "identities": []map[string]any{{"kind": "fqdn", "value": name + ".example.test"}}})
	}
	return part
}

// stormItem names the items: a core switch, twenty of access, and hosts.
func stormItem(i int) string {
	switch {
	case i == 0:
		return "core-1"
	case i <= 20:
		return fmt.Sprintf("access-%d", i)
	}
	return fmt.Sprintf("host-%d", i)
}

// declareSites makes the items: hosts need their access switch, which needs the
// core; a business service needs a hundred of the hosts.
func declareSites(b *testing.B, s *harness.Server) {
	b.Helper()
	var items, relations []map[string]any
	for i := range stormItems {
		class := "virtual_machine"
		if i <= 20 {
			class = "switch"
		}
		name := stormItem(i)
		items = append(items, map[string]any{"ref": name, "class": class, "name": name, "identities": []map[string]any{{"kind": "fqdn", "value": name + ".example.test"}}})
		switch {
		case i > 20:
			relations = append(relations, map[string]any{"type": "depends_on", "from": name, "to": stormItem(1 + i%20)})
		case i > 0:
			relations = append(relations, map[string]any{"type": "depends_on", "from": name, "to": stormItem(0)})
		}
	}
	items = append(items, map[string]any{"ref": "shop", "class": "business_service", "name": "shop", "identities": []map[string]any{{"kind": "declared", "value": "shop"}}})
	for i := 100; i < 200; i++ {
		relations = append(relations, map[string]any{"type": "depends_on", "from": "shop", "to": stormItem(i)})
	}
	var outcome struct {
		Created        int
		RelationsAdded int
		Errors         []any
	}
	if err := s.Call("POST", "/api/v1/reports", map[string]any{"source": "import:bench", "items": items, "relations": relations}, &outcome); err != nil {
		b.Fatal(err)
	}
	if outcome.Created != stormItems+1 || outcome.RelationsAdded != len(relations) {
		b.Fatalf("the report made %+v", outcome)
	}
}

// declareDuty puts the administrator on call, who is told by a webhook.
func declareDuty(b *testing.B, s *harness.Server, phone string) {
	b.Helper()
	file := filepath.Join(b.TempDir(), "duty.yaml")
	text := fmt.Sprintf(`kind: Channel
name: phone
spec: {type: webhook, url: %q}
---
kind: Rota
name: watch
spec:
  timeZone: UTC
  allowGaps: true
  layers: [{name: always, people: [admin], start: "2026-01-05T00:00", every: 1w}]
---
kind: EscalationPolicy
name: all
spec:
  match: {severity: major}
  steps: [{notify: [{rota: watch}], wait: 30m}]
`, phone)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	if out, err := s.CLI("apply", "-f", file); err != nil {
		b.Fatalf("apply: %v\n%s", err, out)
	}
	told := map[string]any{"high": []map[string]any{{"channel": "phone"}}, "low": []map[string]any{{"channel": "phone"}}}
	if err := s.Call("PUT", "/api/v1/me/notifications", told, nil); err != nil {
		b.Fatal(err)
	}
}

type shownSituation struct {
	ID       string
	RootName string
	Alerts   int64
}

func situations(b *testing.B, s *harness.Server) []shownSituation {
	var page struct{ Items []shownSituation }
	if err := s.Call("GET", "/api/v1/situations?where="+url.QueryEscape("state=open")+"&limit=100", nil, &page); err != nil {
		b.Error(err)
	}
	return page.Items
}

// watcher looks at the situations and the alerts as an open console does.
type watcher struct {
	caused time.Time // when the cause was shown first
	most   int       // situations at one time
	took   []time.Duration
	stop   chan struct{}
	done   sync.WaitGroup
}

func newWatcher(b *testing.B, s *harness.Server) *watcher {
	w := &watcher{stop: make(chan struct{})}
	w.done.Go(func() {
		for {
			select {
			case <-w.stop:
				return
			case <-time.After(100 * time.Millisecond):
			}
			began := time.Now()
			list := situations(b, s)
			w.took = append(w.took, time.Since(began))
			w.most = max(w.most, len(list))
			if w.caused.IsZero() && len(list) == 1 && list[0].RootName == "core-1" {
				w.caused = time.Now()
			}
			began = time.Now()
			if err := s.Call("GET", "/api/v1/alerts?limit=100", nil, nil); err != nil {
				b.Error(err)
			}
			w.took = append(w.took, time.Since(began))
		}
	})
	return w
}

func (w *watcher) end() {
	close(w.stop)
	w.done.Wait()
}

// p99 is how long the console waited for 99 of 100 answers, in milliseconds.
func (w *watcher) p99() float64 {
	slices.Sort(w.took)
	return float64(w.took[len(w.took)*99/100].Microseconds()) / 1000
}
