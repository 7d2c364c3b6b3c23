package metricstore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
	"github.com/prometheus/prometheus/util/stats"

	"mainstay/internal/platform/metricstore/prefetch"
	"mainstay/internal/platform/metricstore/querycache"
	"mainstay/internal/platform/metricstore/rollup"
)

// asker answers PromQL out of samples and rollups, and remembers what range
// queries gave. It is the engine of the store's own queries and of the API.
type asker struct {
	engine   *promql.Engine
	parser   parser.Parser
	cache    *querycache.Cache // nil: nothing is remembered
	rollups  *rollup.Store     // nil: there are none
	helpers  *prefetch.Helpers
	lookback time.Duration
	timeout  time.Duration
	oldest   func() int64 // of the samples, in milliseconds
}

// openQueries makes what answers queries.
func (s *local) openQueries() (err error) {
	if s.tracker, err = promql.NewActiveQueryTracker(s.cfg.Directory, s.cfg.QueryConcurrency, s.deps.Log); err != nil {
		return err
	}
	p := parser.NewParser(parserOptions(s.cfg.Experimental))
	s.engine = &asker{
		parser: p, lookback: lookback, timeout: s.cfg.QueryTimeout, helpers: prefetch.New(runtime.GOMAXPROCS(0) - 1),
		oldest: func() int64 { oldest, _, _ := s.db.Bounds(); return oldest },
		engine: promql.NewEngine(promql.EngineOpts{
			Logger:                   s.deps.Log,
			Reg:                      s.deps.Registry,
			MaxSamples:               s.cfg.QuerySamples,
			Timeout:                  s.cfg.QueryTimeout,
			ActiveQueryTracker:       s.tracker,
			LookbackDelta:            lookback,
			NoStepSubqueryIntervalFn: func(int64) int64 { return time.Minute.Milliseconds() },
			EnableAtModifier:         true,
			EnableNegativeOffset:     true,
			EnablePerStepStats:       true,
			EnableDelayedNameRemoval: s.cfg.Experimental,
			UseStartTimestamps:       s.cfg.Experimental,
			Parser:                   p,
		}),
	}
	if s.cfg.QueryCacheBytes > 0 {
		s.engine.cache = querycache.New(s.db.journal, s.cfg.QueryCacheBytes, s.deps.Registry)
	}
	var tiers []rollup.Tier
	for _, t := range []rollup.Tier{{Name: "5m", Width: 5 * time.Minute, Retention: s.cfg.Retention5m}, {Name: "1h", Width: time.Hour, Retention: s.cfg.Retention1h}} {
		if t.Retention > 0 {
			t.Retention = max(t.Retention, s.cfg.Retention)
			tiers = append(tiers, t)
		}
	}
	if len(tiers) == 0 {
		return nil
	}
	s.rollups, err = rollup.Open(rollup.Configuration{
		Directory: filepath.Join(s.cfg.Directory, "rollup"), Tiers: tiers, Lookback: lookback,
		Late: s.cfg.OutOfOrder, Lag: 5 * time.Minute, Every: 5 * time.Minute, Pause: 20 * time.Millisecond,
	}, s.db, s.deps.Clock, s.deps.Log)
	s.engine.rollups, s.db.rollups = s.rollups, s.rollups
	return err
}

func parserOptions(experimental bool) parser.Options {
	return parser.Options{EnableExperimentalFunctions: experimental, EnableBinopFillModifiers: experimental, EnableUnquotedUTF8Names: experimental}
}

// NewInstantQuery implements promql.QueryEngine.
func (a *asker) NewInstantQuery(ctx context.Context, q storage.Queryable, opts promql.QueryOpts, expr string, at time.Time) (promql.Query, error) {
	q = a.helpers.Queryable(q)
	base, err := a.placed(ctx, func(ctx context.Context) (promql.Query, error) {
		return a.engine.NewInstantQuery(ctx, q, opts, expr, at)
	})
	if err != nil || a.rollups == nil || a.special(opts) {
		return base, err
	}
	// Any step will do for one: this one is a multiple of every width.
	ms := at.UnixMilli()
	parts := a.plan(expr, ms, ms, (24 * time.Hour).Milliseconds())
	if len(parts) != 1 || parts[0].tier < 0 {
		return base, nil
	}
	over, err := a.engine.NewInstantQuery(ctx, a.helpers.Queryable(a.rollups.Queryable(parts[0].tier)), a.widened(parts[0].tier), parts[0].expr, at)
	if err != nil {
		return base, nil // what rollups cannot answer is asked of samples
	}
	return &instantQuery{Query: over, asked: base, notes: parts[0].notes}, nil
}

// NewRangeQuery implements promql.QueryEngine.
func (a *asker) NewRangeQuery(ctx context.Context, q storage.Queryable, opts promql.QueryOpts, expr string, start, end time.Time, step time.Duration) (promql.Query, error) {
	q = a.helpers.Queryable(q)
	base, err := a.placed(ctx, func(ctx context.Context) (promql.Query, error) {
		return a.engine.NewRangeQuery(ctx, q, opts, expr, start, end, step)
	})
	if err != nil || step < time.Millisecond || end.Before(start) || a.special(opts) {
		return base, err
	}
	parsed, err := a.parser.ParseExpr(expr)
	if err != nil {
		return base, nil // the engine took it
	}
	r := &rangeQuery{Query: base, asker: a, from: q, opts: opts, expr: expr, start: start.UnixMilli(), end: end.UnixMilli(), step: step.Milliseconds()}
	metrics, ok := querycache.Cacheable(parsed)
	r.divisible = ok
	if ok && a.cache != nil {
		r.request = &querycache.Request{Expr: parsed.String(), Metrics: metrics, Start: r.start, End: r.end, Step: r.step}
	}
	if !r.divisible && onlySamples(a.plan(expr, r.start, r.end, r.step)) {
		return base, nil
	}
	return r, nil
}

// placed bounds how long a query waits for its place among those that run: the
// engine wants one to be read at all, and would wait for as long as the caller does.
func (a *asker) placed(ctx context.Context, prepare func(context.Context) (promql.Query, error)) (promql.Query, error) {
	bounded, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	q, err := prepare(bounded)
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		return q, promql.ErrQueryTimeout("waiting for a place")
	}
	return q, err
}

// special queries go to the engine as they are: those that ask for statistics
// of each step or change how the engine looks at samples.
func (a *asker) special(opts promql.QueryOpts) bool {
	if opts == nil {
		return false
	}
	return opts.EnablePerStepStats() || opts.UseStartTimestamps() != nil || (opts.LookbackDelta() != 0 && opts.LookbackDelta() != a.lookback)
}

// widened lets the engine look back over a whole bucket.
func (a *asker) widened(tier int) promql.QueryOpts {
	return promql.NewPrometheusQueryOpts(false, max(a.lookback, a.rollups.Tiers()[tier].Width), nil)
}

// instantQuery is answered from rollups.
type instantQuery struct {
	promql.Query
	asked promql.Query
	notes []string
}

// Exec implements promql.Query.
func (q *instantQuery) Exec(ctx context.Context) *promql.Result {
	res := q.Query.Exec(ctx)
	res.Warnings = noted(res.Warnings, q.notes)
	return res
}

// Close implements promql.Query.
func (q *instantQuery) Close() { q.Query.Close(); q.asked.Close() }

// Statement implements promql.Query.
func (q *instantQuery) Statement() parser.Statement { return q.asked.Statement() }

// String implements promql.Query.
func (q *instantQuery) String() string { return q.asked.String() }

// rangeQuery is answered out of several parts. What it does not answer itself
// is that of the engine's own query.
type rangeQuery struct {
	promql.Query
	asker            *asker
	from             storage.Queryable
	opts             promql.QueryOpts
	expr             string
	start, end, step int64
	request          *querycache.Request // nil: not remembered
	divisible        bool                // the steps depend on nothing but their time
	cancel           context.CancelFunc
}

// Exec implements promql.Query.
func (r *rangeQuery) Exec(ctx context.Context) *promql.Result {
	ctx, r.cancel = context.WithCancel(ctx)
	defer r.cancel()
	var answer querycache.Answer
	var err error
	if r.request != nil {
		answer, err = r.asker.cache.Range(ctx, *r.request, r.evaluate)
	} else {
		answer, err = r.evaluate(ctx, r.start, r.end)
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		err = promql.ErrQueryTimeout("waiting for an equal query")
	case errors.Is(err, context.Canceled):
		err = promql.ErrQueryCanceled("waiting for an equal query")
	}
	if err != nil {
		return &promql.Result{Err: err, Warnings: answer.Notes}
	}
	return &promql.Result{Value: answer.Matrix, Warnings: answer.Notes}
}

// Cancel implements promql.Query.
func (r *rangeQuery) Cancel() {
	if r.cancel != nil {
		r.cancel()
	}
}

// Stats implements promql.Query: those of the parts are not added up.
func (r *rangeQuery) Stats() *stats.Statistics { return r.Query.Stats() }

// evaluate asks samples and rollups, each for its part of the range.
func (r *rangeQuery) evaluate(ctx context.Context, start, end int64) (querycache.Answer, error) {
	parts := r.asker.plan(r.expr, start, end, r.step)
	if r.divisible {
		parts = r.asker.divide(parts, r.step)
	}
	answers, warnings := make([]promql.Matrix, len(parts)), make([]annotations.Annotations, len(parts))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var (
		helping sync.WaitGroup
		failed  sync.Once // the first to fail stops the others
		failure error
	)
	for i, p := range parts {
		ask := func() {
			var err error
			if answers[i], warnings[i], err = r.part(ctx, p); err != nil {
				failed.Do(func() { failure = err; stop() })
			}
		}
		if i == len(parts)-1 || !r.asker.helpers.Go(&helping, ask) {
			ask()
		}
	}
	helping.Wait()
	if failure != nil {
		return querycache.Answer{}, failure
	}
	notes := annotations.New()
	for i, p := range parts {
		notes.Merge(noted(warnings[i], p.notes))
	}
	if len(answers) == 1 {
		return querycache.Answer{Matrix: answers[0], Notes: *notes}, nil
	}
	return querycache.Answer{Matrix: querycache.Join(answers...), Notes: *notes}, nil
}

func (r *rangeQuery) part(ctx context.Context, p part) (promql.Matrix, annotations.Annotations, error) {
	from, opts := r.from, r.opts
	if p.tier >= 0 {
		from, opts = r.asker.helpers.Queryable(r.asker.rollups.Queryable(p.tier)), r.asker.widened(p.tier)
	}
	q, err := r.asker.engine.NewRangeQuery(ctx, from, opts, p.expr, time.UnixMilli(p.start), time.UnixMilli(p.end), time.Duration(r.step)*time.Millisecond)
	if err != nil {
		return nil, nil, err
	}
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		return nil, nil, res.Err
	}
	m, err := res.Matrix()
	if err != nil {
		return nil, nil, fmt.Errorf("metric store: %w", err)
	}
	return querycache.Own(m), res.Warnings, nil
}

func noted(ws annotations.Annotations, notes []string) annotations.Annotations {
	for _, n := range notes {
		ws.Add(fmt.Errorf("%w: %s", annotations.PromQLWarning, n))
	}
	return ws
}
