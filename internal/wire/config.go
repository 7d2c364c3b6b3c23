package wire

import (
	"errors"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"mainstay/internal/agent"
	"mainstay/internal/core"
	"mainstay/internal/desk"
	"mainstay/internal/desk/changes"
	"mainstay/internal/events"
	"mainstay/internal/events/health"
	"mainstay/internal/events/hooks"
	"mainstay/internal/events/oncall"
	"mainstay/internal/events/pipeline"
	"mainstay/internal/events/traps"
	"mainstay/internal/graph"
	"mainstay/internal/jobs"
	"mainstay/internal/logs"
	"mainstay/internal/logs/logrules"
	"mainstay/internal/logs/mining"
	"mainstay/internal/logs/push"
	"mainstay/internal/logs/sources"
	"mainstay/internal/logs/syslog"
	"mainstay/internal/monitor"
	"mainstay/internal/monitor/availability"
	"mainstay/internal/monitor/foresight"
	"mainstay/internal/monitor/lines"
	"mainstay/internal/monitor/scraping"
	"mainstay/internal/monitor/statuspage"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/bus"
	"mainstay/internal/platform/guard"
	"mainstay/internal/platform/identity"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/mail"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/otlpgrpc"
	"mainstay/internal/platform/secrets"
	"mainstay/internal/platform/settings"
	"mainstay/internal/platform/tasks"
)

// Configuration of an installation. Directories that are left empty are
// places in the data directory.
type Configuration struct {
	Data     string       `yaml:"data" json:"data"`     // directory everything embedded lives in
	Listen   string       `yaml:"listen" json:"listen"` // address of console, API and agents
	Log      settings.Log `yaml:"log" json:"log"`
	Database Database     `yaml:"database" json:"database"`

	Ledger   ledger.Configuration      `yaml:"ledger" json:"ledger"`
	Auth     identity.Configuration    `yaml:"auth" json:"auth"`
	Secrets  secrets.Configuration     `yaml:"secrets" json:"secrets"`
	Outgoing guard.Configuration       `yaml:"outgoing" json:"outgoing"` // where calls that users aim may go
	Tasks    tasks.Configuration       `yaml:"tasks" json:"tasks"`
	Bus      bus.Configuration         `yaml:"bus" json:"bus"`
	Mail     mail.Configuration        `yaml:"mail" json:"mail"`
	Metrics  metricstore.Configuration `yaml:"metrics" json:"metrics"`
	Logs     Logs                      `yaml:"logs" json:"logs"`
	Agents   agents.Configuration      `yaml:"agents" json:"agents"`
	Agent    Agent                     `yaml:"agent" json:"agent"`

	Graph        graph.Configuration        `yaml:"graph" json:"graph"`
	Monitor      monitor.Configuration      `yaml:"monitor" json:"monitor"`
	Scraping     scraping.Configuration     `yaml:"scraping" json:"scraping"`
	Lines        lines.Configuration        `yaml:"lines" json:"lines"`
	Syslog       syslog.Configuration       `yaml:"syslog" json:"syslog"`
	Push         push.Configuration         `yaml:"push" json:"push"` // GELF and Fluent forward
	Traps        traps.Configuration        `yaml:"traps" json:"traps"`
	OTLP         otlpgrpc.Configuration     `yaml:"otlp" json:"otlp"` // over gRPC; over HTTP it comes in at listen
	Foresight    foresight.Configuration    `yaml:"foresight" json:"foresight"`
	Availability availability.Configuration `yaml:"availability" json:"availability"`
	StatusPages  statuspage.Configuration   `yaml:"statusPages" json:"statusPages"`
	Events       events.Configuration       `yaml:"events" json:"events"`
	EventRules   pipeline.Configuration     `yaml:"eventRules" json:"eventRules"`
	EventSources hooks.Configuration        `yaml:"eventSources" json:"eventSources"` // mail as events
	OnCall       oncall.Configuration       `yaml:"onCall" json:"onCall"`
	Health       health.Configuration       `yaml:"serviceHealth" json:"serviceHealth"`
	Desk         desk.Configuration         `yaml:"desk" json:"desk"`
	Changes      changes.Configuration      `yaml:"changes" json:"changes"`
	Jobs         jobs.Configuration         `yaml:"jobs" json:"jobs"`
}

// Logs says how log records and spans are taken in and kept.
type Logs struct {
	Records logstore.Configuration `yaml:"records" json:"records"`
	Traces  logstore.Configuration `yaml:"traces" json:"traces"`
	Intake  logs.Configuration     `yaml:"intake" json:"intake"`
	Mining  mining.Configuration   `yaml:"mining" json:"mining"`
	Rules   logrules.Configuration `yaml:"rules" json:"rules"`
	Sources sources.Configuration  `yaml:"sources" json:"sources"`
}

// Agent is the one that serve runs for its own host.
type Agent struct {
	Enabled             bool `yaml:"enabled" json:"enabled"`
	agent.Configuration `yaml:",inline"`
}

// Database says where the operational store is.
type Database struct {
	DSN  string        `yaml:"dsn" json:"-"`     // PostgreSQL; empty: SQLite in the data directory
	Pool int           `yaml:"pool" json:"pool"` // connections; 0: chosen from the CPUs
	Wait time.Duration `yaml:"wait" json:"wait"` // how long a start waits for PostgreSQL to answer
}

// Defaults are what an installation runs with when nothing is said.
func Defaults() Configuration {
	return Configuration{
		Data: "data", Listen: "127.0.0.1:8080", Log: settings.DefaultLog(), Database: Database{Wait: 2 * time.Minute},
		Ledger: ledger.Defaults(), Auth: identity.Defaults(), Secrets: secrets.Defaults(), Outgoing: guard.Defaults(), Tasks: tasks.Defaults(), Bus: bus.Defaults(), Mail: mail.Defaults(),
		Metrics: metricstore.Defaults(), Logs: Logs{Records: logstore.Defaults("logs", ""), Traces: traces(), Intake: logs.Defaults(), Mining: mining.Defaults(), Rules: logrules.Defaults(), Sources: sources.Defaults()},
		Agents: agents.Defaults(), Agent: Agent{Enabled: true, Configuration: agent.Defaults()},
		Graph: graph.Defaults(), Monitor: monitor.Defaults(), Scraping: scraping.Defaults(), Lines: lines.Defaults(), OTLP: otlpgrpc.Defaults(),
		Syslog: syslog.Defaults(), Push: push.Defaults(), Traps: traps.Defaults(),
		Foresight: foresight.Defaults(), Availability: availability.Defaults(), StatusPages: statuspage.Defaults(),
		Events: events.Defaults(), EventRules: pipeline.Defaults(), EventSources: hooks.Defaults(), OnCall: oncall.Defaults(), Health: health.Defaults(), Desk: desk.Defaults(), Changes: changes.Defaults(), Jobs: jobs.Defaults(),
	}
}

// traces are sent by few installations: their engine waits for the first.
func traces() logstore.Configuration {
	c := logstore.Defaults("traces", "")
	c.OnDemand = true
	return c
}

// Resolve fills in the places in the data directory.
func (c *Configuration) Resolve() {
	place := func(field *string, name string) {
		if *field == "" {
			*field = filepath.Join(c.Data, name)
		}
	}
	place(&c.Secrets.KeyFile, "secret.key")
	place(&c.Metrics.Directory, "metrics")
	place(&c.Logs.Records.Dir, "logs")
	place(&c.Logs.Traces.Dir, "traces")
	c.Logs.Records.Dataset, c.Logs.Traces.Dataset = "logs", "traces"
	place(&c.Agent.Data, "agent")
	place(&c.Desk.Attachments, "attachments")
}

// withheld stands where a secret would be.
const withheld = "(set)"

// Redacted is the configuration as it may be shown: without its secrets.
func (c Configuration) Redacted() Configuration {
	if dsn, err := url.Parse(c.Database.DSN); err == nil && dsn.Host != "" {
		c.Database.DSN = dsn.Redacted()
	} else if c.Database.DSN != "" {
		c.Database.DSN = withheld
	}
	for _, secret := range []*string{&c.Auth.OIDC.ClientSecret, &c.Mail.Password, &c.Bus.IssuerSeed, &c.Agent.Token, &c.Push.Forward.SharedKey} {
		if *secret != "" {
			*secret = withheld
		}
	}
	headers := make(map[string]string, len(c.Metrics.Remote.Headers))
	for name := range c.Metrics.Remote.Headers {
		headers[name] = withheld
	}
	c.Metrics.Remote.Headers = headers
	return c
}

// Validate names every field that cannot work. Call Resolve before it.
func (c *Configuration) Validate() error {
	var bad []core.Detail
	if c.Data == "" {
		bad = append(bad, core.Detail{Field: "data", Rule: "must name a directory"})
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		bad = append(bad, core.Detail{Field: "listen", Rule: "must be address:port, such as :8080 or 127.0.0.1:8080"})
	}
	if c.Database.Wait < 0 {
		bad = append(bad, core.Detail{Field: "database.wait", Rule: "must not be negative"})
	}
	for _, part := range []struct {
		name string
		validator
	}{
		{"log", c.Log}, {"ledger", c.Ledger}, {"auth", c.Auth}, {"secrets", c.Secrets}, {"tasks", c.Tasks}, {"bus", c.Bus}, {"metrics", c.Metrics},
		{"logs.records", c.Logs.Records}, {"logs.traces", c.Logs.Traces}, {"logs.intake", c.Logs.Intake},
		{"logs.mining", c.Logs.Mining}, {"logs.rules", c.Logs.Rules}, {"logs.sources", c.Logs.Sources},
		{"agents", c.Agents}, {"agent", c.Agent.Configuration},
		{"graph", c.Graph}, {"mail", c.Mail}, {"monitor", c.Monitor}, {"scraping", c.Scraping}, {"lines", c.Lines}, {"syslog", c.Syslog}, {"push", c.Push}, {"traps", c.Traps}, {"otlp", c.OTLP}, {"foresight", c.Foresight},
		{"availability", c.Availability}, {"statusPages", c.StatusPages}, {"events", c.Events}, {"eventRules", c.EventRules}, {"eventSources", c.EventSources},
		{"onCall", c.OnCall}, {"serviceHealth", c.Health}, {"desk", c.Desk}, {"changes", c.Changes}, {"jobs", c.Jobs},
	} {
		var e *core.Error
		err := part.Validate()
		if err != nil && !errors.As(err, &e) {
			return err
		}
		if e == nil {
			continue
		}
		for _, d := range e.Details {
			if !strings.HasPrefix(d.Field, part.name+".") {
				d.Field = part.name + "." + d.Field
			}
			bad = append(bad, d)
		}
	}
	return core.InvalidAll(bad)
}

type validator interface{ Validate() error }
