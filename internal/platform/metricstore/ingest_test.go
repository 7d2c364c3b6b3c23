package metricstore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/metricstore"
)

// written is a remote write 1.0 request.
func written(series []labels.Labels, at time.Time, v float64) []byte {
	req := prompb.WriteRequest{Timeseries: make([]prompb.TimeSeries, len(series))}
	for i, ls := range series {
		req.Timeseries[i] = prompb.TimeSeries{Labels: prompb.FromLabels(ls, nil), Samples: []prompb.Sample{{Value: v, Timestamp: at.UnixMilli()}}}
	}
	raw, err := req.Marshal()
	if err != nil {
		panic(err)
	}
	return snappy.Encode(nil, raw)
}

// writtenV2 is a remote write 2.0 request.
func writtenV2(series []labels.Labels, at time.Time, v float64) []byte {
	symbols := writev2.NewSymbolTable()
	req := writev2.Request{Timeseries: make([]writev2.TimeSeries, len(series))}
	for i, ls := range series {
		req.Timeseries[i] = writev2.TimeSeries{LabelsRefs: symbols.SymbolizeLabels(ls, nil), Samples: []writev2.Sample{{Value: v, Timestamp: at.UnixMilli()}}}
	}
	req.Symbols = symbols.Symbols()
	raw, err := req.Marshal()
	if err != nil {
		panic(err)
	}
	return snappy.Encode(nil, raw)
}

func post(s metricstore.Store, body []byte, v2 bool) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/prometheus/api/v1/write", bytes.NewReader(body))
	r.Header.Set("Content-Encoding", "snappy")
	r.Header.Set("Content-Type", "application/x-protobuf")
	if v2 {
		r.Header.Set("Content-Type", "application/x-protobuf;proto=io.prometheus.write.v2.Request")
	}
	w := httptest.NewRecorder()
	s.WriteHandler().ServeHTTP(w, r)
	return w
}

func one(t *testing.T, s metricstore.Store, expr string, at time.Time) float64 {
	t.Helper()
	res, err := s.Query(context.Background(), expr, at)
	if err != nil || len(res.Series) != 1 {
		t.Fatalf("%s: %+v %v", expr, res, err)
	}
	return res.Series[0].Points[0].F
}

func TestOneBadSampleDoesNotCostItsRemoteWrite(t *testing.T) {
	t.Parallel()
	for _, v2 := range []bool{false, true} {
		s, now := open(t, metricstore.Dependencies{}, nil), time.Now()
		write := written
		if v2 {
			write = writtenV2
		}
		m := metricstore.NewLabels("m")
		if w := post(s, write([]labels.Labels{m}, now, 1), v2); w.Code/100 != 2 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		w := post(s, write([]labels.Labels{m, metricstore.NewLabels("n")}, now, 2), v2) // m has another value at this time
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "duplicate") {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if one(t, s, "m", now) != 1 || one(t, s, "n", now) != 2 {
			t.Fatal("the good sample was not stored beside the bad one")
		}
	}
}

// A label that takes a new value with every sample: of 10^6 new series within a
// minute the budget is stored, the rest is refused, counted and told, with the
// metric and the label; series that were known before go on.
func TestALabelBombIsContained(t *testing.T) {
	t.Parallel()
	clock := coretest.NewClock(time.Now())
	ev := &events{got: make(chan core.Event, 100)}
	cfg := metricstore.Defaults()
	bomb := 1_000_000
	if slow > 1 { // the same with a tenth of everything
		bomb, cfg.NewSeriesBurst, cfg.NewSeriesPerMinute = bomb/10, cfg.NewSeriesBurst/10, cfg.NewSeriesPerMinute/10
	}
	s := open(t, metricstore.Dependencies{Clock: clock, Events: ev}, func(c *metricstore.Configuration) {
		c.NewSeriesBurst, c.NewSeriesPerMinute = cfg.NewSeriesBurst, cfg.NewSeriesPerMinute
	})
	known := []labels.Labels{metricstore.NewLabels("up", "job", "shop"), metricstore.NewLabels("up", "job", "other")}
	if w := post(s, written(known, clock.Now(), 1), false); w.Code/100 != 2 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	batch := bomb / 100
	series := make([]labels.Labels, batch)
	var refusals int
	for n := 0; n < bomb; n += batch {
		for i := range series {
			series[i] = metricstore.NewLabels("requests_total", "job", "shop", "path", "/cart", "user", strconv.Itoa(n+i))
		}
		if w := post(s, written(series, clock.Now(), 1), false); w.Code == http.StatusBadRequest {
			refusals++
		}
		clock.Advance(time.Minute / 100)
	}
	h := s.Health()
	most := int64(cfg.NewSeriesBurst + cfg.NewSeriesPerMinute)
	stored := int64(one(t, s, "count(requests_total)", clock.Now()))
	if stored > most || stored < int64(cfg.NewSeriesBurst) {
		t.Errorf("%d series are active, the budget is %d", stored, most)
	}
	if want := int64(bomb) - stored; h.NewRefused != want {
		t.Errorf("%d refused, not %d", h.NewRefused, want)
	}
	if refusals < (bomb-int(most))/batch*9/10 {
		t.Errorf("%d requests were told of their refused samples", refusals)
	}
	if w := post(s, written(known, clock.Now(), 2), false); w.Code/100 != 2 {
		t.Errorf("known series are not taken: %d %s", w.Code, w.Body)
	}
	if w := post(s, written([]labels.Labels{metricstore.NewLabels("fresh", "job", "innocent")}, clock.Now(), 2), false); w.Code/100 != 2 {
		t.Errorf("another source is not taken: %d %s", w.Code, w.Body)
	}
	told := next(t, ev, clock)
	if told.Kind != core.Problem || !strings.Contains(told.Title, "label user of requests_total") || told.Key != "metricstore:series:remote_write shop" {
		t.Errorf("told %+v", told)
	}
	for range 7 {
		clock.Advance(time.Minute)
	}
	if cleared := next(t, ev, clock); cleared.Kind != core.Cleared || cleared.Key != told.Key {
		t.Errorf("told %+v", cleared)
	}
}

// next waits for an event; the guard looks around as its clock goes on.
func next(t *testing.T, ev *events, clock *coretest.Clock) core.Event {
	t.Helper()
	for range 10_000 {
		select {
		case e := <-ev.got:
			return e
		case <-time.After(time.Millisecond):
			clock.Advance(time.Second)
		}
	}
	t.Fatal("no event came")
	return core.Event{}
}

func TestActiveSeriesAreBounded(t *testing.T) {
	t.Parallel()
	s := open(t, metricstore.Dependencies{}, func(c *metricstore.Configuration) { c.MaxSeries, c.NewSeriesBurst = 100, 0 })
	now := time.Now()
	for i := range 200 {
		post(s, written([]labels.Labels{metricstore.NewLabels("m", "n", strconv.Itoa(i))}, now, 1), false)
	}
	if h := s.Health(); h.Series != 100 || h.NewRefused != 100 {
		t.Errorf("%+v", h)
	}
	err := s.Append(context.Background(), []metricstore.Sample{{metricstore.NewLabels("ours"), now, 1}, {metricstore.NewLabels("m", "n", "1"), now.Add(time.Second), 1}})
	if e, ok := err.(*core.Error); !ok || len(e.Details) != 1 || !strings.Contains(e.Details[0].Rule, "too many") {
		t.Errorf("%v", err)
	}
}

// mover is a graph in which the item of everything can change.
type mover struct{ item atomic.Value }

func (m *mover) Bind(context.Context, func(string) string) string { return m.item.Load().(string) }

func TestAnItemThatIsLearnedLaterIsBound(t *testing.T) {
	t.Parallel()
	clock, m := coretest.NewClock(time.Now().Add(-15*time.Minute)), &mover{}
	m.item.Store("")
	s := open(t, metricstore.Dependencies{Clock: clock, Binder: m}, nil)
	send := func() {
		clock.Advance(time.Second)
		if w := post(s, written([]labels.Labels{metricstore.NewLabels("m", "instance", "a")}, clock.Now(), 1), false); w.Code/100 != 2 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	send()
	m.item.Store("i1")
	send()
	if one(t, s, `count(m{item=""})`, clock.Now()) != 1 {
		t.Error("it was asked for again at once")
	}
	clock.Advance(time.Minute)
	send()
	if one(t, s, `count(m{item="i1"})`, clock.Now()) != 1 {
		t.Error("the item is not known after a minute")
	}
	m.item.Store("i2")
	clock.Advance(11 * time.Minute)
	send()
	if one(t, s, `count(m{item="i2"})`, clock.Now()) != 1 {
		t.Error("the item it was merged into is not known after a while")
	}
}

func otlp(t *testing.T, s metricstore.Store, metrics string) map[string]any {
	t.Helper()
	body := `{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeMetrics":[{"metrics":[` + metrics + `]}]}]}`
	r := httptest.NewRequest(http.MethodPost, "/v1/metrics", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.OTLPHandler().ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	out := map[string]any{}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestOneBadMetricDoesNotCostItsOTLPRequest(t *testing.T) {
	t.Parallel()
	s, now := open(t, metricstore.Dependencies{}, nil), time.Now()
	at := fmt.Sprint(now.UnixNano())
	good := `{"name":"fine","gauge":{"dataPoints":[{"timeUnixNano":"` + at + `","asDouble":7}]}}`
	got := otlp(t, s, `{"name":"untold","sum":{"dataPoints":[{"timeUnixNano":"`+at+`","asInt":"1"},{"timeUnixNano":"`+at+`","asInt":"2"}]}},`+good+
		`,{"name":"old","gauge":{"dataPoints":[{"timeUnixNano":"1000000","asDouble":1}]}},{"name":"nothing"}`)
	partial, _ := got["partialSuccess"].(map[string]any)
	if partial["rejectedDataPoints"] != "4" || !strings.Contains(fmt.Sprint(partial["errorMessage"]), "temporality") {
		t.Errorf("%v", got)
	}
	if one(t, s, `fine{job="shop"}`, now) != 7 {
		t.Error("the good metric is not stored")
	}
	if got := otlp(t, s, good); len(got) != 0 {
		t.Errorf("a full success says %v", got)
	}
}

func TestDeltasAreAddedUp(t *testing.T) {
	t.Parallel()
	s, now := open(t, metricstore.Dependencies{}, nil), time.Now().Add(-time.Minute)
	for i := range 3 {
		from, to := now.Add(time.Duration(i)*time.Second), now.Add(time.Duration(i+1)*time.Second)
		got := otlp(t, s, fmt.Sprintf(`{"name":"orders","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"startTimeUnixNano":"%d","timeUnixNano":"%d","asInt":"5"}]}}`, from.UnixNano(), to.UnixNano()))
		if len(got) != 0 {
			t.Fatalf("%v", got)
		}
	}
	if v := one(t, s, `orders_total{job="shop"}`, now.Add(4*time.Second)); v != 15 {
		t.Errorf("three deltas of 5 are %v", v)
	}
}

func TestEachReceiverCountsItself(t *testing.T) {
	t.Parallel()
	clock := coretest.NewClock(time.Now())
	s := open(t, metricstore.Dependencies{Clock: clock}, nil)
	post(s, written([]labels.Labels{metricstore.NewLabels("m")}, clock.Now(), 1), false)
	post(s, written([]labels.Labels{metricstore.NewLabels("m")}, clock.Now(), 2), false)
	for range 10_000 {
		clock.Advance(time.Second)
		res, err := s.Query(context.Background(), `{__name__=~"mainstay_metrics_(received|refused)_samples_total",receiver="remote_write"}`, clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Series) == 2 {
			for _, series := range res.Series {
				if series.Points[0].F != 1 {
					t.Errorf("%v", series)
				}
			}
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("the receiver's figures are not stored")
}
