package monitor

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// endless answers the first slices of a preview, and then computes until it is told to stop.
type endless struct {
	Metrics
	asked   atomic.Int64
	working chan struct{}
	stopped chan error
}

func (m *endless) QueryRange(ctx context.Context, expr string, start, end time.Time, step time.Duration) (metricstore.Result, error) {
	if m.asked.Add(1) < 3 {
		return m.Metrics.QueryRange(ctx, expr, start, end, step)
	}
	m.working <- struct{}{}
	<-ctx.Done()
	_, err := m.Metrics.QueryRange(ctx, expr, start, end, step)
	m.stopped <- err
	return metricstore.Result{}, ctx.Err()
}

// TestAPreviewThatIsStoppedStopsOnTheServer goes away, as the console's Stop does,
// while a slice of history is computed.
func TestAPreviewThatIsStoppedStopsOnTheServer(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqldbtest.SQLite(t))
	metrics := &endless{Metrics: b.metrics, working: make(chan struct{}, 10), stopped: make(chan error, 10)}
	b.deps.Metrics = metrics
	b.start()
	api := b.as(auth.System("test"))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api.api.Handler().ServeHTTP(w, r.WithContext(auth.With(r.Context(), api.who)))
	}))
	t.Cleanup(server.Close)
	for _, path := range []string{"/metric-rules/preview/progress", "/metric-rules/preview"} {
		metrics.asked.Store(0)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		to := time.Now()
		raw, err := json.Marshal(object{"spec": object{"expr": "load > 50"}, "from": to.Add(-72 * time.Hour), "to": to})
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/api/v1"+path, bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		over := make(chan string, 1)
		go func() {
			said := ""
			if res, err := http.DefaultClient.Do(req); err == nil {
				for lines := bufio.NewScanner(res.Body); lines.Scan(); {
					said += lines.Text() + "\n"
				}
				res.Body.Close()
			}
			over <- said
		}()
		wait := func(what string, c <-chan struct{}) {
			t.Helper()
			select {
			case <-c:
			case <-time.After(time.Minute):
				t.Fatalf("%s: %s", path, what)
			}
		}
		wait("it did not begin", metrics.working)
		if len(b.c.previews) != 1 {
			t.Errorf("%s: %d previews run", path, len(b.c.previews))
		}
		stop()
		select {
		case err := <-metrics.stopped:
			if err == nil {
				t.Errorf("%s: the metric store went on computing", path)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s: the server goes on after its asker has gone", path)
		}
		if said := <-over; strings.Contains(said, "event: result") || strings.Contains(said, `"fired"`) && !strings.Contains(said, "event: progress") {
			t.Errorf("%s: a stopped preview gave a result: %s", path, said)
		}
		for deadline := time.Now().Add(time.Minute); len(b.c.previews) != 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: a stopped preview keeps its place", path)
			}
		}
		if n := metrics.asked.Load(); n != 3 {
			t.Errorf("%s: %d slices were asked for", path, n)
		}
	}
}
