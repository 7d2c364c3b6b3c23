package metricstore

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	goruntime "runtime"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/route"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/util/features"
	"github.com/prometheus/prometheus/util/notifications"
	promapi "github.com/prometheus/prometheus/web/api/v1"

	grafanaregexp "github.com/grafana/regexp"
	remoteapi "github.com/prometheus/client_golang/exp/api/remote"
)

// engineVersion is the Prometheus release whose API is answered.
const engineVersion = "3.16.0"

// readFrame is how many bytes of chunks one frame of a streamed remote read holds.
const readFrame = 1 << 20

// readable are the endpoints of Prometheus' own API that are offered; what
// changes something has its place elsewhere in Mainstay.
var readable = regexp.MustCompile(`^/(query|query_range|query_exemplars|format_query|parse_query|labels|label/[^/]+/values|series|read|features|notifications` +
	`|scrape_pools|targets|targets/metadata|alertmanagers|status/(buildinfo|runtimeinfo|tsdb|tsdb/blocks|flags|config|walreplay))$`)

// Handler implements Store.
func (s *local) Handler() http.Handler { return s.lazily(func() http.Handler { return s.api }) }

// WriteHandler implements Store.
func (s *local) WriteHandler() http.Handler { return s.lazily(func() http.Handler { return s.write }) }

// OTLPHandler implements Store.
func (s *local) OTLPHandler() http.Handler { return s.lazily(func() http.Handler { return s.otlp }) }

// lazily builds the handlers with the first request: Prometheus' API describes
// itself when it is made, which takes longer than everything else at the start.
func (s *local) lazily(which func() http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.handlers.Do(s.build)
		which().ServeHTTP(w, r)
	})
}

func (s *local) build() {
	router := route.New()
	s.prometheus().Register(router)
	mux := http.NewServeMux()
	mux.Handle("GET /metadata", s.meta)
	mux.HandleFunc("GET /rules", s.rules.serveRules)
	mux.HandleFunc("GET /alerts", s.rules.serveAlerts)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if !readable.MatchString(r.URL.Path) {
			refuse(w, http.StatusNotFound, "not_found", "no such endpoint")
			return
		}
		router.ServeHTTP(w, r)
	})
	s.api = belowAPI(mux, http.HandlerFunc(s.serveFederate))
	s.write = s.admitting(byVersion(newWriteV1(s), rewritten("/write", router)))
	s.otlp = s.admitting(newOTLPHandler(s))
}

// prometheus is Prometheus' own HTTP API on this engine.
func (s *local) prometheus() *promapi.API {
	cfg := config.Config{GlobalConfig: config.DefaultGlobalConfig, OTLPConfig: config.DefaultOTLPConfig}
	started := s.deps.Clock.Now()
	return promapi.NewAPI(
		s.engine, archive{s.db}, s.receiverOf("remote_write"), s.db,
		func(context.Context) promapi.ScrapePoolsRetriever { return s.targets.get() },
		func(context.Context) promapi.TargetRetriever { return s.targets.get() },
		func(context.Context) promapi.AlertmanagerRetriever { return noAlertmanagers{} },
		func() config.Config { return cfg },
		s.flags(),
		promapi.GlobalURLOptions{},
		func(h http.HandlerFunc) http.HandlerFunc { return h },
		adminStats{s}, s.cfg.Directory, false, false, 0,
		demoted(s.deps.Log), nil,
		s.cfg.QuerySamples, s.cfg.QueryConcurrency, readFrame, false,
		grafanaregexp.MustCompile(`^$`),
		func() (promapi.RuntimeInfo, error) {
			return promapi.RuntimeInfo{
				StartTime: started, ServerTime: s.deps.Clock.Now(), GoroutineCount: goruntime.NumGoroutine(),
				GOMAXPROCS: goruntime.GOMAXPROCS(0), StorageRetention: s.cfg.Retention.String(), ReloadConfigSuccess: true,
			}, nil
		},
		&promapi.PrometheusVersion{Version: engineVersion, GoVersion: goruntime.Version()},
		func() []notifications.Notification { return []notifications.Notification{} }, nil,
		s.deps.Registry, s.deps.Registry, nil,
		true, remoteapi.MessageTypes{remoteapi.WriteV1MessageType, remoteapi.WriteV2MessageType},
		true, false, false,
		lookback, false, false, nil, s.features(),
		promapi.OpenAPIOptions{IncludePaths: []string{"/status/buildinfo"}},
		s.engine.parser,
		false, s.cfg.QueryTimeout,
	)
}

// flags are the settings that Prometheus has as flags of its command line.
func (s *local) flags() map[string]string {
	return map[string]string{
		"storage.tsdb.retention.time":      model.Duration(s.cfg.Retention).String(),
		"storage.tsdb.retention.size":      strconv.FormatInt(s.cfg.MaxBytes, 10) + "B",
		"query.lookback-delta":             model.Duration(lookback).String(),
		"query.max-concurrency":            strconv.Itoa(s.cfg.QueryConcurrency),
		"query.max-samples":                strconv.Itoa(s.cfg.QuerySamples),
		"query.timeout":                    model.Duration(s.cfg.QueryTimeout).String(),
		"web.enable-remote-write-receiver": "true",
		"web.enable-otlp-receiver":         "true",
	}
}

// features says what clients may use.
func (s *local) features() features.Collector {
	f := features.NewRegistry()
	for _, name := range []string{"exemplars", "native_histograms", "query_stats", "remote_read", "remote_write_receiver", "otlp_receiver", "federation"} {
		f.Enable(features.API, name)
	}
	f.Set(features.PromQL, "experimental_functions", s.cfg.Experimental)
	f.Enable(features.PromQL, "at_modifier")
	f.Enable(features.PromQL, "negative_offset")
	return f
}

// belowAPI hands on what follows the last "/api/v1" of the path, and federation
// to its own handler.
func belowAPI(next, federate http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if strings.HasSuffix(path, "/federate") && !strings.Contains(path, "/api/v1/") {
			federate.ServeHTTP(w, r)
			return
		}
		if i := strings.LastIndex(path, "/api/v1"); i >= 0 {
			path = path[i+len("/api/v1"):]
		}
		rewritten(path, next).ServeHTTP(w, r)
	})
}

func rewritten(path string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := *r.URL
		to.Path, to.RawPath = path, ""
		request := r.WithContext(r.Context())
		request.URL = &to
		next.ServeHTTP(w, request)
	})
}

// noAlertmanagers: alerts are kept here and sent nowhere.
type noAlertmanagers struct{}

func (noAlertmanagers) Alertmanagers() []*url.URL        { return nil }
func (noAlertmanagers) DroppedAlertmanagers() []*url.URL { return nil }

// adminStats gives the API the engine's statistics and nothing that changes it.
type adminStats struct{ s *local }

func (a adminStats) CleanTombstones() error { return errReadOnlyAPI }
func (a adminStats) Delete(context.Context, int64, int64, ...*labels.Matcher) error {
	return errReadOnlyAPI
}
func (a adminStats) Snapshot(string, bool) error           { return errReadOnlyAPI }
func (a adminStats) BlockMetas() ([]tsdb.BlockMeta, error) { return a.s.db.BlockMetas(), nil }

func (a adminStats) Stats(label string, limit int) (*tsdb.Stats, error) {
	return a.s.db.Head().Stats(label, limit), nil
}

func (a adminStats) WALReplayStatus() (tsdb.WALReplayStatus, error) {
	return a.s.stats.Head.WALReplayStatus.GetWALReplayStatus(), nil
}
