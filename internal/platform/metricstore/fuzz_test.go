package metricstore_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/prompb"
	metricspb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"mainstay/internal/core"
	"mainstay/internal/platform/metricstore"
)

// FuzzIngest posts bodies as senders of OTLP and of remote write do: they are
// taken or refused, and the store still answers.
func FuzzIngest(f *testing.F) {
	text := []byte(`{"resourceMetrics":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"web1"}}]},"scopeMetrics":[{"metrics":[
		{"name":"a.b","unit":"1","gauge":{"dataPoints":[{"timeUnixNano":"1","asDouble":7}]}},
		{"name":"h","histogram":{"aggregationTemporality":2,"dataPoints":[{"timeUnixNano":"1","count":"3","sum":2,"bucketCounts":["1","2"],"explicitBounds":[0.5]}]}}]}]}]}`)
	var request metricspb.ExportMetricsServiceRequest
	if err := protojson.Unmarshal(text, &request); err != nil {
		f.Fatal(err)
	}
	binary, _ := proto.Marshal(&request)
	samples, _ := (&prompb.WriteRequest{Timeseries: []prompb.TimeSeries{{
		Labels: []prompb.Label{{Name: "__name__", Value: "m"}, {Name: "instance", Value: "web1"}}, Samples: []prompb.Sample{{Value: 1, Timestamp: 1}}}}}).Marshal()
	f.Add(text, uint8(0))
	f.Add(binary, uint8(1))
	rare, _ := (&prompb.WriteRequest{Metadata: []prompb.MetricMetadata{{MetricFamilyName: "m", Help: "h"}}, Timeseries: []prompb.TimeSeries{{
		Labels: []prompb.Label{{Name: "z", Value: "m"}, {Name: "__name__", Value: "h"}}, Exemplars: []prompb.Exemplar{{Value: 1, Timestamp: 1}},
		Histograms: []prompb.Histogram{{Count: &prompb.Histogram_CountInt{CountInt: 1}, Timestamp: 1}}}}}).Marshal()
	f.Add(rare, uint8(2))
	f.Add(samples, uint8(2))
	f.Add(snappy.Encode(nil, samples), uint8(3))
	f.Add([]byte(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"","sum":{"dataPoints":[{"asInt":"x"}]}}]}]}]}`), uint8(0))
	s := open(f, metricstore.Dependencies{Binder: binder{}}, nil)
	f.Fuzz(func(t *testing.T, body []byte, kind uint8) {
		handler, contentType, packed := s.OTLPHandler(), "application/json", ""
		switch kind % 4 {
		case 1:
			contentType = "application/x-protobuf"
		case 2: // what a good compressor was given
			body = snappy.Encode(nil, body)
			fallthrough
		case 3:
			handler, contentType, packed = s.WriteHandler(), "application/x-protobuf", "snappy"
		}
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		if packed != "" {
			r.Header.Set("Content-Encoding", packed)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if _, err := s.Query(t.Context(), "count({__name__!=''})", time.Now()); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzQuery asks as dashboards do: the parameters of a request are answered
// or refused, never with a failure of our own.
func FuzzQuery(f *testing.F) {
	f.Add("sum by (item) (rate(m[5m])) > 0", "1", "now", "15s")
	f.Add(`{__name__=~".+", item="x"} offset -1w @ start()`, "1e300", "-1", "1ns")
	f.Add("m[5m:1s]", "2026-01-01T00:00:00Z", "NaN", "Inf")
	f.Add("quantile_over_time(2, m[1000y])", "0", "11001", "1")
	f.Add("histogram_quantile(0.9, m)", "", "", "")
	s := open(f, metricstore.Dependencies{}, func(cfg *metricstore.Configuration) { cfg.QueryTimeout = 5 * time.Second })
	now := time.Now()
	if err := s.Append(context.Background(), []metricstore.Sample{{metricstore.NewLabels("m", "item", "x"), now, 1}}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query, start, end, step string) {
		all := url.Values{"query": {query}, "match[]": {query}, "start": {start}, "end": {end}, "time": {start}, "step": {step}, "timeout": {"2s"}, "limit": {step}, "metric": {query}}.Encode()
		for _, endpoint := range []string{"query", "query_range", "series", "labels", "label/" + url.PathEscape(start) + "/values", "metadata", "format_query"} {
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/prometheus/api/v1/"+endpoint+"?"+all, nil))
			if w.Code >= 500 && w.Code != http.StatusServiceUnavailable {
				t.Fatalf("%s %s: %d %s", endpoint, all, w.Code, w.Body)
			}
		}
		if err := metricstore.CheckExpr("expr", query); err == nil {
			if _, err := s.Query(t.Context(), query, now); core.CodeOf(err) == core.CodeInternal && err != nil && !strings.Contains(err.Error(), "context") {
				t.Fatalf("%s: %v", query, err)
			}
		}
	})
}
