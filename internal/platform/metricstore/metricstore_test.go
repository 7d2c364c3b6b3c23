package metricstore_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/metricstore"
)

func open(t testing.TB, deps metricstore.Dependencies, change func(*metricstore.Configuration)) metricstore.Store {
	t.Helper()
	cfg := metricstore.Defaults()
	cfg.Directory = t.TempDir()
	cfg.MinFree = 1
	cfg.OwnMetrics = deps.Clock != nil // without a clock of its own a test's samples are of another day
	if change != nil {
		change(&cfg)
	}
	s, err := metricstore.Open(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestAppendAndQuery(t *testing.T) {
	t.Parallel()
	s, ctx, now := open(t, metricstore.Dependencies{}, nil), context.Background(), time.Now().Truncate(time.Second)
	up := metricstore.NewLabels("mainstay_check_up", "item", "i1", "check", "web")
	for i := range 10 {
		if err := s.Append(ctx, []metricstore.Sample{{up, now.Add(time.Duration(i-10) * time.Second), float64(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	res, err := s.Query(ctx, `mainstay_check_up{item="i1"}`, now)
	if err != nil || len(res.Series) != 1 || res.Series[0].Points[0].F != 9 {
		t.Fatalf("%+v %v", res, err)
	}
	res, err = s.QueryRange(ctx, `sum(mainstay_check_up)`, now.Add(-5*time.Second), now, time.Second)
	if err != nil || len(res.Series) != 1 || len(res.Series[0].Points) != 6 {
		t.Fatalf("%+v %v", res, err)
	}
	if res, err = s.Query(ctx, `1+1`, now); err != nil || res.Series[0].Points[0].F != 2 {
		t.Fatalf("%+v %v", res, err)
	}
}

func TestOneBadSampleDoesNotCostTheBatch(t *testing.T) {
	t.Parallel()
	s, ctx, now := open(t, metricstore.Dependencies{}, nil), context.Background(), time.Now()
	l := metricstore.NewLabels("m")
	if err := s.Append(ctx, []metricstore.Sample{{l, now, 1}}); err != nil {
		t.Fatal(err)
	}
	err := s.Append(ctx, []metricstore.Sample{
		{metricstore.Labels{}, now, 1},
		{l, now.Add(-100 * time.Hour), 1},
		{l, now, 2},
		{l, now.Add(-time.Hour), 3}, // late, within the window
		{l, now.Add(time.Second), 4},
	})
	var e *core.Error
	if core.CodeOf(err) != core.CodeInvalid || !asError(err, &e) || len(e.Details) != 3 {
		t.Fatalf("got %v", err)
	}
	for i, want := range []string{"samples[0]", "samples[1]", "samples[2]"} {
		if e.Details[i].Field != want {
			t.Errorf("detail %d names %s", i, e.Details[i].Field)
		}
	}
	res, err := s.Query(ctx, `count_over_time(m[2h])`, now.Add(time.Second))
	if err != nil || res.Series[0].Points[0].F != 3 {
		t.Fatalf("%+v %v", res, err)
	}
	if got := s.Health().Rejected; got != 3 {
		t.Fatalf("%d rejected", got)
	}
}

func asError(err error, to **core.Error) bool {
	e, ok := err.(*core.Error)
	*to = e
	return ok
}

func TestBadQueriesSayWhy(t *testing.T) {
	t.Parallel()
	s, ctx := open(t, metricstore.Dependencies{}, nil), context.Background()
	if _, err := s.Query(ctx, `sum(`, time.Now()); core.CodeOf(err) != core.CodeInvalid {
		t.Fatalf("got %v", err)
	}
	if _, err := s.QueryRange(ctx, `m`, time.Now(), time.Now().Add(time.Hour), time.Millisecond); core.CodeOf(err) != core.CodeInvalid {
		t.Fatalf("got %v", err)
	}
	if err := metricstore.CheckExpr("spec.expr", `rate(m[5m])`); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{``, `m[5m]`, `sum by`, `"s"`} {
		if err := metricstore.CheckExpr("spec.expr", bad); core.CodeOf(err) != core.CodeInvalid {
			t.Errorf("%q gave %v", bad, err)
		}
	}
}

// events records what it accepts, after refusing the first n hand-overs.
type events struct {
	refuse atomic.Int32
	got    chan core.Event
}

func (e *events) Accept(_ context.Context, list []core.Event) error {
	if e.refuse.Add(-1) >= 0 {
		return core.Errorf(core.CodeUnavailable, "not now")
	}
	for _, ev := range list {
		e.got <- ev
	}
	return nil
}

func TestTheGuardStopsIngestionAndResumes(t *testing.T) {
	t.Parallel()
	var free atomic.Uint64
	free.Store(1 << 30)
	ev := &events{got: make(chan core.Event, 10)}
	ev.refuse.Store(2)
	s := open(t, metricstore.Dependencies{Events: ev, Free: func(string) (uint64, error) { return free.Load(), nil }},
		func(c *metricstore.Configuration) { c.MinFree = 1 << 20; c.FreeEvery = time.Millisecond })
	ctx, l, now := context.Background(), metricstore.NewLabels("m"), time.Now()
	if err := s.Append(ctx, []metricstore.Sample{{l, now, 1}}); err != nil {
		t.Fatal(err)
	}
	free.Store(1000)
	if e := <-ev.got; e.Kind != core.Problem || e.Key != "metricstore:disk" {
		t.Fatalf("%+v", e)
	}
	if err := s.Append(ctx, []metricstore.Sample{{l, now.Add(time.Second), 1}}); core.CodeOf(err) != core.CodeUnavailable {
		t.Fatalf("got %v", err)
	}
	rec := httptest.NewRecorder()
	s.WriteHandler().ServeHTTP(rec, httptest.NewRequest("POST", "/prometheus/api/v1/write", strings.NewReader("x")))
	if rec.Code != 503 || rec.Header().Get("Retry-After") != "30" {
		t.Fatalf("%d %v", rec.Code, rec.Header())
	}
	if _, err := s.Query(ctx, "m", now); err != nil {
		t.Fatalf("a query fails while ingestion is stopped: %v", err)
	}
	if h := s.Health(); !h.ReadOnly || h.Refused != 2 {
		t.Fatalf("%+v", h)
	}
	free.Store(2 << 20)
	if e := <-ev.got; e.Kind != core.Cleared {
		t.Fatalf("%+v", e)
	}
	if err := s.Append(ctx, []metricstore.Sample{{l, now.Add(time.Second), 1}}); err != nil {
		t.Fatal(err)
	}
}

func TestABrokenBlockIsReported(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, meta := range map[string]string{"01ARZ3NDEKTSV4RRFFQ69G5FAV": "{", "01ARZ3NDEKTSV4RRFFQ69G5FAW": ""} {
		if err := os.MkdirAll(filepath.Join(dir, name, "chunks"), 0o750); err != nil {
			t.Fatal(err)
		}
		if meta != "" {
			if err := os.WriteFile(filepath.Join(dir, name, "meta.json"), []byte(meta), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	ev := &events{got: make(chan core.Event, 10)}
	s := open(t, metricstore.Dependencies{Events: ev}, func(c *metricstore.Configuration) { c.Directory = dir; c.FreeEvery = time.Millisecond })
	if e := <-ev.got; e.Kind != core.Problem || e.Key != "metricstore:blocks" || !strings.Contains(e.Description, "01ARZ3NDEKTSV4RRFFQ69G5FAV") {
		t.Fatalf("%+v", e)
	}
	if h := s.Health(); len(h.BrokenBlocks) != 2 {
		t.Fatalf("%+v", h)
	}
}

func TestAnEmptyStoreOpensFast(t *testing.T) {
	best := time.Hour
	for range 5 {
		start := time.Now()
		s := open(t, metricstore.Dependencies{}, nil)
		s.Handler()
		best = min(best, time.Since(start))
	}
	t.Logf("open with handlers: %v", best)
	if best > slow*100*time.Millisecond {
		t.Fatalf("took %v", best)
	}
}

func get(t *testing.T, h http.Handler, target string) map[string]any {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", target, nil))
	var out map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s: %v in %q", target, err, rec.Body.String())
	}
	out["httpStatus"] = rec.Code
	return out
}

func TestTheQueryAPIAnswersAsPrometheusDoes(t *testing.T) {
	t.Parallel()
	s, ctx, now := open(t, metricstore.Dependencies{}, nil), context.Background(), time.Now()
	if err := s.Append(ctx, []metricstore.Sample{{metricstore.NewLabels("up", "item", "i1"), now, 1}}); err != nil {
		t.Fatal(err)
	}
	s.Describe(metricstore.Metadata{Metric: "up", Type: "gauge", Help: "Whether it is."})
	s.SetRules(rules{})
	q := url.QueryEscape
	for target, want := range map[string]string{
		"query?query=up": `"resultType":"vector"`,
		"query_range?query=up&step=15&start=" + fmt.Sprint(now.Unix()-60) + "&end=" + fmt.Sprint(now.Unix()+60): `"resultType":"matrix"`,
		"series?match[]=" + q(`{item="i1"}`): `"__name__":"up"`,
		"labels":                             `"item"`,
		"label/item/values":                  `"i1"`,
		"metadata":                           `"Whether it is."`,
		"status/buildinfo":                   `"version"`,
		"status/tsdb":                        `"numSeries":1`,
		"rules":                              `"state":"firing"`,
		"alerts":                             `"alertname":"Hot"`,
	} {
		rec := httptest.NewRecorder()
		s.Handler().ServeHTTP(rec, httptest.NewRequest("GET", "/prometheus/api/v1/"+target, nil))
		if rec.Code != 200 || !strings.Contains(rec.Body.String(), want) {
			t.Errorf("%s: %d %s", target, rec.Code, rec.Body.String())
		}
	}
	for _, hidden := range []string{"admin/tsdb/snapshot", "admin/tsdb/delete_series", "write", "notifications/live", "openapi.yaml"} {
		if got := get(t, s.Handler(), "/prometheus/api/v1/"+hidden)["httpStatus"]; got != 404 {
			t.Errorf("%s: %v", hidden, got)
		}
	}
	if got := get(t, s.Handler(), "/prometheus/api/v1/query?query=sum("); got["errorType"] != "bad_data" {
		t.Errorf("%v", got)
	}
}

type rules struct{}

func (rules) MetricRules(context.Context) ([]metricstore.RuleStatus, error) {
	return []metricstore.RuleStatus{{Name: "Hot", Group: "g", Query: "t > 1", Health: "ok", Alerts: []metricstore.RuleAlert{{Firing: true, Labels: map[string]string{"item": "i1"}, Value: 2}}}}, nil
}

type binder struct{}

func (binder) Bind(_ context.Context, label func(string) string) string {
	if label("host_name") == "web1" || label("instance") == "web1" {
		return "item-of-web1"
	}
	return ""
}

func TestOTLPIsReceivedAndBound(t *testing.T) {
	t.Parallel()
	s, now := open(t, metricstore.Dependencies{Binder: binder{}}, nil), time.Now()
	body := fmt.Sprintf(`{"resourceMetrics":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"web1"}}]},
	 "scopeMetrics":[{"metrics":[{"name":"jobs.waiting","description":"Jobs that wait.","unit":"1","gauge":{"dataPoints":[{"timeUnixNano":"%d","asDouble":7}]}}]}]}]}`, now.UnixNano())
	rec := httptest.NewRecorder()
	req := httptest.NewRequest("POST", "/v1/metrics", strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	s.OTLPHandler().ServeHTTP(rec, req)
	if rec.Code != 200 || rec.Body.String() != "{}" {
		t.Fatalf("%d %s", rec.Code, rec.Body.String())
	}
	res, err := s.Query(context.Background(), `{__name__=~"jobs_waiting.*",item="item-of-web1"}`, now)
	if err != nil || len(res.Series) != 1 || res.Series[0].Points[0].F != 7 {
		t.Fatalf("%+v %v", res, err)
	}
	if md := get(t, s.Handler(), "/prometheus/api/v1/metadata"); !strings.Contains(fmt.Sprint(md), "Jobs that wait.") {
		t.Errorf("%v", md)
	}
	rec = httptest.NewRecorder()
	req = httptest.NewRequest("POST", "/v1/metrics", strings.NewReader("{nonsense"))
	req.Header.Set("Content-Type", "application/json")
	s.OTLPHandler().ServeHTTP(rec, req)
	if rec.Code != 400 {
		t.Fatalf("%d", rec.Code)
	}
}

func TestRemoteIsTheSameStore(t *testing.T) {
	t.Parallel()
	server := open(t, metricstore.Dependencies{Binder: binder{}}, nil)
	mux := http.NewServeMux()
	mux.Handle("POST /prometheus/api/v1/write", server.WriteHandler())
	mux.Handle("/prometheus/api/v1/", server.Handler())
	peer := httptest.NewServer(mux)
	t.Cleanup(peer.Close)

	cfg := metricstore.Defaults()
	cfg.Remote.WriteURL, cfg.Remote.QueryURL = peer.URL+"/prometheus/api/v1/write", peer.URL+"/prometheus"
	s, err := metricstore.Open(cfg, metricstore.Dependencies{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, now := context.Background(), time.Now()
	if err := s.Append(ctx, []metricstore.Sample{
		{metricstore.NewLabels("m", "instance", "web1"), now, 3},
		{metricstore.Labels{}, now, 3},
	}); core.CodeOf(err) != core.CodeInvalid {
		t.Fatalf("got %v", err)
	}
	res, err := s.Query(ctx, `m`, now)
	if err != nil || len(res.Series) != 1 || res.Series[0].Points[0].F != 3 || res.Series[0].Labels.Get("item") != "item-of-web1" {
		t.Fatalf("%+v %v", res, err)
	}
	if res, err = s.QueryRange(ctx, `m`, now, now.Add(time.Minute), time.Minute); err != nil || len(res.Series[0].Points) != 2 {
		t.Fatalf("%+v %v", res, err)
	}
	if _, err := s.Query(ctx, `sum(`, now); core.CodeOf(err) != core.CodeInvalid {
		t.Fatalf("got %v", err)
	}
	rec := httptest.NewRecorder()
	s.Handler().ServeHTTP(rec, httptest.NewRequest("GET", "/prometheus/api/v1/query?query=m", nil))
	if rec.Code != 200 || !strings.Contains(rec.Body.String(), "item-of-web1") {
		t.Fatalf("%d %s", rec.Code, rec.Body.String())
	}
	peer.Close()
	if err := s.Append(ctx, []metricstore.Sample{{metricstore.NewLabels("m"), now, 3}}); core.CodeOf(err) != core.CodeUnavailable {
		t.Fatalf("got %v", err)
	}
}

func TestItMeasuresItself(t *testing.T) {
	t.Parallel()
	clock := coretest.NewClock(time.Now())
	s := open(t, metricstore.Dependencies{Clock: clock}, nil)
	for wait := time.Now(); time.Since(wait) < 10*time.Second; time.Sleep(time.Millisecond) {
		clock.Advance(time.Second)
		res, err := s.Query(context.Background(), `prometheus_tsdb_head_series{job="mainstay"}`, clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Series) == 1 {
			return
		}
	}
	t.Fatal("the engine's own metrics are not there")
}

func TestConfigurationNamesItsFaults(t *testing.T) {
	t.Parallel()
	cfg := metricstore.Defaults()
	cfg.Directory, cfg.Retention = "", 0
	err := cfg.Validate()
	if core.CodeOf(err) != core.CodeInvalid || !strings.Contains(err.Error(), "directory") || !strings.Contains(err.Error(), "retention") {
		t.Fatalf("got %v", err)
	}
}
