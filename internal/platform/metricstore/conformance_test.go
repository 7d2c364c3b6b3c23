package metricstore_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/storage"

	"mainstay/internal/platform/metricstore"
)

// TestPromQLConformance runs Prometheus' own acceptance tests of PromQL, at the
// version of go.mod, on this package's storage, cache and rollups. Every query
// of every sixth store they make is asked over the HTTP API as well, which is
// slow to set up, and must be answered the same. MAINSTAY_CONFORMANCE=full asks
// all of them.
func TestPromQLConformance(t *testing.T) {
	t.Parallel()
	over := &overHTTP{t: t, every: 6}
	if os.Getenv("MAINSTAY_CONFORMANCE") == "full" {
		over.every = 1
	}
	promqltest.RunBuiltinTestsWithStorage(t, over, func(tb testing.TB) storage.Storage {
		over.stores++
		return metricstore.StorageOf(open(tb, metricstore.Dependencies{}, func(c *metricstore.Configuration) {
			c.Experimental = true
			c.QuerySamples = promqltest.DefaultMaxSamplesPerQuery
		}))
	})
	t.Logf("%d queries were asked over HTTP too", over.asked.Load())
	if over.asked.Load() < 1000 {
		t.Error("that is not the whole suite")
	}
}

// overHTTP is the store's own engine, which asks its API the same.
type overHTTP struct {
	t             *testing.T
	every, stores int
	asked         atomic.Int64
}

func (o *overHTTP) NewInstantQuery(ctx context.Context, q storage.Queryable, opts promql.QueryOpts, qs string, ts time.Time) (promql.Query, error) {
	s := q.(*metricstore.Storage)
	query, err := s.Engine().NewInstantQuery(ctx, q, opts, qs, ts)
	return o.twice(s, query, err, "query", url.Values{"query": {qs}, "time": {seconds(ts)}})
}

func (o *overHTTP) NewRangeQuery(ctx context.Context, q storage.Queryable, opts promql.QueryOpts, qs string, start, end time.Time, step time.Duration) (promql.Query, error) {
	s := q.(*metricstore.Storage)
	query, err := s.Engine().NewRangeQuery(ctx, q, opts, qs, start, end, step)
	return o.twice(s, query, err, "query_range", url.Values{
		"query": {qs}, "start": {seconds(start)}, "end": {seconds(end)}, "step": {strconv.FormatFloat(step.Seconds(), 'f', -1, 64)},
	})
}

func seconds(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64) }

func (o *overHTTP) twice(s *metricstore.Storage, q promql.Query, err error, path string, params url.Values) (promql.Query, error) {
	if o.stores%o.every != 0 {
		return q, err
	}
	ask := func() (int, string) {
		req := httptest.NewRequest("POST", "/prometheus/api/v1/"+path, strings.NewReader(params.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		s.Store.Handler().ServeHTTP(rec, req)
		o.asked.Add(1)
		return rec.Code, rec.Body.String()
	}
	if err != nil {
		if code, body := ask(); code != 400 {
			o.t.Errorf("%v: the engine says %v, the API %d %s", params, err, code, body)
		}
		return nil, err
	}
	return &asked{q, func(res *promql.Result) {
		code, body := ask()
		if (code == 200) != (res.Err == nil) {
			o.t.Errorf("%v: the engine says %v, the API %d %s", params, res.Err, code, body)
		} else if code == 200 {
			if want, got := ofResult(res.Value), ofJSON(o.t, body); !slices.Equal(want, got) {
				o.t.Errorf("%v: the engine says\n%s\nthe API\n%s", params, strings.Join(want, "\n"), strings.Join(got, "\n"))
			}
		}
	}}, nil
}

type asked struct {
	promql.Query
	compare func(*promql.Result)
}

func (a *asked) Exec(ctx context.Context) *promql.Result {
	res := a.Query.Exec(ctx)
	a.compare(res)
	return res
}

// ofResult writes a value as lines that can be compared.
func ofResult(v any) []string {
	var out []string
	float := func(m labels.Labels, t int64, f float64) { out = append(out, line(m, t, "", f)) }
	hist := func(m labels.Labels, t int64, count, sum float64) {
		out = append(out, line(m, t, "count", count), line(m, t, "sum", sum))
	}
	switch v := v.(type) {
	case promql.Vector:
		for _, s := range v {
			if s.H != nil {
				hist(s.Metric, s.T, s.H.Count, s.H.Sum)
			} else {
				float(s.Metric, s.T, s.F)
			}
		}
	case promql.Matrix:
		for _, s := range v {
			for _, p := range s.Floats {
				float(s.Metric, p.T, p.F)
			}
			for _, p := range s.Histograms {
				hist(s.Metric, p.T, p.H.Count, p.H.Sum)
			}
		}
	case promql.Scalar:
		float(labels.EmptyLabels(), v.T, v.V)
	case promql.String:
		out = append(out, v.V)
	}
	slices.Sort(out)
	return out
}

func line(m labels.Labels, t int64, what string, v float64) string {
	// Sums over series are added in no fixed order.
	return fmt.Sprintf("%s %s@%d %.12g", m, what, t, v)
}

func ofJSON(t *testing.T, body string) []string {
	var answer struct {
		Data struct {
			ResultType string          `json:"resultType"`
			Result     json.RawMessage `json:"result"`
		} `json:"data"`
	}
	must(t, json.Unmarshal([]byte(body), &answer))
	var out []string
	point := func(m map[string]string, p [2]any) {
		at := int64(math.Round(p[0].(float64) * 1000))
		switch v := p[1].(type) {
		case string:
			out = append(out, line(labels.FromMap(m), at, "", number(t, v)))
		case map[string]any:
			out = append(out, line(labels.FromMap(m), at, "count", number(t, v["count"].(string))), line(labels.FromMap(m), at, "sum", number(t, v["sum"].(string))))
		}
	}
	switch answer.Data.ResultType {
	case "string":
		var p [2]any
		must(t, json.Unmarshal(answer.Data.Result, &p))
		out = append(out, p[1].(string))
	case "scalar":
		var p [2]any
		must(t, json.Unmarshal(answer.Data.Result, &p))
		point(nil, p)
	default:
		var series []struct {
			Metric     map[string]string `json:"metric"`
			Value      *[2]any           `json:"value"`
			Histogram  *[2]any           `json:"histogram"`
			Values     [][2]any          `json:"values"`
			Histograms [][2]any          `json:"histograms"`
		}
		must(t, json.Unmarshal(answer.Data.Result, &series))
		for _, s := range series {
			for _, p := range []*[2]any{s.Value, s.Histogram} {
				if p != nil {
					point(s.Metric, *p)
				}
			}
			for _, p := range append(s.Values, s.Histograms...) {
				point(s.Metric, p)
			}
		}
	}
	slices.Sort(out)
	return out
}

func number(t *testing.T, s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	must(t, err)
	return v
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
