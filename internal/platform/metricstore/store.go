package metricstore

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"mainstay/internal/core"
)

// Labels name a series; "__name__" is the metric. Make them once with NewLabels
// or LabelsOf and keep them: they are immutable and cheap to copy.
type Labels = labels.Labels

// NewLabels takes name, label, value, label, value ...; empty values are left out.
func NewLabels(name string, pairs ...string) Labels {
	b := labels.NewBuilder(labels.EmptyLabels())
	b.Set(labels.MetricName, name)
	for i := 0; i+1 < len(pairs); i += 2 {
		b.Set(pairs[i], pairs[i+1])
	}
	return b.Labels()
}

// LabelsOf takes the labels of a map beside the name.
func LabelsOf(name string, m map[string]string) Labels {
	b := labels.NewBuilder(labels.EmptyLabels())
	for k, v := range m {
		b.Set(k, v)
	}
	b.Set(labels.MetricName, name)
	return b.Labels()
}

// Sample is one value of one series at one time.
type Sample struct {
	Labels Labels
	T      time.Time
	V      float64
}

// HistogramSample is a native histogram of one series at one time.
type HistogramSample struct {
	Labels Labels
	T      time.Time
	H      *histogram.FloatHistogram
}

// Point is a value F at a time T in milliseconds. It is the engine's, as a large
// answer would take longer to copy than to compute.
type Point = promql.FPoint

// Series is a query's result for one set of labels, points in order of time.
type Series struct {
	Labels    Labels
	Points    []Point
	Histogram *histogram.FloatHistogram // of an instant query; Points is empty then
}

// Result is what a query gives, shared with others that ask the same and not to be changed: one series per set of labels. An instant query
// gives one point each; a scalar is one series without labels.
type Result struct {
	Series   []Series
	Warnings []string
}

// Metadata describes a metric.
type Metadata struct {
	Metric string `json:"-"`
	Type   string `json:"type"` // gauge, counter, histogram, summary, unknown
	Help   string `json:"help"`
	Unit   string `json:"unit"`
}

// Store keeps series and answers PromQL.
type Store interface {
	// Append stores samples; when it returns nil they survive kill -9. Samples
	// at fault are named in the error's details ("samples[3]") and the others
	// are stored. CodeUnavailable means nothing was stored: try later.
	Append(ctx context.Context, samples []Sample) error
	Query(ctx context.Context, expr string, at time.Time) (Result, error)
	QueryRange(ctx context.Context, expr string, start, end time.Time, step time.Duration) (Result, error)
	// AppendHistograms stores native histograms as Append does samples.
	AppendHistograms(ctx context.Context, samples []HistogramSample) error
	// Describe records what metrics mean, for the metadata endpoint.
	Describe(metrics ...Metadata)
	// Metadata returns what is known of what metrics mean, by their names.
	Metadata(ctx context.Context) (map[string]Metadata, error)
	// Handler answers the Prometheus query API; mount it at /prometheus/api/v1/
	// (it looks at what follows the last "/api/v1") and at /prometheus/federate.
	Handler() http.Handler
	// WriteHandler receives remote write 1.0 and 2.0 (POST /prometheus/api/v1/write).
	WriteHandler() http.Handler
	// OTLPHandler receives OTLP/HTTP metrics, protobuf or JSON (POST /v1/metrics).
	OTLPHandler() http.Handler
	// Appendable takes samples as Prometheus' own parts append them. source names
	// where they come from in the store's own figures and limits.
	Appendable(source string) storage.AppendableV2
	// OTLP stores metrics that were received over OTLP; md may be changed. What
	// cannot be taken is told and costs nothing else.
	OTLP(ctx context.Context, md pmetric.Metrics) (Partial, error)
	// SetTargets gives the targets endpoints their source.
	SetTargets(source TargetSource)
	// SetRules gives the rules and alerts endpoints their source.
	SetRules(source RuleSource)
	Health() Health
	Close() error
}

// Health is the store's own view of itself.
type Health struct {
	ReadOnly     bool          `json:"readOnly"` // the disk is nearly full; ingestion is stopped
	FreeBytes    uint64        `json:"freeBytes"`
	Refused      int64         `json:"refused"`  // samples refused since the start because of it
	Rejected     int64         `json:"rejected"` // samples at fault since the start
	BrokenBlocks []BrokenBlock `json:"brokenBlocks,omitempty"`
	Series       uint64        `json:"series"`
	NewRefused   int64         `json:"newRefused"` // samples of series that were too many, since the start
}

// Events takes what the store has to tell of itself.
type Events interface {
	Accept(ctx context.Context, events []core.Event) error
}

// Binder finds the item a received series belongs to, by its labels; "" when unknown.
// It is asked once per series and must be quick.
type Binder interface {
	Bind(ctx context.Context, label func(name string) string) (item string)
}

// Dependencies of a store. Events and Binder may be nil.
type Dependencies struct {
	Clock  core.Clock
	Log    *slog.Logger
	Events Events
	Binder Binder
	// Registry gets the engine's own metrics; nil makes a private one.
	Registry *prometheus.Registry
	// Free returns the free bytes at a path; nil asks the file system.
	Free func(path string) (uint64, error)
}

// Open starts the store that the configuration names.
func Open(cfg Configuration, deps Dependencies) (Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Clock == nil {
		deps.Clock = core.SystemClock{}
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Registry == nil {
		deps.Registry = prometheus.NewRegistry()
	}
	if deps.Free == nil {
		deps.Free = freeBytes
	}
	if cfg.IsRemote() {
		return openRemote(cfg, deps)
	}
	return openLocal(cfg, deps)
}
