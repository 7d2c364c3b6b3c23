package metricstore

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/tsdb"

	"mainstay/internal/platform/metricstore/promapi"
)

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
	router := promapi.Router(s.prometheus())
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

// prometheus is what Prometheus' own HTTP API answers from.
func (s *local) prometheus() promapi.Engine {
	return promapi.Engine{
		Query: s.engine, Parser: s.engine.parser, Storage: archive{s.db}, Appendable: s.receiverOf("remote_write"), Exemplars: s.db,
		Targets: s.targets.get, Statistics: statistics{s},
		Flags: s.flags(), Experimental: s.cfg.Experimental, Directory: s.cfg.Directory, Retention: s.cfg.Retention.String(),
		Samples: s.cfg.QuerySamples, Reads: s.cfg.QueryConcurrency, Lookback: lookback, Timeout: s.cfg.QueryTimeout,
		Clock: s.deps.Clock, Log: demoted(s.deps.Log), Registry: s.deps.Registry,
	}
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

// statistics are the engine's, for its API.
type statistics struct{ s *local }

func (a statistics) BlockMetas() ([]tsdb.BlockMeta, error) { return a.s.db.BlockMetas(), nil }

func (a statistics) Stats(label string, limit int) (*tsdb.Stats, error) {
	return a.s.db.Head().Stats(label, limit), nil
}

func (a statistics) WALReplayStatus() (tsdb.WALReplayStatus, error) {
	return a.s.stats.Head.WALReplayStatus.GetWALReplayStatus(), nil
}
