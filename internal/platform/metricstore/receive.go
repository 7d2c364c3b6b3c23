package metricstore

import (
	"context"
	"fmt"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/storage"
)

// itemLabel names the label that binds a series to its item.
const itemLabel = "item"

// receiver is what the remote-write and OTLP handlers append to: the engine,
// with series bound to their items and metadata kept.
type receiver struct {
	next   storage.AppendableV2
	meta   *metadataStore
	binder Binder
}

// AppenderV2 implements storage.AppendableV2.
func (r receiver) AppenderV2(ctx context.Context) storage.AppenderV2 {
	return receiving{AppenderV2: r.next.AppenderV2(ctx), ctx: ctx, receiver: r}
}

// outcome tells a handler whether a request failed by the store's fault. It
// travels with the request's context.
type outcome struct{ failed bool }

type outcomeKey struct{}

type receiving struct {
	storage.AppenderV2
	receiver
	ctx context.Context
}

// Append implements storage.AppenderV2.
func (a receiving) Append(ref storage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts storage.AOptions) (storage.SeriesRef, error) {
	if ref == 0 {
		ls = a.bind(ls)
		a.keep(ls, opts)
	}
	return a.AppenderV2.Append(ref, ls, st, t, v, h, fh, opts)
}

// Commit implements storage.AppenderV2. What fails before it is the sender's fault.
func (a receiving) Commit() error {
	err := a.AppenderV2.Commit()
	if o, ok := a.ctx.Value(outcomeKey{}).(*outcome); ok && err != nil {
		o.failed = true
	}
	return err
}

// AppendExemplars implements storage.ExemplarAppenderV2.
func (a receiving) AppendExemplars(ref storage.SeriesRef, ls labels.Labels, exemplars []exemplar.Exemplar) (storage.SeriesRef, error) {
	next, ok := a.AppenderV2.(storage.ExemplarAppenderV2)
	if !ok {
		return 0, fmt.Errorf("metric store: %T takes no exemplars", a.AppenderV2)
	}
	return next.AppendExemplars(ref, a.bind(ls), exemplars)
}

// bind adds the item to a series that does not name one.
func (a receiving) bind(ls labels.Labels) labels.Labels {
	if a.binder == nil || ls.Has(itemLabel) {
		return ls
	}
	item := a.binder.Bind(a.ctx, ls.Get)
	if item == "" {
		return ls
	}
	b := labels.NewBuilder(ls)
	b.Set(itemLabel, item)
	return b.Labels()
}

func (a receiving) keep(ls labels.Labels, opts storage.AOptions) {
	if opts.Metadata == (metadata.Metadata{}) {
		return
	}
	name := opts.MetricFamilyName
	if name == "" {
		name = ls.Get(labels.MetricName)
	}
	a.meta.put(Metadata{Metric: name, Type: string(opts.Metadata.Type), Help: opts.Metadata.Help, Unit: opts.Metadata.Unit})
}
