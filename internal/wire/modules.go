package wire

import (
	"context"
	"strings"
	"time"

	"mainstay/internal/agent"
	"mainstay/internal/core"
	"mainstay/internal/desk"
	"mainstay/internal/events"
	"mainstay/internal/events/figures"
	"mainstay/internal/events/hooks"
	"mainstay/internal/events/traps"
	"mainstay/internal/graph"
	"mainstay/internal/jobs"
	"mainstay/internal/logs"
	"mainstay/internal/logs/logrules"
	"mainstay/internal/logs/mining"
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
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/otlpgrpc"
	"mainstay/internal/platform/receivers"
	"mainstay/internal/platform/secrets"
)

// stepTimeout bounds one HTTP call of a runbook's step, whatever the step says.
const stepTimeout = 10 * time.Minute

// dialTimeout bounds how long connecting to a scrape target may take.
const dialTimeout = 10 * time.Second

// buildModules makes the graph and the disciplines, each with the others as it
// asked for them. They register their ledger consumers here, before it starts.
func (s *System) buildModules(context.Context) (err error) {
	s.graph, err = graph.New(s.cfg.Graph, graph.Dependencies{DB: s.db, Clock: s.clock, IDs: s.ids, Log: s.log, Ledger: s.ledger})
	if err != nil {
		return err
	}
	late := func() *events.Component { return s.events }
	s.agents, err = agents.New(s.cfg.Agents, agents.Dependencies{DB: s.db, Ledger: s.ledger, Bus: s.bus, Clock: s.clock, IDs: s.ids, Log: s.log,
		Events: lateEvents(late), Sink: &sink{graph: s.graph, events: late, metrics: func() metricstore.Store { return s.metrics },
			agents: func() *agents.Component { return s.agents }, records: func() recordStore { return s.ofAgents }, log: s.log, refused: refusals{clock: s.clock}}})
	if err != nil {
		return err
	}
	if err := s.buildPipeline(); err != nil {
		return err
	}
	forEvents := graphForEvents{graph: s.graph, watches: func(ctx context.Context, item string) (bool, error) { return s.monitor.Watches(ctx, item) }}
	s.events, err = events.New(s.cfg.Events, events.Dependencies{DB: s.db, Ledger: s.ledger, Clock: s.clock, IDs: s.ids, Log: s.log,
		Items: forEvents, Graph: forEvents, Impact: forEvents, Maintenance: maintenanceForEvents{func() *monitor.Component { return s.monitor }},
		Measured: figures.New(s.metrics), Pipeline: s.pipeline, Directory: directoryForEvents{s.auth}, Records: recordsForEvents{s}, Places: placesForEvents{s.graph},
		Reach: &reachForEvents{graph: s.graph, agreed: func(ctx context.Context) (map[string][]availability.Agreed, error) { return s.availability.Agreed(ctx) }, clock: s.clock, log: s.log},
		HTTP:  s.guard.Client(0), Mail: s.mail, Secrets: secretsForEvents{s.secrets}, External: s.publicAddress})
	if err != nil {
		return err
	}
	s.own.to = s.events
	if err := s.buildOnCall(); err != nil {
		return err
	}
	if err := s.buildChanges(); err != nil {
		return err
	}
	s.monitor, err = monitor.New(s.cfg.Monitor, monitor.Dependencies{DB: s.db, Ledger: s.ledger, Metrics: s.metrics, Events: s.events,
		Items: graphForMonitor{s.graph, s.agents}, Binder: itemsForRules{itemsForMetrics{func() *graph.Component { return s.graph }}},
		Agents: s.agents, Places: placesForMonitor{s.agents}, Secrets: secretsForMonitor{s.secrets}, Changes: changesForMonitor{s.changes},
		Clock: s.clock, IDs: s.ids, Log: s.log, Needs: needsOf(s.graph), Allow: s.guard.Check, Drivers: ProbeDrivers()})
	if err != nil {
		return err
	}
	s.metrics.SetRules(s.monitor)
	s.scraping, err = scraping.New(s.cfg.Scraping, scraping.Dependencies{DB: s.db, Ledger: s.ledger, Metrics: s.metrics, Clock: s.clock, IDs: s.ids, Log: s.log,
		Binder: itemsForMetrics{func() *graph.Component { return s.graph }}, Secrets: secretsForMonitor{s.secrets}, Items: graphForScraping{s.graph},
		Dial: s.guard.Dialer(dialTimeout).DialContext, Allowed: s.guard.CheckHost})
	if err != nil {
		return err
	}
	s.metrics.SetTargets(s.scraping)
	s.receivers = receivers.NewRegistry(s.clock)
	s.hooks, err = hooks.New(s.cfg.EventSources, hooks.Dependencies{DB: s.db, Ledger: s.ledger, Clock: s.clock, IDs: s.ids, Log: s.log, Events: s.events, Receivers: s.receivers,
		Authenticate: s.auth.Authenticate, Client: s.guard.Client(stepTimeout)})
	if err != nil {
		return err
	}
	if err := s.buildMailboxes(); err != nil {
		return err
	}
	s.lines, err = lines.New(s.cfg.Lines, lines.Dependencies{Metrics: s.metrics, Clock: s.clock, Log: s.log})
	if err != nil {
		return err
	}
	s.foresight, err = foresight.New(s.cfg.Foresight, foresight.Dependencies{DB: s.db, Ledger: s.ledger, Metrics: s.metrics, Items: graphForForesight{s.graph},
		Clock: s.clock, IDs: s.ids, Log: s.log})
	if err != nil {
		return err
	}
	s.boards, err = dashboard.New(dashboard.Dependencies{DB: s.db, Ledger: s.ledger, Metrics: s.metrics, Items: graphForDashboards{s.graph}, Clock: s.clock, IDs: s.ids})
	if err != nil {
		return err
	}
	s.desk, err = desk.New(s.cfg.Desk, desk.Dependencies{DB: s.db, Ledger: s.ledger, Clock: s.clock, IDs: s.ids, Log: s.log,
		Graph: graphForDesk{s.graph}, Directory: directory{s.auth}, Checks: s.monitor})
	if err != nil {
		return err
	}
	forJobs := graphForJobs{s.graph, s.agents}
	s.jobs, err = jobs.New(s.cfg.Jobs, jobs.Dependencies{DB: s.db, Ledger: s.ledger, Tasks: s.tasks, Clock: s.clock, IDs: s.ids, Log: s.log,
		Agents: agentsForJobs{s.agents}, Hosts: forJobs, Items: forJobs, Checks: checksForJobs{s.monitor}, Secrets: secretsForJobs{s.secrets},
		Impact: forJobs, Maintenance: maintenanceForJobs{s.monitor}, Incidents: s.desk, HTTP: s.guard.Client(stepTimeout)})
	if err != nil {
		return err
	}
	if err := s.buildAvailability(); err != nil {
		return err
	}
	if err := s.buildHealth(); err != nil {
		return err
	}
	if err := s.buildProcessing(); err != nil {
		return err
	}
	s.mining, err = mining.New(s.cfg.Logs.Mining, mining.Dependencies{DB: s.db, Access: s.datasets, Clock: s.clock, Log: s.log})
	if err != nil {
		return err
	}
	brought := s.bringing(s.mining.Tap(s.records))
	s.logs, err = logs.New(s.cfg.Logs.Intake, logs.Dependencies{Logs: brought("otlp"), Traces: s.spans, Items: s.graph, Clock: s.clock, Log: s.log, Self: s.self,
		Own: brought("self"), Access: s.datasets})
	if err != nil {
		return err
	}
	s.ofAgents = brought("agents")
	s.push, err = push.New(s.cfg.Push, push.Dependencies{Logs: brought("http"), Items: s.logs, Receivers: s.receivers, Clock: s.clock, Log: s.log, MaxBody: s.cfg.Logs.Intake.MaxBody})
	if err != nil {
		return err
	}
	s.logSources, err = sources.New(s.cfg.Logs.Sources, sources.Dependencies{DB: s.db, Ledger: s.ledger, Agents: s.agents, Items: s.graph, Clock: s.clock, IDs: s.ids, Log: s.log})
	if err != nil {
		return err
	}
	s.syslog, err = syslog.New(s.cfg.Syslog, syslog.Dependencies{Logs: brought("syslog"), Items: s.logs, Keeps: s.cfg.Logs.Records.Retention, Receivers: s.receivers,
		Clock: s.clock, Log: s.log})
	if err != nil {
		return err
	}
	reveal := func(ctx context.Context, reference string) (string, error) {
		return s.secrets.Resolve(ctx, reference, secrets.Use{By: core.Ref{Kind: "receiver", ID: "snmp-traps"}})
	}
	s.traps, err = traps.New(s.cfg.Traps, traps.Dependencies{DB: s.db, Ledger: s.ledger, Events: s.events, Logs: brought("snmp-traps"), Items: s.logs, Receivers: s.receivers,
		Reveal: reveal, Node: s.cfg.Tasks.Node, Clock: s.clock, IDs: s.ids, Log: s.log})
	if err != nil {
		return err
	}
	s.logRules, err = logrules.New(s.cfg.Logs.Rules, logrules.Dependencies{DB: s.db, Ledger: s.ledger, Logs: s.records, Patterns: s.mining, Datasets: s.datasets,
		Metrics: s.metrics, Events: s.events, Clock: s.clock, IDs: s.ids, Log: s.log})
	if err != nil {
		return err
	}
	s.logSearches = searches.New(searches.Dependencies{DB: s.db, Ledger: s.ledger, Clock: s.clock, IDs: s.ids})
	s.otlp, err = otlpgrpc.New(s.cfg.OTLP, otlpgrpc.Dependencies{Authenticate: s.auth.Authenticate, Metrics: s.takeOTLP, Logs: s.logs, Log: s.log})
	if err != nil {
		return err
	}
	s.documents, err = declare.NewSet(s.db, s.kinds()...)
	if err == nil {
		s.documents.KeepVersions(s.clock)
	}
	return err
}

// buildAvailability makes what tells how things were, inside and outside.
func (s *System) buildAvailability() (err error) {
	items := graphForAvailability{graphForMonitor{s.graph, s.agents}}
	s.availability, err = availability.New(s.cfg.Availability, availability.Dependencies{DB: s.db, Ledger: s.ledger, Checks: checksForAvailability{s.monitor},
		Graph: items, Calendars: s.desk, Clock: s.clock, IDs: s.ids, Log: s.log})
	if err != nil {
		return err
	}
	s.statusPages, err = statuspage.New(s.cfg.StatusPages, statuspage.Dependencies{DB: s.db, Ledger: s.ledger, Tasks: s.tasks, Availability: s.availability,
		Items: items, Maintenance: s.monitor, Mail: s.mail, Address: s.publicAddress, Clock: s.clock, IDs: s.ids, Log: s.log})
	if err != nil {
		return err
	}
	s.availability.OnChange(s.statusPages.Changed)
	s.buildReportMails()
	return nil
}

// publicAddress is how people outside reach this installation.
func (s *System) publicAddress() string {
	if s.cfg.Auth.PublicURL != "" {
		return strings.TrimSuffix(s.cfg.Auth.PublicURL, "/")
	}
	return "http://" + s.cfg.Listen
}

// buildAgents makes the agent of this host.
func (s *System) buildAgents(context.Context) (err error) {
	if !s.cfg.Agent.Enabled {
		return nil
	}
	s.agent, err = agent.New(s.cfg.Agent.Configuration, agent.Dependencies{Clock: s.clock, Log: s.log, Drivers: ProbeDrivers(),
		Transport: s.bus.InProcess(), Enrol: s.agents.EnrolResident})
	return err
}
