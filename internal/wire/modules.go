package wire

import (
	"context"
	"time"

	"mainstay/internal/agent"
	"mainstay/internal/desk"
	"mainstay/internal/events"
	"mainstay/internal/graph"
	"mainstay/internal/jobs"
	"mainstay/internal/logs"
	"mainstay/internal/monitor"
	"mainstay/internal/monitor/dashboard"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/metricstore"
)

// stepTimeout bounds one HTTP call of a runbook's step, whatever the step says.
const stepTimeout = 10 * time.Minute

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
			agents: func() *agents.Component { return s.agents }, log: s.log, refused: refusals{clock: s.clock}}})
	if err != nil {
		return err
	}
	forEvents := graphForEvents{graph: s.graph, watches: func(ctx context.Context, item string) (bool, error) { return s.monitor.Watches(ctx, item) }}
	s.events, err = events.New(s.cfg.Events, events.Dependencies{DB: s.db, Ledger: s.ledger, Clock: s.clock, IDs: s.ids, Log: s.log,
		Items: forEvents, Graph: forEvents, Impact: forEvents, Maintenance: maintenanceForEvents{func() *monitor.Component { return s.monitor }}})
	if err != nil {
		return err
	}
	s.own.to = s.events
	s.monitor, err = monitor.New(s.cfg.Monitor, monitor.Dependencies{DB: s.db, Ledger: s.ledger, Metrics: s.metrics, Events: s.events,
		Items: graphForMonitor{s.graph, s.agents}, Agents: s.agents, Secrets: secretsForMonitor{s.secrets},
		Clock: s.clock, IDs: s.ids, Log: s.log, Allow: s.guard.Check})
	if err != nil {
		return err
	}
	s.metrics.SetRules(s.monitor)
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
	s.logs, err = logs.New(s.cfg.Logs.Intake, logs.Dependencies{Logs: s.records, Traces: s.spans, Items: s.graph, Clock: s.clock, Log: s.log, Self: s.self})
	if err != nil {
		return err
	}
	s.documents, err = declare.NewSet(s.db, s.kinds()...)
	return err
}

// buildAgents makes the agent of this host.
func (s *System) buildAgents(context.Context) (err error) {
	if !s.cfg.Agent.Enabled {
		return nil
	}
	s.agent, err = agent.New(s.cfg.Agent.Configuration, agent.Dependencies{Clock: s.clock, Log: s.log,
		Transport: s.bus.InProcess(), Enrol: s.agents.EnrolResident})
	return err
}
