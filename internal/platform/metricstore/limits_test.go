package metricstore_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"mainstay/internal/core"
	"mainstay/internal/platform/metricstore"
)

// TestHeavyQueriesAreBounded in samples, in time and in how many run at once,
// and say so.
func TestHeavyQueriesAreBounded(t *testing.T) {
	t.Parallel()
	ctx, now := context.Background(), time.Now().Truncate(time.Minute)
	fill := func(change func(*metricstore.Configuration)) metricstore.Store {
		s := open(t, metricstore.Dependencies{}, change)
		var batch []metricstore.Sample
		for i := range 50 {
			for m := range 60 {
				batch = append(batch, metricstore.Sample{Labels: metricstore.NewLabels("m", "i", fmt.Sprint(i)), T: now.Add(time.Duration(m-60) * time.Minute), V: 1})
			}
		}
		must(t, s.Append(ctx, batch))
		return s
	}
	// Some eleven million values.
	const heavy = `sum(max_over_time(rate(m[30m])[1h:1s]))`
	for what, c := range map[string]struct {
		change func(*metricstore.Configuration)
		code   core.Code
		says   string
	}{
		"samples": {func(c *metricstore.Configuration) { c.QuerySamples = 20 }, core.CodeTooLarge, "too many samples"},
		"time":    {func(c *metricstore.Configuration) { c.QueryTimeout = time.Microsecond }, core.CodeUnavailable, "too long"},
	} {
		s := fill(c.change)
		if _, err := s.QueryRange(ctx, heavy, now.Add(-time.Hour), now, time.Minute); core.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := s.Query(ctx, heavy, now.Add(-time.Minute)); core.CodeOf(err) != c.code {
			t.Errorf("%s: %v", what, err)
		}
		if got := get(t, s.Handler(), "/prometheus/api/v1/query_range?step=60&query="+url.QueryEscape(heavy)+fmt.Sprintf("&start=%d&end=%d", now.Unix()-3600, now.Unix())); got["status"] != "error" || got["httpStatus"].(int) < 422 {
			t.Errorf("%s: %v", what, got)
		}
	}
	s := fill(func(c *metricstore.Configuration) { c.QueryConcurrency, c.QueryTimeout = 1, 3*time.Second })
	free, err := metricstore.HoldQuery(ctx, s)
	must(t, err)
	if _, err := s.QueryRange(ctx, "sum(m)", now.Add(-time.Hour), now, time.Minute); core.CodeOf(err) != core.CodeUnavailable {
		t.Errorf("no place is free: %v", err)
	}
	free()
	if _, err := s.QueryRange(ctx, "sum(m)", now.Add(-time.Hour), now, time.Minute); err != nil {
		t.Errorf("a place is free: %v", err)
	}
}

// halves fails in the earlier half of a query, once the later has begun, which
// then waits until it is told to stop.
type halves struct {
	storage.Queryable
	later   int64
	begun   chan struct{}
	stopped chan error
}

func (h halves) Querier(mint, _ int64) (storage.Querier, error) {
	return half{Querier: storage.NoopQuerier(), halves: h, late: mint >= h.later}, nil
}

type half struct {
	storage.Querier
	halves
	late bool
}

func (h half) Select(ctx context.Context, _ bool, _ *storage.SelectHints, _ ...*labels.Matcher) storage.SeriesSet {
	if !h.late {
		<-h.begun
		return storage.ErrSeriesSet(errors.New("the disk is gone"))
	}
	close(h.begun)
	<-ctx.Done()
	h.stopped <- ctx.Err()
	return storage.ErrSeriesSet(ctx.Err())
}

// TestAFailingPartStopsTheOthers: of a query that is answered in parts, by
// several cores, nothing goes on when one part has failed.
func TestAFailingPartStopsTheOthers(t *testing.T) {
	t.Parallel()
	if runtime.GOMAXPROCS(0) < 2 {
		t.Skip("one core answers alone")
	}
	start := time.Unix(1_700_000_000, 0)
	end := start.Add(130 * time.Minute) // two parts
	h := halves{later: start.Add(30 * time.Minute).UnixMilli(), begun: make(chan struct{}), stopped: make(chan error, 1)}
	engine := metricstore.StorageOf(open(t, metricstore.Dependencies{}, func(c *metricstore.Configuration) { c.QueryCacheBytes = 0 })).Engine()
	q, err := engine.NewRangeQuery(t.Context(), h, nil, "m", start, end, 15*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if res := q.Exec(t.Context()); res.Err == nil || !strings.Contains(res.Err.Error(), "the disk is gone") {
		t.Errorf("the query gives %v", res.Err)
	}
	if err := <-h.stopped; !errors.Is(err, context.Canceled) {
		t.Errorf("the later part ended by %v", err)
	}
}
