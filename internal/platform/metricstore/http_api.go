package metricstore

import (
	"context"
	"net/http"
	"regexp"
	goruntime "runtime"
	"strings"

	"github.com/prometheus/common/route"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/tsdb"
	promapi "github.com/prometheus/prometheus/web/api/v1"

	grafanaregexp "github.com/grafana/regexp"
	remoteapi "github.com/prometheus/client_golang/exp/api/remote"
)

// engineVersion is the Prometheus release whose API is answered.
const engineVersion = "3.16.0"

// readable are the endpoints of Prometheus' own API that are offered; the rest
// (administration, configuration, targets) has its place elsewhere in Mainstay.
var readable = regexp.MustCompile(`^/(query|query_range|query_exemplars|format_query|parse_query|labels|label/[^/]+/values|series|targets|targets/metadata|scrape_pools|status/(buildinfo|runtimeinfo|tsdb|flags))$`)

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
	s.api = belowAPI(mux)
	s.write = s.admitting(byVersion(newWriteV1(s), rewritten("/write", router)))
	s.otlp = s.admitting(newOTLPHandler(s))
}

// prometheus is Prometheus' own HTTP API on this engine.
func (s *local) prometheus() *promapi.API {
	cfg := config.Config{GlobalConfig: config.DefaultGlobalConfig, OTLPConfig: config.DefaultOTLPConfig}
	started := s.deps.Clock.Now()
	targets := func(context.Context) promapi.TargetRetriever { return s.targets.get() }
	return promapi.NewAPI(
		s.engine, s.db, s.receiverOf("remote_write"), s.db,
		func(context.Context) promapi.ScrapePoolsRetriever { return s.targets.get() }, targets, nil,
		func() config.Config { return cfg },
		map[string]string{},
		promapi.GlobalURLOptions{},
		func(h http.HandlerFunc) http.HandlerFunc { return h },
		adminStats{s}, s.cfg.Directory, false, false, 0,
		demoted(s.deps.Log), nil,
		0, 0, 0, false,
		grafanaregexp.MustCompile(`^$`),
		func() (promapi.RuntimeInfo, error) {
			return promapi.RuntimeInfo{
				StartTime: started, ServerTime: s.deps.Clock.Now(), GoroutineCount: goruntime.NumGoroutine(),
				GOMAXPROCS: goruntime.GOMAXPROCS(0), StorageRetention: s.cfg.Retention.String(), ReloadConfigSuccess: true,
			}, nil
		},
		&promapi.PrometheusVersion{Version: engineVersion, GoVersion: goruntime.Version()},
		nil, nil,
		s.deps.Registry, s.deps.Registry, nil,
		true, remoteapi.MessageTypes{remoteapi.WriteV1MessageType, remoteapi.WriteV2MessageType},
		true, false, false,
		lookback, false, false, nil, nil,
		promapi.OpenAPIOptions{},
		parser.NewParser(parser.Options{}),
		false, s.cfg.QueryTimeout,
	)
}

// belowAPI hands on what follows the last "/api/v1" of the path.
func belowAPI(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
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
