// Package promapi makes Prometheus' own HTTP API answer from an engine. It is a
// package of its own because Prometheus' API describes itself in OpenAPI: who
// names its types compiles five thousand functions of them, each time.
package promapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"time"

	grafanaregexp "github.com/grafana/regexp"
	remoteapi "github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/route"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/util/features"
	"github.com/prometheus/prometheus/util/notifications"
	v1 "github.com/prometheus/prometheus/web/api/v1"

	"mainstay/internal/core"
)

// engineVersion is the Prometheus release whose API is answered.
const engineVersion = "3.16.0"

// readFrame is how many bytes of chunks one frame of a streamed remote read holds.
const readFrame = 1 << 20

// Targets tells what is scraped.
type Targets interface {
	ScrapePools() []string
	TargetsActive() map[string][]*scrape.Target
	TargetsDropped() map[string][]*scrape.Target
	TargetsDroppedCounts() map[string]int
	ScrapePoolConfig(pool string) (*config.ScrapeConfig, error)
}

// Statistics are those of the engine's store.
type Statistics interface {
	Stats(label string, limit int) (*tsdb.Stats, error)
	WALReplayStatus() (tsdb.WALReplayStatus, error)
	BlockMetas() ([]tsdb.BlockMeta, error)
}

// Engine is what the API answers from.
type Engine struct {
	Query      promql.QueryEngine
	Parser     parser.Parser
	Storage    storage.SampleAndChunkQueryable
	Appendable storage.AppendableV2
	Exemplars  storage.ExemplarQueryable
	Targets    func() Targets
	Statistics Statistics

	Flags        map[string]string // the settings that Prometheus has as flags of its command line
	Experimental bool              // PromQL's experimental functions
	Directory    string
	Retention    string
	Samples      int // that a remote read may return
	Reads        int // remote reads at once
	Lookback     time.Duration
	Timeout      time.Duration // of a query

	Clock    core.Clock
	Log      *slog.Logger
	Registry *prometheus.Registry
}

// Router answers the endpoints of Prometheus' API, by their path below /api/v1.
// To make it takes a good part of a second.
func Router(e Engine) http.Handler {
	cfg := config.Config{GlobalConfig: config.DefaultGlobalConfig, OTLPConfig: config.DefaultOTLPConfig}
	started := e.Clock.Now()
	router := route.New()
	v1.NewAPI(
		e.Query, e.Storage, e.Appendable, e.Exemplars,
		func(context.Context) v1.ScrapePoolsRetriever { return e.Targets() },
		func(context.Context) v1.TargetRetriever { return e.Targets() },
		func(context.Context) v1.AlertmanagerRetriever { return noAlertmanagers{} },
		func() config.Config { return cfg },
		e.Flags,
		v1.GlobalURLOptions{},
		func(h http.HandlerFunc) http.HandlerFunc { return h },
		unchanged{e.Statistics}, e.Directory, false, false, 0,
		e.Log, nil,
		e.Samples, e.Reads, readFrame, false,
		grafanaregexp.MustCompile(`^$`),
		func() (v1.RuntimeInfo, error) {
			return v1.RuntimeInfo{
				StartTime: started, ServerTime: e.Clock.Now(), GoroutineCount: runtime.NumGoroutine(),
				GOMAXPROCS: runtime.GOMAXPROCS(0), StorageRetention: e.Retention, ReloadConfigSuccess: true,
			}, nil
		},
		&v1.PrometheusVersion{Version: engineVersion, GoVersion: runtime.Version()},
		func() []notifications.Notification { return []notifications.Notification{} }, nil,
		e.Registry, e.Registry, nil,
		true, remoteapi.MessageTypes{remoteapi.WriteV1MessageType, remoteapi.WriteV2MessageType},
		true, false, false,
		e.Lookback, false, false, nil, e.features(),
		v1.OpenAPIOptions{IncludePaths: []string{"/status/buildinfo"}},
		e.Parser,
		false, e.Timeout,
	).Register(router)
	return router
}

// features says what clients may use.
func (e Engine) features() features.Collector {
	f := features.NewRegistry()
	for _, name := range []string{"exemplars", "native_histograms", "query_stats", "remote_read", "remote_write_receiver", "otlp_receiver", "federation"} {
		f.Enable(features.API, name)
	}
	f.Set(features.PromQL, "experimental_functions", e.Experimental)
	f.Enable(features.PromQL, "at_modifier")
	f.Enable(features.PromQL, "negative_offset")
	return f
}

// noAlertmanagers: alerts are kept by Mainstay and sent nowhere.
type noAlertmanagers struct{}

func (noAlertmanagers) Alertmanagers() []*url.URL        { return nil }
func (noAlertmanagers) DroppedAlertmanagers() []*url.URL { return nil }

var errReadOnly = core.Errorf(core.CodeForbidden, "the query API changes nothing")

// unchanged gives the API the engine's statistics and nothing that changes it.
type unchanged struct{ Statistics }

func (unchanged) CleanTombstones() error { return errReadOnly }
func (unchanged) Delete(context.Context, int64, int64, ...*labels.Matcher) error {
	return errReadOnly
}
func (unchanged) Snapshot(string, bool) error { return errReadOnly }
