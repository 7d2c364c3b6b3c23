package metricstore

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	deltatocumulative "github.com/open-telemetry/opentelemetry-collector-contrib/processor/deltatocumulativeprocessor"
	"github.com/prometheus/prometheus/config"
	promremote "github.com/prometheus/prometheus/storage/remote"
	otlptranslator "github.com/prometheus/prometheus/storage/remote/otlptranslator/prometheusremotewrite"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/otel/metric/noop"

	"mainstay/internal/core"
)

// Partial says what of an OTLP request was not taken (OTLP, "Partial Success").
type Partial struct {
	Rejected int64  // data points
	Reason   string // of the first
}

// otlpIntake stores OTLP metrics. What cannot be taken of a request costs
// nothing else of it; sums and histograms of delta temporality are added up.
type otlpIntake struct {
	store      *local
	receiver   receiver
	settings   otlptranslator.Settings
	converters sync.Pool
	deltas     consumer.Metrics // adds up, then hands on to write
}

// deltaStale is how long the sum of a delta stream is remembered.
const deltaStale = time.Hour

// otlpIntake is made with the first request.
func (s *local) newOTLP() (*otlpIntake, error) {
	cfg := config.DefaultOTLPConfig
	cfg.PromoteResourceAttributes = promoted()
	i := &otlpIntake{store: s, receiver: s.receiverOf("otlp")}
	i.settings = otlptranslator.Settings{
		AddMetricSuffixes: cfg.TranslationStrategy.ShouldAddSuffixes(), AllowUTF8: !cfg.TranslationStrategy.ShouldEscape(),
		PromoteResourceAttributes: otlptranslator.NewPromoteResourceAttributes(cfg), LookbackDelta: lookback,
		LabelNameUnderscoreSanitization: cfg.LabelNameUnderscoreSanitization, LabelNamePreserveMultipleUnderscores: cfg.LabelNamePreserveMultipleUnderscores,
	}
	i.converters.New = func() any { return otlptranslator.NewPrometheusConverter(nil) }
	factory := deltatocumulative.NewFactory()
	limits := &deltatocumulative.Config{MaxStale: deltaStale, MaxStreams: max(s.cfg.MaxSeries, 1_000_000)}
	set := processor.Settings{ID: component.NewID(factory.Type()), TelemetrySettings: component.TelemetrySettings{MeterProvider: noop.NewMeterProvider()}}
	next, err := consumer.NewMetrics(i.write)
	if err != nil {
		return nil, err
	}
	deltas, err := factory.CreateMetrics(context.Background(), set, limits, next)
	if err != nil {
		return nil, err
	}
	i.deltas = deltas
	return i, deltas.Start(context.Background(), nil)
}

// promoted are the resource attributes that become labels of every series.
func promoted() []string {
	return []string{"item", "service.name", "service.namespace", "service.instance.id", "host.name", "deployment.environment.name"}
}

// OTLP implements Store.
func (s *local) OTLP(ctx context.Context, md pmetric.Metrics) (Partial, error) {
	if err := s.guard.admit(md.DataPointCount()); err != nil {
		return Partial{}, err
	}
	s.otlpOnce.Do(func() { s.otlpIntake, s.otlpErr = s.newOTLP() })
	if s.otlpErr != nil {
		return Partial{}, fmt.Errorf("metric store: OTLP: %w", s.otlpErr)
	}
	return s.otlpIntake.take(ctx, md)
}

func (i *otlpIntake) take(ctx context.Context, md pmetric.Metrics) (Partial, error) {
	out, delta := sift(md)
	o := &outcome{lenient: true}
	ctx = context.WithValue(ctx, outcomeKey{}, o)
	var err error
	if delta {
		err = i.deltas.ConsumeMetrics(ctx, md)
	} else {
		err = i.write(ctx, md)
	}
	if err != nil {
		return Partial{}, err
	}
	if out.Reason == "" {
		out.Reason = o.reason()
	}
	i.receiver.counts.add(0, out.Rejected)
	out.Rejected += o.refused.Load()
	return out, nil
}

// write appends what can be translated.
func (i *otlpIntake) write(ctx context.Context, md pmetric.Metrics) error {
	app := i.receiver.AppenderV2(ctx)
	converter := i.converters.Get().(*otlptranslator.PrometheusConverter)
	converter.Reset(app)
	_, err := converter.FromMetrics(ctx, md, i.settings)
	converter.Reset(nil)
	i.converters.Put(converter)
	if ctx.Err() != nil {
		_ = app.Rollback()
		return ctx.Err()
	}
	if core.CodeOf(err) == core.CodeUnavailable {
		_ = app.Rollback()
		return err
	}
	if o, ok := ctx.Value(outcomeKey{}).(*outcome); ok && err != nil {
		for _, e := range joined(err) {
			o.refuse(e)
		}
	}
	return app.Commit()
}

// joined takes apart what errors.Join put together, one level at a time.
func joined(err error) []error {
	list, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var out []error
	for _, e := range list.Unwrap() {
		out = append(out, joined(e)...)
	}
	return out
}

// sift removes the metrics that nothing can be made of and says whether there
// are deltas among the rest.
func sift(md pmetric.Metrics) (out Partial, delta bool) {
	for _, rm := range md.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			sm.Metrics().RemoveIf(func(m pmetric.Metric) bool {
				points, temporality, fault := inspect(m)
				if fault == "" {
					delta = delta || temporality == pmetric.AggregationTemporalityDelta
					return false
				}
				out.Rejected += int64(points)
				if out.Reason == "" {
					out.Reason = fmt.Sprintf("metric %q: %s", m.Name(), fault)
				}
				return true
			})
		}
	}
	return out, delta
}

func inspect(m pmetric.Metric) (points int, temporality pmetric.AggregationTemporality, fault string) {
	temporality = pmetric.AggregationTemporalityCumulative
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		points = m.Gauge().DataPoints().Len()
	case pmetric.MetricTypeSummary:
		points = m.Summary().DataPoints().Len()
	case pmetric.MetricTypeSum:
		points, temporality = m.Sum().DataPoints().Len(), m.Sum().AggregationTemporality()
	case pmetric.MetricTypeHistogram:
		points, temporality = m.Histogram().DataPoints().Len(), m.Histogram().AggregationTemporality()
	case pmetric.MetricTypeExponentialHistogram:
		points, temporality = m.ExponentialHistogram().DataPoints().Len(), m.ExponentialHistogram().AggregationTemporality()
	default:
		return 1, temporality, "must have data of a known type"
	}
	switch {
	case strings.TrimSpace(m.Name()) == "":
		fault = "must have a name"
	case temporality != pmetric.AggregationTemporalityCumulative && temporality != pmetric.AggregationTemporalityDelta:
		fault = "must say whether its temporality is cumulative or delta"
	}
	return points, temporality, fault
}

// newOTLPHandler receives OTLP/HTTP (OTLP 1.9, "OTLP/HTTP").
func newOTLPHandler(s *local) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, err := promremote.DecodeOTLPWriteRequest(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		partial, err := s.OTLP(r.Context(), request.Metrics())
		switch {
		case err == nil:
		case core.CodeOf(err) == core.CodeUnavailable || errors.Is(err, context.Canceled):
			w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		default:
			s.deps.Log.Error("metric store: OTLP is not stored", "error", err)
			http.Error(w, "the metrics cannot be stored at the moment", http.StatusInternalServerError)
			return
		}
		kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
		kind = strings.TrimSpace(kind)
		body, err := partial.encoded(kind == "application/json")
		if err != nil {
			http.Error(w, "the answer cannot be written", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(body)
	})
}

// encoded is the answer: of a full success an empty message.
func (p Partial) encoded(text bool) ([]byte, error) {
	if p.Rejected == 0 {
		if text {
			return []byte("{}"), nil
		}
		return nil, nil
	}
	response := pmetricotlp.NewExportResponse()
	response.PartialSuccess().SetRejectedDataPoints(p.Rejected)
	response.PartialSuccess().SetErrorMessage(p.Reason)
	if text {
		return response.MarshalJSON()
	}
	return response.MarshalProto()
}
