package scraping

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// world is everything a test of scraping needs.
type world struct {
	t       *testing.T
	metrics metricstore.Store
	deps    Dependencies
	c       *Component
	ctx     context.Context // of somebody who may
	free    *atomic.Uint64  // bytes on the metric store's disk
}

// byAddress binds what comes from loopback to one item.
type byAddress struct{}

func (byAddress) Bind(_ context.Context, label func(string) string) string {
	if strings.HasPrefix(label("instance"), "127.0.0.1:") {
		return "item-of-loopback"
	}
	return ""
}

type vault map[string]string

func (v vault) Reveal(_ context.Context, reference string, _ core.Ref, _ string) (string, error) {
	if plain, ok := v[reference]; ok {
		return plain, nil
	}
	return "", core.NotFound("secret", reference)
}

func newWorld(t *testing.T, db *sqldb.DB) *world {
	t.Helper()
	ctx := context.Background()
	if err := sqldb.Migrate(ctx, db, "ledger", ledger.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := sqldb.Migrate(ctx, db, "scraping", Migrations()); err != nil {
		t.Fatal(err)
	}
	clock := core.SystemClock{}
	ids := core.NewIDs(clock, nil)
	log := ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: ids})
	if err := log.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Stop(ctx) })
	cfg := metricstore.Defaults()
	cfg.Directory, cfg.MinFree, cfg.FreeEvery = t.TempDir(), 1, 5*time.Millisecond
	free := &atomic.Uint64{}
	free.Store(1 << 30)
	metrics, err := metricstore.Open(cfg, metricstore.Dependencies{Binder: byAddress{}, Free: func(string) (uint64, error) { return free.Load(), nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = metrics.Close() })
	return &world{t: t, metrics: metrics, free: free, ctx: auth.With(ctx, auth.System("test")),
		deps: Dependencies{DB: db, Ledger: log, Metrics: metrics, Binder: byAddress{}, Clock: clock, IDs: ids, Secrets: vault{"secret:door": "open"}}}
}

func quick() Configuration {
	cfg := Defaults()
	cfg.MinInterval, cfg.Interval, cfg.Timeout, cfg.Settle = 10*time.Millisecond, 200*time.Millisecond, 200*time.Millisecond, 20*time.Millisecond
	cfg.BodyLimit = 1 << 20
	return cfg
}

func (w *world) start() {
	w.t.Helper()
	var err error
	if w.c, err = New(quick(), w.deps); err != nil {
		w.t.Fatal(err)
	}
	if err := w.c.Start(w.ctx); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = w.c.Stop(context.Background()) })
}

func (w *world) put(name, spec string) {
	w.t.Helper()
	if err := w.tryPut(name, spec); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) tryPut(name, text string) error {
	var spec Spec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return err
	}
	_, err := w.c.Put(w.ctx, name, spec)
	return err
}

// until waits for something that comes about in other goroutines.
func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			w.t.Fatalf("%s did not come about; targets: %+v", what, w.targets())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// value is the newest value of an expression's only series.
func (w *world) value(expr string) (float64, bool) {
	w.t.Helper()
	res, err := w.metrics.Query(context.Background(), expr, time.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	if len(res.Series) != 1 {
		return 0, false
	}
	return res.Series[0].Points[0].F, true
}

// targets lists through the API, by address.
func (w *world) targets(query ...string) map[string]Target {
	w.t.Helper()
	api := httpapi.New("test", slog.New(slog.DiscardHandler))
	w.c.Routes(api)
	req := httptest.NewRequest(http.MethodGet, "/api/v1/scrape-targets?"+strings.Join(query, "&"), nil)
	rec := httptest.NewRecorder()
	api.Handler().ServeHTTP(rec, req.WithContext(w.ctx))
	var page struct{ Items []Target }
	if err := json.Unmarshal(rec.Body.Bytes(), &page); err != nil || rec.Code != http.StatusOK {
		w.t.Fatalf("%d %s", rec.Code, rec.Body.String())
	}
	out := map[string]Target{}
	for _, t := range page.Items {
		out[t.Address] = t
	}
	return out
}

// exporter answers scrapes on loopback.
func exporter(t *testing.T, answer http.HandlerFunc) (address string, stop func()) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), server.Close
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = w.Write([]byte(text))
	}
}
