package metricstore

import (
	"net/http"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// serveFederate gives the newest sample of each series that a match[] selects
// in an exposition format, so that a Prometheus can scrape it ("Federation" in
// Prometheus' manual). Native histograms need a scraper that accepts protobuf.
func (s *local) serveFederate(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the query string cannot be read", http.StatusBadRequest)
		return
	}
	if len(r.Form["match[]"]) == 0 {
		http.Error(w, "match[] must be given", http.StatusBadRequest)
		return
	}
	selectors, err := s.engine.parser.ParseMetricSelectors(r.Form["match[]"])
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	newest, err := s.newest(r, selectors)
	if err != nil {
		http.Error(w, "the series cannot be read", http.StatusInternalServerError)
		s.deps.Log.Warn("metric store: federation", "error", err)
		return
	}
	format := expfmt.Negotiate(r.Header)
	w.Header().Set("Content-Type", string(format))
	encoder := expfmt.NewEncoder(w, format)
	native := format.FormatType() != expfmt.TypeTextPlain
	for i := 0; i < len(newest); {
		family, n := s.family(newest[i:], native)
		i += n
		if family == nil {
			continue
		}
		if err := encoder.Encode(family); err != nil {
			return // the scraper has gone, or a name it cannot be given
		}
	}
}

// newest is the last sample of each series that still counts, by name.
func (s *local) newest(r *http.Request, selectors [][]*labels.Matcher) (promql.Vector, error) {
	now := s.deps.Clock.Now().UnixMilli()
	from := now - lookback.Milliseconds() + 1
	q, err := s.db.Querier(from, now)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	hints := &storage.SelectHints{Start: from, End: now}
	sets := make([]storage.SeriesSet, len(selectors))
	for i, m := range selectors {
		sets[i] = q.Select(r.Context(), true, hints, m...)
	}
	all := storage.NewMergeSeriesSet(sets, 0, storage.ChainedSeriesMerge)
	var out promql.Vector
	var it chunkenc.Iterator
	for all.Next() {
		series := all.At()
		it = series.Iterator(it)
		sample, found := promql.Sample{Metric: series.Labels()}, false
		for kind := it.Next(); kind != chunkenc.ValNone; kind = it.Next() {
			found = true
			if kind == chunkenc.ValFloat {
				sample.T, sample.F = it.At()
				sample.H = nil
			} else {
				sample.T, sample.H = it.AtFloatHistogram(nil)
			}
		}
		if err := it.Err(); err != nil {
			return nil, err
		}
		stale := value.IsStaleNaN(sample.F)
		if sample.H != nil {
			stale = value.IsStaleNaN(sample.H.Sum)
		}
		if found && !stale && sample.Metric.Get(labels.MetricName) != "" {
			out = append(out, sample)
		}
	}
	slices.SortStableFunc(out, func(a, b promql.Sample) int {
		if c := strings.Compare(a.Metric.Get(labels.MetricName), b.Metric.Get(labels.MetricName)); c != 0 {
			return c
		}
		return rank(a) - rank(b)
	})
	return out, all.Err()
}

// rank keeps the kinds of samples of one name together.
func rank(s promql.Sample) int {
	switch {
	case s.H == nil:
		return 0
	case s.H.CounterResetHint == histogram.GaugeType:
		return 1
	case s.H.UsesCustomBuckets():
		return 2
	default:
		return 3
	}
}

// family takes the samples of the first one's name and kind. It is nil when
// the format has no place for them.
func (s *local) family(list promql.Vector, native bool) (*dto.MetricFamily, int) {
	name, kind := list[0].Metric.Get(labels.MetricName), rank(list[0])
	f := &dto.MetricFamily{Name: &name, Type: s.typeOf(name, kind).Enum()}
	n := 0
	for n < len(list) && list[n].Metric.Get(labels.MetricName) == name && rank(list[n]) == kind {
		f.Metric = append(f.Metric, metricOf(list[n], f.GetType()))
		n++
	}
	if kind == 1 && list[0].H.UsesCustomBuckets() {
		kind = 2
	}
	if (kind == 1 || kind == 3) && !native {
		return nil, n
	}
	return f, n
}

func (s *local) typeOf(name string, kind int) dto.MetricType {
	switch kind {
	case 0:
		for _, md := range s.meta.list(name, 1)[name] {
			switch md.Type {
			case "counter":
				return dto.MetricType_COUNTER
			case "gauge":
				return dto.MetricType_GAUGE
			}
		}
		return dto.MetricType_UNTYPED
	case 1:
		return dto.MetricType_GAUGE_HISTOGRAM
	default:
		return dto.MetricType_HISTOGRAM
	}
}

func metricOf(s promql.Sample, as dto.MetricType) *dto.Metric {
	m := &dto.Metric{TimestampMs: &s.T}
	// An empty instance keeps the scraper from adding that of this server.
	hasInstance := false
	s.Metric.Range(func(l labels.Label) {
		if l.Name != labels.MetricName {
			hasInstance = hasInstance || l.Name == "instance"
			m.Label = append(m.Label, pair(l.Name, l.Value))
		}
	})
	if !hasInstance {
		m.Label = append(m.Label, pair("instance", ""))
	}
	switch {
	case s.H != nil && s.H.UsesCustomBuckets():
		m.Histogram = classic(s.H)
	case s.H != nil:
		m.Histogram = exponential(s.H)
	case as == dto.MetricType_COUNTER:
		m.Counter = &dto.Counter{Value: &s.F}
	case as == dto.MetricType_GAUGE:
		m.Gauge = &dto.Gauge{Value: &s.F}
	default:
		m.Untyped = &dto.Untyped{Value: &s.F}
	}
	return m
}

func pair(name, value string) *dto.LabelPair { return &dto.LabelPair{Name: &name, Value: &value} }

func exponential(h *histogram.FloatHistogram) *dto.Histogram {
	return &dto.Histogram{
		SampleCountFloat: &h.Count, SampleSum: &h.Sum, Schema: &h.Schema,
		ZeroThreshold: &h.ZeroThreshold, ZeroCountFloat: &h.ZeroCount,
		PositiveSpan: spans(h.PositiveSpans), PositiveCount: h.PositiveBuckets,
		NegativeSpan: spans(h.NegativeSpans), NegativeCount: h.NegativeBuckets,
	}
}

func spans(list []histogram.Span) []*dto.BucketSpan {
	out := make([]*dto.BucketSpan, 0, len(list))
	for _, s := range list {
		out = append(out, &dto.BucketSpan{Offset: &s.Offset, Length: &s.Length})
	}
	return out
}

// classic writes custom buckets as the cumulative ones they came from.
func classic(h *histogram.FloatHistogram) *dto.Histogram {
	out := &dto.Histogram{SampleCountFloat: &h.Count, SampleSum: &h.Sum}
	var below float64
	for it := h.AllBucketIterator(); it.Next(); {
		b := it.At()
		below += b.Count
		count, upper := below, b.Upper
		out.Bucket = append(out.Bucket, &dto.Bucket{CumulativeCountFloat: &count, UpperBound: &upper})
	}
	return out
}
