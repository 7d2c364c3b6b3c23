package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"mainstay/internal/agent"
	"mainstay/internal/core"
	"mainstay/internal/desk"
	"mainstay/internal/desk/changes"
	"mainstay/internal/events"
	"mainstay/internal/events/health"
	"mainstay/internal/events/hooks"
	"mainstay/internal/events/mailbox"
	"mainstay/internal/events/oncall"
	"mainstay/internal/events/pipeline"
	"mainstay/internal/events/traps"
	"mainstay/internal/graph"
	"mainstay/internal/jobs"
	"mainstay/internal/logs"
	"mainstay/internal/logs/datasets"
	"mainstay/internal/logs/logrules"
	"mainstay/internal/logs/mining"
	"mainstay/internal/logs/processing"
	"mainstay/internal/logs/push"
	"mainstay/internal/logs/searches"
	"mainstay/internal/logs/sources"
	"mainstay/internal/logs/syslog"
	"mainstay/internal/monitor"
	"mainstay/internal/monitor/availability"
	"mainstay/internal/monitor/dashboard"
	"mainstay/internal/monitor/foresight"
	"mainstay/internal/monitor/lines"
	"mainstay/internal/monitor/scraping"
	"mainstay/internal/monitor/statuspage"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/bus"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/guard"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/identity"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/mail"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/otlpgrpc"
	"mainstay/internal/platform/receivers"
	"mainstay/internal/platform/reportmail"
	"mainstay/internal/platform/secrets"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
	"mainstay/internal/platform/version"
)

// System is one installation.
type System struct {
	cfg   Configuration
	log   *slog.Logger
	clock core.Clock
	ids   *core.IDs
	dir   *dataDir
	life  lifecycle
	own   *ownEvents
	self  *logs.Self
	away  *outage

	db      *sqldb.DB
	ledger  *ledger.Ledger
	secrets *secrets.Component
	auth    *identity.Component
	tasks   *tasks.Component
	bus     *bus.Component
	guard   *guard.Guard
	mail    *mail.Component
	agents  *agents.Component
	metrics metricstore.Store
	records *logstore.Store
	spans   *logstore.Store

	graph        *graph.Component
	events       *events.Component
	pipeline     *pipeline.Component
	onCall       *oncall.Component
	health       *health.Component
	monitor      *monitor.Component
	scraping     *scraping.Component
	lines        *lines.Component
	boards       *dashboard.Component
	foresight    *foresight.Component
	availability *availability.Component
	statusPages  *statuspage.Component
	reportMails  *reportmail.Component
	desk         *desk.Component
	changes      *changes.Component
	jobs         *jobs.Component
	logs         *logs.Component
	push         *push.Component
	syslog       *syslog.Component
	traps        *traps.Component
	mining       *mining.Component
	logRules     *logrules.Component
	datasets     *datasets.Component
	processing   *processing.Component
	logSources   *sources.Component
	ofAgents     recordStore // takes the log records that agents send
	logSearches  *searches.Component
	otlp         *otlpgrpc.Component
	receivers    *receivers.Registry
	hooks        *hooks.Component
	mailboxes    *mailbox.Component
	agent        *agent.Component // of this host; nil when switched off

	documents *declare.Set
	api       *httpapi.API
	once      *httpapi.Idempotency
	web       *webServer
}

// ownLogRecords is how many records of Mainstay's own log may wait for the store.
const ownLogRecords = 4096

// Build opens the stores and makes every component; nothing runs before Start.
// program is the path of this executable, for the processes it starts.
func Build(ctx context.Context, cfg Configuration, program string, log *slog.Logger) (*System, error) {
	cfg.Resolve()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	clock := core.SystemClock{}
	ids := core.NewIDs(clock, nil)
	self := logs.NewSelf(ownLogRecords)
	copied := self.Handler(log.Handler())
	away := newOutage(clock, copied)
	log = slog.New(away.handler(copied))
	s := &System{cfg: cfg, log: log, clock: clock, ids: ids, life: lifecycle{clock: clock, log: log}, own: newOwnEvents(clock, log), self: self, away: away}
	for _, build := range []func(context.Context) error{s.openStores, s.buildPlatform,
		func(context.Context) error { return s.buildTelemetry(program) }, s.buildModules, s.buildAgents, s.buildAPI} {
		if err := build(ctx); err != nil {
			return nil, errors.Join(err, s.closeStores())
		}
	}
	return s, nil
}

// openStores takes the data directory and brings the SQL tables up to date.
func (s *System) openStores(ctx context.Context) (err error) {
	if s.dir, err = openDataDir(s.cfg.Data); err != nil {
		return err
	}
	s.db, err = sqldb.Open(ctx, sqldb.Config{Path: s.dir.join("mainstay.db"), DSN: s.cfg.Database.DSN, Readers: s.cfg.Database.Pool,
		Wait: s.cfg.Database.Wait, Waiting: func(err error) { s.log.Warn("PostgreSQL does not answer; waiting for it", "error", err) }})
	if err != nil {
		return err
	}
	s.away.watch(s.db)
	return migrate(ctx, s.db)
}

func (s *System) closeStores() error {
	var err error
	if s.metrics != nil {
		err = s.metrics.Close()
	}
	if s.db != nil {
		err = errors.Join(err, s.db.Close())
	}
	if s.dir != nil {
		err = errors.Join(err, s.dir.close())
	}
	return err
}

func (s *System) buildPlatform(ctx context.Context) error {
	signer, err := loadSigner(s.dir.join("keys", "ledger.key"))
	if err != nil {
		return err
	}
	s.ledger = ledger.New(s.cfg.Ledger, ledger.Dependencies{DB: s.db, Clock: s.clock, IDs: s.ids, Log: s.log, Signer: signer})
	s.secrets, err = secrets.New(s.cfg.Secrets, secrets.Dependencies{DB: s.db, Ledger: s.ledger, Clock: s.clock, Log: s.log})
	if err != nil {
		return err
	}
	s.auth, err = identity.New(s.cfg.Auth, identity.Dependencies{DB: s.db, Ledger: s.ledger, Sealed: s.secrets, Clock: s.clock, IDs: s.ids, Log: s.log})
	if err != nil {
		return err
	}
	s.cfg.Tasks.Node, err = nodeName(s.dir.join("node"), s.ids)
	if err != nil {
		return err
	}
	s.tasks, err = tasks.New(s.cfg.Tasks, tasks.Dependencies{DB: s.db, Ledger: s.ledger, Clock: s.clock, IDs: s.ids, Log: s.log})
	if err != nil {
		return err
	}
	s.guard = guard.New(s.cfg.Outgoing)
	if s.mail, err = mail.New(s.cfg.Mail, mail.Dependencies{Tasks: s.tasks, IDs: s.ids, Log: s.log}); err != nil {
		return err
	}
	s.bus, err = bus.New(s.cfg.Bus, bus.Dependencies{Log: s.log})
	return err
}

// buildTelemetry opens the engines of metrics, logs and traces.
func (s *System) buildTelemetry(program string) (err error) {
	s.metrics, err = metricstore.Open(s.cfg.Metrics, metricstore.Dependencies{Clock: s.clock, Log: quieter(s.log), Events: s.own,
		Binder: itemsForMetrics{func() *graph.Component { return s.graph }}})
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	child := []string{program, "logstore"}
	s.records, err = logstore.New(s.cfg.Logs.Records, logstore.Dependencies{Clock: s.clock, Log: s.log, Events: s.own, Command: child})
	if err != nil {
		return err
	}
	s.spans, err = logstore.New(s.cfg.Logs.Traces, logstore.Dependencies{Clock: s.clock, Log: s.log, Events: s.own, Command: child})
	return err
}

func (s *System) buildAPI(context.Context) error {
	s.api = httpapi.New(version.String(), s.log)
	s.once = httpapi.NewIdempotency(httpapi.IdempotencyDependencies{DB: s.db, Clock: s.clock, IDs: s.ids, Log: s.log, Node: s.cfg.Tasks.Node})
	s.routes()
	s.web = newWebServer(s.cfg.Listen, s.log, s.statusPages.Front(s.auth.Middleware(s.once.Handler(s.api))))
	return nil
}

// Start starts everything in order; when a part fails, what runs is stopped.
func (s *System) Start(ctx context.Context) error {
	s.life.add("outages of the store", s.away)
	s.life.add("secrets", s.secrets)
	s.life.add("auth", s.auth)
	s.life.add("idempotency keys", s.once)
	s.life.add("bus", s.bus)
	s.life.add("log store", s.records)
	s.life.add("trace store", s.spans)
	s.life.add("graph", s.graph)
	s.life.addFunc("event rules", s.pipeline.Load, nil) // before events come in
	s.life.add("events", s.events)
	s.life.add("time of event rules", s.pipeline)
	s.life.add("event sources", s.hooks)
	s.life.add("mailboxes", s.mailboxes)
	s.life.add("on call", s.onCall)
	s.life.add("own events", s.own)
	s.life.add("desk", s.desk)
	s.life.add("jobs", s.jobs)
	s.life.add("agents", s.agents) // before who asks them: steps of runs, consumers of the ledger
	s.life.add("tasks", s.tasks)
	s.life.add("ledger", s.ledger)
	s.life.add("monitor", s.monitor)
	s.life.add("scraping", s.scraping)
	s.life.add("lines", s.lines)
	s.life.add("foresight", s.foresight)
	s.life.add("availability", s.availability)
	s.life.add("status pages", s.statusPages)
	s.life.add("mails of reports", s.reportMails)
	s.life.add("service health", s.health)
	s.life.add("log datasets", s.datasets)
	s.life.add("log processing", s.processing)
	s.life.add("log patterns", s.mining)
	s.life.add("logs", s.logs)
	s.life.add("logs of others", s.push)
	s.life.add("syslog", s.syslog)
	s.life.add("SNMP traps", s.traps)
	s.life.add("log rules", s.logRules)
	s.life.add("log sources", s.logSources)
	s.life.add("OTLP over gRPC", s.otlp)
	s.life.add("web", s.web)
	if s.agent != nil {
		s.life.add("agent", s.agent)
	}
	if err := s.life.start(ctx); err != nil {
		return errors.Join(err, s.Stop(ctx))
	}
	return nil
}

// Stop stops everything in reverse and closes the stores.
func (s *System) Stop(ctx context.Context) error {
	return errors.Join(s.life.stop(ctx), s.closeStores())
}

// URL is where a browser on this machine reaches the console, once started.
func (s *System) URL() string {
	if s.cfg.Auth.PublicURL != "" {
		return strings.TrimSuffix(s.cfg.Auth.PublicURL, "/")
	}
	host, port, _ := net.SplitHostPort(s.web.address.String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// SetupLink is the path that sets the first administrator's password, or empty.
func (s *System) SetupLink(ctx context.Context) (string, error) { return s.auth.SetupLink(ctx) }

// Handler serves the API and the console without a listener: for tests.
func (s *System) Handler() http.Handler { return s.web.server.Handler }

// conditions are what must hold for the installation to do its work.
func (s *System) conditions(ctx context.Context) []condition {
	check := func(name string, err error, problem string) condition {
		if err != nil {
			return condition{Name: name, Problem: problem}
		}
		return condition{Name: name, Ready: true}
	}
	return []condition{
		check("store", s.db.Ping(ctx), "the operational store does not answer"),
		check("bus", s.bus.Ready(), "the bus is not connected"),
	}
}
