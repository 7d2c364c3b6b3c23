package metricstore

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/storage"

	"mainstay/internal/core"
)

// itemLabel names the label that binds a series to its item.
const itemLabel = "item"

// receiver is what everything that comes from outside is appended to: the
// engine, with series bound to their items, new ones admitted by the limits,
// metadata kept and samples counted.
type receiver struct {
	next   storage.AppendableV2
	source string // how the samples came: "remote_write", "otlp", "scrape" ...
	guard  *guard
	clock  core.Clock
	meta   *metadataStore
	series *seriesCache
	limits *newcomers
	counts *intakeCounts
}

// receiverOf is the receiver of one source.
func (s *local) receiverOf(source string) receiver {
	return receiver{next: s.db, source: source, guard: s.guard, clock: s.deps.Clock, meta: s.meta, series: s.series, limits: s.newcomers, counts: s.intake.of(source)}
}

// Appendable implements Store.
func (s *local) Appendable(source string) storage.AppendableV2 { return s.receiverOf(source) }

// AppenderV2 implements storage.AppendableV2.
func (r receiver) AppenderV2(ctx context.Context) storage.AppenderV2 {
	a := &receiving{AppenderV2: r.next.AppenderV2(ctx), ctx: ctx, receiver: r, now: r.clock.Now()}
	a.known, _ = a.AppenderV2.(storage.GetRef)
	a.outcome, _ = ctx.Value(outcomeKey{}).(*outcome)
	return a
}

// outcome tells a handler how a request went. It travels with the request's context.
type outcome struct {
	failed  bool // by the store's fault
	lenient bool // samples at fault are left out here instead of failing the request
	stored  atomic.Int64
	refused atomic.Int64 // samples at fault
	why     atomic.Pointer[string]
}

type outcomeKey struct{}

func (o *outcome) refuse(err error) {
	o.refused.Add(1)
	if o.why.Load() == nil {
		text := err.Error()
		o.why.CompareAndSwap(nil, &text)
	}
}

// reason is why the first sample was refused.
func (o *outcome) reason() string {
	if text := o.why.Load(); text != nil {
		return *text
	}
	return ""
}

// receiving is one transaction. It is not safe for concurrent use.
type receiving struct {
	storage.AppenderV2
	receiver
	ctx     context.Context
	now     time.Time
	known   storage.GetRef
	outcome *outcome
	taken   int64
	refused int64
}

// Append implements storage.AppenderV2.
func (a *receiving) Append(ref storage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts storage.AOptions) (storage.SeriesRef, error) {
	if a.guard.closed.Load() {
		return 0, a.guard.admit(1)
	}
	e, fresh, err := a.find(ls)
	if err == nil {
		if fresh || opts.Metadata != (metadata.Metadata{}) {
			a.keep(e, opts)
		}
		// The reference of the cache is of the bound labels; a caller's own may be of another time.
		var got storage.SeriesRef
		got, err = a.AppenderV2.Append(e.ref, e.bound, st, t, v, h, fh, opts)
		if got != 0 && got != e.ref {
			e.ref = got
			a.series.put(ls, e)
		}
		if err == nil || errors.Is(err, (*storage.AppendPartialError)(nil)) {
			a.taken++
			return got, err
		}
	}
	a.refused++
	if a.outcome != nil && a.outcome.lenient && ofSample(err) {
		a.outcome.refuse(err)
		return 0, nil
	}
	return 0, err
}

var errLabels = errors.New("invalid labels")

// ofSample says whether an error is of the one sample.
func ofSample(err error) bool {
	if _, ours := sampleRule(err); ours {
		return true
	}
	var broken histogram.Error
	return errors.Is(err, errLabels) || errors.As(err, &broken)
}

// find returns the series of received labels, and whether it was looked up
// anew. One that the engine does not know has to be admitted.
func (a *receiving) find(ls labels.Labels) (entry, bool, error) {
	e, cached := a.series.get(ls)
	if cached && a.now.Sub(e.at) < e.lasts() {
		return e, false, nil
	}
	if !cached {
		if rule := checkLabels(ls); rule != "" {
			return entry{}, false, fmt.Errorf("%w: series %s %s", errLabels, ls, rule)
		}
	}
	bound := a.series.bind(a.ctx, ls)
	if cached && labels.Equal(bound, e.bound) {
		e.at = a.now
		a.series.put(ls, e)
		return e, false, nil
	}
	e = entry{bound: bound, at: a.now}
	if a.known != nil {
		var same labels.Labels
		if e.ref, same = a.known.GetRef(bound, bound.Hash()); e.ref != 0 {
			e.bound = same // shares the engine's memory
		}
	}
	if e.ref == 0 {
		if err := a.limits.admit(a.source, bound, a.now); err != nil {
			return e, false, err
		}
	}
	return e, true, nil
}

// Commit implements storage.AppenderV2. What fails before it is the sender's fault.
func (a *receiving) Commit() error {
	err := a.AppenderV2.Commit()
	if err != nil {
		a.series.reset()
		a.taken = 0
	}
	a.counts.add(a.taken, a.refused)
	if a.outcome != nil {
		a.outcome.stored.Add(a.taken)
		a.outcome.failed = a.outcome.failed || err != nil
	}
	return err
}

// Rollback implements storage.AppenderV2.
func (a *receiving) Rollback() error {
	a.counts.add(0, a.taken+a.refused)
	return a.AppenderV2.Rollback()
}

// AppendExemplars implements storage.ExemplarAppenderV2.
func (a *receiving) AppendExemplars(_ storage.SeriesRef, ls labels.Labels, exemplars []exemplar.Exemplar) (storage.SeriesRef, error) {
	next, ok := a.AppenderV2.(storage.ExemplarAppenderV2)
	if !ok {
		return 0, fmt.Errorf("metric store: %T takes no exemplars", a.AppenderV2)
	}
	e, cached := a.series.get(ls)
	if !cached {
		e.bound = a.series.bind(a.ctx, ls)
	}
	return next.AppendExemplars(e.ref, e.bound, exemplars)
}

// keep remembers what a metric means.
func (a *receiving) keep(e entry, opts storage.AOptions) {
	if opts.Metadata == (metadata.Metadata{}) {
		return
	}
	name := opts.MetricFamilyName
	if name == "" {
		name = e.bound.Get(labels.MetricName)
	}
	a.meta.put(Metadata{Metric: name, Type: string(opts.Metadata.Type), Help: opts.Metadata.Help, Unit: opts.Metadata.Unit})
}
