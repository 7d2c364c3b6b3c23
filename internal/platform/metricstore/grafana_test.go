package metricstore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/storage/remote"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"mainstay/internal/platform/metricstore"
)

// served is a store behind a server, as others' tools find it.
func served(t *testing.T, now time.Time) (metricstore.Store, string) {
	t.Helper()
	s := open(t, metricstore.Dependencies{Binder: binder{}}, nil)
	ctx := context.Background()
	for m := range 61 {
		at := now.Add(time.Duration(m-60) * time.Minute)
		must(t, s.Append(ctx, []metricstore.Sample{
			{Labels: metricstore.NewLabels("http_requests_total", "job", "web", "instance", "a:80", "code", "200"), T: at, V: float64(60 * m)},
			{Labels: metricstore.NewLabels("http_requests_total", "job", "web", "instance", "b:80", "code", "500"), T: at, V: float64(m)},
			{Labels: metricstore.NewLabels("up", "job", "web", "instance", "a:80"), T: at, V: 1},
		}))
	}
	app := metricstore.StorageOf(s).AppenderV2(ctx)
	for m := range 30 {
		_, err := app.Append(0, metricstore.NewLabels("latency_seconds", "job", "web"), 0, now.Add(time.Duration(m-29)*time.Minute).UnixMilli(), 0, nil, histogramOf(float64(m+1)),
			storage.AOptions{Exemplars: []exemplar.Exemplar{{Labels: labels.FromStrings("trace_id", fmt.Sprintf("t%d", m)), Value: 1.5, Ts: now.Add(time.Duration(m-29) * time.Minute).UnixMilli(), HasTs: true}}})
		must(t, err)
	}
	must(t, app.Commit())
	s.Describe(metricstore.Metadata{Metric: "http_requests_total", Type: "counter", Help: "Requests answered."}, metricstore.Metadata{Metric: "latency_seconds", Type: "histogram"})
	s.SetRules(rules{})
	mux := http.NewServeMux()
	mux.Handle("/prometheus/api/v1/", s.Handler())
	mux.Handle("GET /prometheus/federate", s.Handler())
	mux.Handle("POST /prometheus/api/v1/write", s.WriteHandler())
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return s, server.URL + "/prometheus"
}

// TestAGrafanaSession sends what Grafana's Prometheus data source sends: when it is
// saved and tested, when its query builder completes names, and when a
// dashboard with a graph, a heat map, exemplars and alerts is shown. Shapes are
// those of Prometheus' HTTP API.
func TestAGrafanaSession(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Minute)
	_, base := served(t, now)
	from, to := fmt.Sprint(now.Add(-time.Hour).Unix()), fmt.Sprint(now.Unix())
	span := func(more ...string) url.Values {
		v := url.Values{"start": {from}, "end": {to}}
		for i := 0; i+1 < len(more); i += 2 {
			v.Add(more[i], more[i+1])
		}
		return v
	}
	for _, step := range []struct {
		what, method, path string
		params             url.Values
		want               []string
	}{
		{"save and test", "POST", "query", url.Values{"query": {"1+1"}, "time": {to}}, []string{`"resultType":"scalar"`, `"2"`}},
		{"which server this is", "GET", "status/buildinfo", nil, []string{`"version":"3.`, `"goVersion"`}},
		{"the heuristic for its kind", "GET", "status/flags", nil, []string{`"query.timeout"`}},
		{"metric names", "GET", "label/__name__/values", span(), []string{`"http_requests_total"`, `"latency_seconds"`, `"up"`}},
		{"metric names that match", "GET", "label/__name__/values", span("match[]", `{__name__=~".*requests.*"}`, "limit", "40000"), []string{`["http_requests_total"]`}},
		{"label names of a metric", "POST", "labels", span("match[]", `http_requests_total{job="web"}`), []string{`"code"`, `"instance"`}},
		{"label names", "GET", "labels", span("limit", "40000"), []string{`"job"`}},
		{"values of a label", "GET", "label/code/values", span("match[]", `http_requests_total`), []string{`["200","500"]`}},
		{"series of a variable", "POST", "series", span("match[]", `up`), []string{`"__name__":"up"`, `"instance":"a:80"`}},
		{"what metrics mean", "GET", "metadata", url.Values{"limit": {"40000"}}, []string{`"http_requests_total":[{"type":"counter"`, `"help":"Requests answered."`}},
		{"what a metric means", "GET", "metadata", url.Values{"metric": {"up"}}, []string{`"data":{}`}},
		{"a graph", "POST", "query_range", span("query", `sum by (code) (rate(http_requests_total[1m15s]))`, "step", "15"), []string{`"resultType":"matrix"`, `"code":"500"`, `"values":[[`}},
		{"a heat map", "POST", "query_range", span("query", `sum(rate(latency_seconds[5m]))`, "step", "60"), []string{`"histograms":[[`, `"buckets":[[`}},
		{"a stat", "POST", "query", url.Values{"query": {`up`}, "time": {to}}, []string{`"resultType":"vector"`, `"value":[`}},
		{"exemplars", "POST", "query_exemplars", span("query", `latency_seconds`), []string{`"seriesLabels"`, `"trace_id":"t29"`, `"value":"1.5"`}},
		{"rules", "GET", "rules", nil, []string{`"groups":[{"name":"g"`, `"type":"alerting"`, `"evaluationTime"`}},
		{"recording rules", "GET", "rules", url.Values{"type": {"record"}}, []string{`"groups":[]`}},
		{"alerts", "GET", "alerts", nil, []string{`"alerts":[{`, `"state":"firing"`}},
		{"format", "POST", "format_query", url.Values{"query": {"sum(up)by(job)"}}, []string{`sum by (job) (up)`}},
		{"parse", "POST", "parse_query", url.Values{"query": {"sum(up)"}}, []string{`"type":"aggregation"`}},
		{"targets", "GET", "targets", url.Values{"state": {"active"}}, []string{`"activeTargets":[]`, `"droppedTargets"`}},
		{"what targets' metrics mean", "GET", "targets/metadata", nil, []string{`"status":"success"`}},
		{"pools", "GET", "scrape_pools", nil, []string{`"scrapePools":[]`}},
		{"alertmanagers", "GET", "alertmanagers", nil, []string{`"activeAlertmanagers":[]`}},
		{"run time", "GET", "status/runtimeinfo", nil, []string{`"storageRetention"`, `"startTime"`}},
		{"cardinality", "GET", "status/tsdb", nil, []string{`"headStats"`, `"seriesCountByMetricName"`}},
		{"configuration", "GET", "status/config", nil, []string{`"yaml"`}},
		{"replay", "GET", "status/walreplay", nil, []string{`"current"`}},
		{"features", "GET", "features", nil, []string{`"api":{`, `"remote_read":true`}},
		{"notifications", "GET", "notifications", nil, []string{`"data":[]`}},
		{"statistics", "POST", "query_range", span("query", "up", "step", "60", "stats", "all"), []string{`"samples":{"totalQueryableSamplesPerStep"`}},
	} {
		t.Run(step.what, func(t *testing.T) {
			code, body := request(t, step.method, base+"/api/v1/"+step.path, step.params)
			if code != 200 || !strings.Contains(body, `"status":"success"`) {
				t.Fatalf("%d %s", code, body)
			}
			for _, w := range step.want {
				if !strings.Contains(body, w) {
					t.Errorf("%s is not in %.600s", w, body)
				}
			}
		})
	}
	t.Run("a mistake", func(t *testing.T) {
		code, body := request(t, "POST", base+"/api/v1/query_range", span("query", `sum(`, "step", "15"))
		if code != 400 || !strings.Contains(body, `"errorType":"bad_data"`) || !strings.Contains(body, "parse error") {
			t.Fatalf("%d %s", code, body)
		}
	})
}

func request(t *testing.T, method, to string, params url.Values) (int, string) {
	t.Helper()
	var body io.Reader
	if method == "POST" {
		body = strings.NewReader(params.Encode())
	} else if len(params) > 0 {
		to += "?" + params.Encode()
	}
	req, err := http.NewRequest(method, to, body)
	must(t, err)
	if method == "POST" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	must(t, err)
	return resp.StatusCode, string(raw)
}

// TestPromtoolQueriesUs runs Debian's promtool against the API.
func TestPromtoolQueriesUs(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatal("this test needs promtool of the Debian package prometheus: scripts/test-deps installs it")
	}
	now := time.Now().Truncate(time.Minute)
	_, base := served(t, now)
	from, to := now.Add(-10*time.Minute).Format(time.RFC3339), now.Format(time.RFC3339)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"query", "instant", base, `up`}, `up{instance="a:80", job="web"} => 1`},
		{[]string{"query", "range", "--start=" + from, "--end=" + to, "--step=60s", base, `sum(up)`}, `{} =>` + "\n1 @"},
		{[]string{"query", "series", "--match=up", base}, `{__name__="up", instance="a:80", job="web"}`},
		{[]string{"query", "labels", base, "code"}, "200\n500\n"},
	} {
		out, err := exec.Command(promtool, c.args...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), c.want) {
			t.Errorf("promtool %v: %v\n%s", c.args, err, out)
		}
	}
}

// TestRemoteRead asks for samples and for streamed chunks.
func TestRemoteRead(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Minute)
	_, base := served(t, now)
	ask := func(kind prompb.ReadRequest_ResponseType) *http.Response {
		t.Helper()
		raw, err := (&prompb.ReadRequest{
			Queries: []*prompb.Query{{
				StartTimestampMs: now.Add(-10 * time.Minute).UnixMilli(), EndTimestampMs: now.UnixMilli(),
				Matchers: []*prompb.LabelMatcher{{Type: prompb.LabelMatcher_EQ, Name: "__name__", Value: "up"}},
			}},
			AcceptedResponseTypes: []prompb.ReadRequest_ResponseType{kind},
		}).Marshal()
		must(t, err)
		req, err := http.NewRequest("POST", base+"/api/v1/read", bytes.NewReader(snappy.Encode(nil, raw)))
		must(t, err)
		req.Header.Set("Content-Encoding", "snappy")
		req.Header.Set("X-Prometheus-Remote-Read-Version", "0.1.0")
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		if resp.StatusCode != 200 {
			body, _ := io.ReadAll(resp.Body)
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	sampled := ask(prompb.ReadRequest_SAMPLES)
	zipped, err := io.ReadAll(sampled.Body)
	must(t, err)
	raw, err := snappy.Decode(nil, zipped)
	must(t, err)
	var answer prompb.ReadResponse
	must(t, answer.Unmarshal(raw))
	if series := answer.Results[0].Timeseries; len(series) != 1 || len(series[0].Samples) != 11 {
		t.Errorf("%v", series)
	}

	streamed := ask(prompb.ReadRequest_STREAMED_XOR_CHUNKS)
	if got := streamed.Header.Get("Content-Type"); !strings.Contains(got, "ChunkedReadResponse") {
		t.Errorf("the type is %q", got)
	}
	frames, n := remote.NewChunkedReader(streamed.Body, 1<<20, nil), 0
	for {
		var frame prompb.ChunkedReadResponse
		if err := frames.NextProto(&frame); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for _, s := range frame.ChunkedSeries {
			for _, c := range s.Chunks {
				chunk, err := chunkenc.FromData(chunkenc.Encoding(c.Type), c.Data)
				must(t, err)
				n += chunk.NumSamples()
			}
		}
	}
	if n < 11 {
		t.Errorf("%d samples in chunks", n)
	}
}

func TestFederation(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Minute)
	_, base := served(t, now)
	code, body := request(t, "GET", base+"/federate", url.Values{"match[]": {`{job="web"}`}})
	at := fmt.Sprint(now.UnixMilli())
	for _, want := range []string{
		"# TYPE http_requests_total counter\n", `http_requests_total{code="200",instance="a:80",job="web"} 3600 ` + at, `up{instance="a:80",job="web"} 1 ` + at,
	} {
		if code != 200 || !strings.Contains(body, want) {
			t.Errorf("%d: %q is not in\n%s", code, want, body)
		}
	}
	if strings.Contains(body, "latency_seconds") {
		t.Error("text has no place for native histograms")
	}
	for _, bad := range []url.Values{{}, {"match[]": {"{"}}} {
		if code, _ := request(t, "GET", base+"/federate", bad); code != 400 {
			t.Errorf("%v: %d", bad, code)
		}
	}
	req, err := http.NewRequest("GET", base+"/federate?match[]=latency_seconds", nil)
	must(t, err)
	req.Header.Set("Accept", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited")
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	must(t, err)
	if resp.StatusCode != 200 || !bytes.Contains(raw, []byte("latency_seconds")) {
		t.Errorf("%d %q", resp.StatusCode, raw)
	}
}

// TestNativeHistogramsAndExemplarsComeIn over remote write 1.0 and 2.0 and OTLP, and are asked for.
func TestNativeHistogramsAndExemplarsComeIn(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Second)
	s, base := served(t, now)
	one := &prompb.WriteRequest{Timeseries: []prompb.TimeSeries{{
		Labels:     []prompb.Label{{Name: "__name__", Value: "written"}, {Name: "job", Value: "j"}},
		Histograms: []prompb.Histogram{prompb.FromFloatHistogram(now.UnixMilli(), histogramOf(2))},
		Exemplars:  []prompb.Exemplar{{Labels: []prompb.Label{{Name: "trace_id", Value: "w1"}}, Value: 3, Timestamp: now.UnixMilli()}},
	}}}
	raw, err := one.Marshal()
	must(t, err)
	remoteWrite(t, base, raw, "application/x-protobuf", "0.1.0")
	names := writev2.NewSymbolTable()
	two := &writev2.Request{Timeseries: []writev2.TimeSeries{{
		LabelsRefs: names.SymbolizeLabels(labels.FromStrings("__name__", "written2", "job", "j"), nil),
		Histograms: []writev2.Histogram{writev2.FromFloatHistogram(0, now.UnixMilli(), histogramOf(3))},
		Exemplars:  []writev2.Exemplar{{LabelsRefs: names.SymbolizeLabels(labels.FromStrings("trace_id", "w2"), nil), Value: 3, Timestamp: now.UnixMilli()}},
	}}}
	two.Symbols = names.Symbols()
	raw, err = two.Marshal()
	must(t, err)
	remoteWrite(t, base, raw, "application/x-protobuf;proto=io.prometheus.write.v2.Request", "2.0.0")
	otlp := fmt.Sprintf(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"measured","exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[
	 {"timeUnixNano":"%[1]d","count":"5","sum":12,"scale":1,"zeroCount":"0","positive":{"offset":0,"bucketCounts":["2","3"]},
	  "exemplars":[{"timeUnixNano":"%[1]d","asDouble":4,"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708"}]}]}}]}]}]}`, now.UnixNano())
	rec := httptest.NewRecorder()
	push := httptest.NewRequest("POST", "/v1/metrics", strings.NewReader(otlp))
	push.Header.Set("Content-Type", "application/json")
	s.OTLPHandler().ServeHTTP(rec, push)
	if rec.Code != 200 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	for expr, want := range map[string]string{`histogram_count(written)`: `"12"`, `histogram_count(written2)`: `"18"`, `histogram_count(measured)`: `"5"`, `histogram_sum(measured)`: `"12"`, `written`: `"buckets"`} {
		if code, body := request(t, "POST", base+"/api/v1/query", url.Values{"query": {expr}, "time": {fmt.Sprint(now.Unix())}}); code != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", expr, code, body)
		}
	}
	for metric, want := range map[string]string{"written": `"trace_id":"w1"`, "written2": `"trace_id":"w2"`, "measured": `"trace_id":"0102030405060708090a0b0c0d0e0f10"`} {
		_, body := request(t, "POST", base+"/api/v1/query_exemplars", url.Values{"query": {metric}, "start": {fmt.Sprint(now.Unix() - 60)}, "end": {fmt.Sprint(now.Unix() + 60)}})
		if !strings.Contains(body, want) || !json.Valid([]byte(body)) {
			t.Errorf("%s: %s", metric, body)
		}
	}
}

func remoteWrite(t *testing.T, base string, raw []byte, kind, version string) {
	t.Helper()
	req, err := http.NewRequest("POST", base+"/api/v1/write", bytes.NewReader(snappy.Encode(nil, raw)))
	must(t, err)
	req.Header.Set("Content-Encoding", "snappy")
	req.Header.Set("Content-Type", kind)
	req.Header.Set("X-Prometheus-Remote-Write-Version", version)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		body, _ := io.ReadAll(resp.Body)
		t.Fatalf("remote write %s: %d %s", version, resp.StatusCode, body)
	}
}
