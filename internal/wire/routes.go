package wire

import (
	"io"
	"net/http"
	"net/http/pprof"
	"slices"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/web"
)

// visibility says which permission reading a module's ledger entries needs.
func visibility() ledger.Visibility {
	return ledger.Visibility{
		ByModule: map[string]auth.Permission{
			"graph":      "items:read",
			"monitor":    "checks:read",
			"dashboards": "dashboards:read",
			"events":     "alerts:read",
			"oncall":     "oncall:read",
			"logs":       "checks:read",
			"desk":       "incidents:read",
			"changes":    "changes:read",
			"jobs":       "jobs:read",
			"agents":     "agents:read",
		},
		Otherwise: "ledger:read",
	}
}

// kinds are all kinds of document, of all modules.
func (s *System) kinds() []declare.Kind {
	return slices.Concat(s.graph.Kinds(), s.monitor.Kinds(), s.scraping.Kinds(), s.boards.Kinds(), s.foresight.Kinds(), s.availability.Kinds(),
		s.statusPages.Kinds(), s.events.Kinds(), s.pipeline.Kinds(), s.hooks.Kinds(), s.mailboxes.Kinds(), s.traps.Kinds(), s.onCall.Kinds(), s.health.Kinds(), s.desk.Kinds(), s.jobs.Kinds(),
		s.logRules.Kinds(), s.datasets.Kinds(), s.processing.Kinds(), s.logSources.Kinds(), s.logSearches.Kinds(), s.reportMails.Kinds())
}

// routes registers everything the port serves.
func (s *System) routes() {
	s.ledger.Routes(s.api, visibility())
	s.documents.Routes(s.api)
	s.auth.Routes(s.api)
	s.secrets.Routes(s.api)
	s.agents.Routes(s.api)
	s.bus.Routes(s.api)
	s.graph.Routes(s.api)
	s.monitor.Routes(s.api)
	s.scraping.Routes(s.api)
	s.lines.Routes(s.api)
	s.boards.Routes(s.api)
	s.foresight.Routes(s.api)
	s.availability.Routes(s.api)
	s.statusPages.Routes(s.api)
	s.reportMails.Routes(s.api)
	s.events.Routes(s.api)
	s.pipeline.Routes(s.api)
	s.hooks.Routes(s.api)
	s.traps.Routes(s.api)
	s.onCall.Routes(s.api)
	s.health.Routes(s.api)
	s.desk.Routes(s.api)
	s.changes.Routes(s.api)
	s.jobs.Routes(s.api)
	s.logs.Routes(s.api)
	s.mining.Routes(s.api)
	s.logRules.Routes(s.api)
	s.datasets.Routes(s.api)
	s.processing.Routes(s.api)
	s.logSources.Routes(s.api)
	s.logSearches.Routes(s.api)
	s.receivers.Routes(s.api)
	s.push.Routes(s.api)
	s.tasks.Routes(s.api)
	s.searchRoute()

	s.api.Mount("/prometheus/api/v1/", "metrics:read", s.metrics.Handler())
	s.api.Mount("GET /prometheus/federate", "metrics:read", s.metrics.Handler())
	s.api.Mount("POST /prometheus/api/v1/write", "metrics:write", s.metrics.WriteHandler())
	s.api.Mount("POST /v1/metrics", "metrics:write", s.metrics.OTLPHandler())

	s.api.Mount("POST /api/v1/backup", "installation:admin", http.HandlerFunc(s.serveBackup))

	for path, handler := range map[string]http.HandlerFunc{"": pprof.Index, "cmdline": pprof.Cmdline, "profile": pprof.Profile, "symbol": pprof.Symbol, "trace": pprof.Trace} {
		s.api.Mount("GET /debug/pprof/"+path, "installation:admin", handler)
	}

	s.api.Mount("GET /healthz", auth.Public, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") }))
	s.api.Mount("GET /readyz", auth.Public, readiness(s.conditions))
	s.api.Mount("/api/", auth.Public, s.api.Otherwise())
	s.api.Mount("/", auth.Public, web.Handler())
}
