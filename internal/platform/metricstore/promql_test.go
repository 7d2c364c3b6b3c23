//go:build !race

package metricstore_test

import (
	"context"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/storage"

	"mainstay/internal/platform/metricstore"
)

// TestPromQLConformance runs Prometheus' own acceptance tests of PromQL, at the
// version of go.mod, on this package's storage, cache and rollups. Every query
// is asked over the HTTP API as well and must be answered the same. It opens
// thousands of stores, for which the race detector takes minutes: make test
// runs it without.
func TestPromQLConformance(t *testing.T) {
	t.Parallel()
	over := &overHTTP{t: t}
	promqltest.RunBuiltinTestsWithStorage(t, over, func(tb testing.TB) storage.Storage {
		return metricstore.StorageOf(open(tb, metricstore.Dependencies{}, func(c *metricstore.Configuration) {
			c.Experimental = true
			c.QuerySamples = promqltest.DefaultMaxSamplesPerQuery
		}))
	})
	t.Logf("%d queries were asked over HTTP too", over.asked.Load())
	if over.asked.Load() < 20_000 {
		t.Error("that is not the whole suite")
	}
}

// overHTTP is the store's own engine, which asks its API the same.
type overHTTP struct {
	t     *testing.T
	asked atomic.Int64
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
	ask := func() (int, string) {
		req := httptest.NewRequest("POST", "/"+path, strings.NewReader(params.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		s.API().ServeHTTP(rec, req)
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
