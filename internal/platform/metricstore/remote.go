package metricstore

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang/snappy"
	promclient "github.com/prometheus/client_golang/api"
	promv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"

	"mainstay/internal/core"
)

// remoteBatch is how many samples one remote write carries.
const remoteBatch = 5000

// remote keeps the series at another server. Append returns when that server
// has answered, so the sender decides what happens to samples it refuses.
type remote struct {
	cfg      Configuration
	client   *http.Client
	api      promv1.API
	query    http.Handler
	forward  http.Handler
	otlp     http.Handler
	federate http.Handler
	meta     *metadataStore
	rules    ruleSource
	series   *seriesCache
	rejected atomic.Int64
}

// headers adds the configured headers to each request.
type headers struct {
	next http.RoundTripper
	add  map[string]string
}

func (h headers) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for k, v := range h.add {
		r.Header.Set(k, v)
	}
	return h.next.RoundTrip(r)
}

func openRemote(cfg Configuration, deps Dependencies) (*remote, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	tripper := headers{next: transport, add: cfg.Remote.Headers}
	client, err := promclient.NewClient(promclient.Config{Address: cfg.Remote.QueryURL, RoundTripper: tripper})
	if err != nil {
		return nil, fmt.Errorf("metric store: %w", err)
	}
	base, _ := url.Parse(cfg.Remote.QueryURL)
	write, _ := url.Parse(cfg.Remote.WriteURL)
	s := &remote{
		cfg:    cfg,
		client: &http.Client{Transport: tripper, Timeout: cfg.Remote.Timeout},
		api:    promv1.NewAPI(client),
		meta:   newMetadataStore(),
		series: &seriesCache{binder: deps.Binder},
	}
	s.query = s.proxied(tripper, func(path string) string { return strings.TrimSuffix(base.Path, "/") + "/api/v1" + path }, base)
	s.federate = s.proxied(tripper, func(string) string { return strings.TrimSuffix(base.Path, "/") + "/federate" }, base)
	s.forward = s.proxied(tripper, func(string) string { return write.Path }, write)
	s.otlp = s.proxied(tripper, func(string) string { return strings.TrimSuffix(base.Path, "/") + "/api/v1/otlp/v1/metrics" }, base)
	return s, nil
}

// proxied passes requests on without the caller's own credentials.
func (s *remote) proxied(t http.RoundTripper, path func(string) string, to *url.URL) http.Handler {
	return &httputil.ReverseProxy{Transport: t, Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = to.Scheme, to.Host, to.Host
		r.Out.URL.Path, r.Out.URL.RawPath = path(r.In.URL.Path), ""
		r.Out.Header.Del("Authorization")
		r.Out.Header.Del("Cookie")
	}}
}

// Append implements Store.
func (s *remote) Append(ctx context.Context, samples []Sample) error {
	var bad faults
	batch := make([]prompb.TimeSeries, 0, min(len(samples), remoteBatch))
	for i, sample := range samples {
		if rule := checkLabels(sample.Labels); rule != "" {
			bad.add(i, rule)
			continue
		}
		ts := prompb.TimeSeries{Samples: []prompb.Sample{{Value: sample.V, Timestamp: sample.T.UnixMilli()}}}
		sample.Labels.Range(func(l labels.Label) { ts.Labels = append(ts.Labels, prompb.Label{Name: l.Name, Value: l.Value}) })
		if batch = append(batch, ts); len(batch) == remoteBatch {
			if err := s.send(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	if len(batch) > 0 {
		if err := s.send(ctx, batch); err != nil {
			return err
		}
	}
	s.rejected.Add(int64(bad.total))
	return bad.err()
}

func (s *remote) send(ctx context.Context, batch []prompb.TimeSeries) error {
	raw, err := (&prompb.WriteRequest{Timeseries: batch}).Marshal()
	if err != nil {
		return fmt.Errorf("metric store: encode: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.Remote.WriteURL, bytes.NewReader(snappy.Encode(nil, raw)))
	if err != nil {
		return fmt.Errorf("metric store: %w", err)
	}
	// Remote-Write 1.0, "Protocol".
	req.Header.Set("Content-Encoding", "snappy")
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("X-Prometheus-Remote-Write-Version", "0.1.0")
	resp, err := s.client.Do(req)
	if err != nil {
		return &core.Error{Code: core.CodeUnavailable, Message: "the metric server cannot be reached", Cause: err}
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 512))
	switch {
	case resp.StatusCode/100 == 2:
		return nil
	case resp.StatusCode/100 == 5 || resp.StatusCode == http.StatusTooManyRequests:
		return core.Errorf(core.CodeUnavailable, "the metric server refuses for now: %s", resp.Status)
	default:
		s.rejected.Add(int64(len(batch)))
		return core.Errorf(core.CodeInvalid, "the metric server refuses the samples: %s %s", resp.Status, bytes.TrimSpace(text))
	}
}

// Query implements Store.
func (s *remote) Query(ctx context.Context, expr string, at time.Time) (Result, error) {
	v, warnings, _, err := s.api.Query(ctx, expr, at, promv1.WithTimeout(s.cfg.QueryTimeout))
	return remoteResult(v, warnings, err)
}

// QueryRange implements Store.
func (s *remote) QueryRange(ctx context.Context, expr string, start, end time.Time, step time.Duration) (Result, error) {
	if err := checkRange(start, end, step); err != nil {
		return Result{}, err
	}
	v, warnings, _, err := s.api.QueryRange(ctx, expr, promv1.Range{Start: start, End: end, Step: step}, promv1.WithTimeout(s.cfg.QueryTimeout))
	return remoteResult(v, warnings, err)
}

func remoteResult(v model.Value, warnings []string, err error) (Result, error) {
	if err != nil {
		if e, ok := err.(*promv1.Error); ok && e.Type == promv1.ErrBadData {
			return Result{}, core.Invalid("query", e.Msg)
		}
		return Result{}, &core.Error{Code: core.CodeUnavailable, Message: "the metric server does not answer the query", Cause: err}
	}
	out := Result{Warnings: warnings}
	switch v := v.(type) {
	case model.Vector:
		for _, p := range v {
			out.Series = append(out.Series, Series{Labels: labelsOfModel(p.Metric), Points: []Point{{T: int64(p.Timestamp), F: float64(p.Value)}}})
		}
	case model.Matrix:
		for _, m := range v {
			series := Series{Labels: labelsOfModel(m.Metric)}
			for _, p := range m.Values {
				series.Points = append(series.Points, Point{T: int64(p.Timestamp), F: float64(p.Value)})
			}
			out.Series = append(out.Series, series)
		}
	case *model.Scalar:
		out.Series = []Series{{Points: []Point{{T: int64(v.Timestamp), F: float64(v.Value)}}}}
	}
	return out, nil
}

func labelsOfModel(m model.Metric) Labels {
	b := labels.NewScratchBuilder(len(m))
	for k, v := range m {
		b.Add(string(k), string(v))
	}
	b.Sort()
	return b.Labels()
}

// Describe implements Store.
func (s *remote) Describe(metrics ...Metadata) { s.meta.put(metrics...) }

// Handler implements Store: rules and metadata are ours, series the server's.
func (s *remote) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metadata", s.meta)
	mux.HandleFunc("GET /rules", s.rules.serveRules)
	mux.HandleFunc("GET /alerts", s.rules.serveAlerts)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if !readable.MatchString(r.URL.Path) {
			refuse(w, http.StatusNotFound, "not_found", "no such endpoint")
			return
		}
		s.query.ServeHTTP(w, r)
	})
	return belowAPI(mux, s.federate)
}

// WriteHandler implements Store.
func (s *remote) WriteHandler() http.Handler { return s.forward }

// OTLPHandler implements Store.
func (s *remote) OTLPHandler() http.Handler { return s.otlp }

// SetRules implements Store.
func (s *remote) SetRules(source RuleSource) { s.rules.set(source) }

// Health implements Store.
func (s *remote) Health() Health { return Health{Rejected: s.rejected.Load()} }

// Close implements Store.
func (s *remote) Close() error {
	s.client.CloseIdleConnections()
	return nil
}
