package wire

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"

	"mainstay/internal/core"
	"mainstay/internal/events"
	"mainstay/internal/platform/bus"
	"mainstay/internal/platform/guard"
	"mainstay/internal/platform/identity"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/secrets"
	"mainstay/internal/platform/tasks"
)

// Configuration of an installation. Directories that are left empty are
// places in the data directory.
type Configuration struct {
	Data     string   `yaml:"data" json:"data"`     // directory everything embedded lives in
	Listen   string   `yaml:"listen" json:"listen"` // address of console, API and agents
	Log      Log      `yaml:"log" json:"log"`
	Database Database `yaml:"database" json:"database"`

	Auth     identity.Configuration    `yaml:"auth" json:"auth"`
	Secrets  secrets.Configuration     `yaml:"secrets" json:"secrets"`
	Outgoing guard.Configuration       `yaml:"outgoing" json:"outgoing"` // where calls that users aim may go
	Tasks    tasks.Configuration       `yaml:"tasks" json:"tasks"`
	Bus      bus.Configuration         `yaml:"bus" json:"bus"`
	Metrics  metricstore.Configuration `yaml:"metrics" json:"metrics"`
	Logs     logstore.Configuration    `yaml:"logs" json:"logs"`
	Traces   logstore.Configuration    `yaml:"traces" json:"traces"`
	Events   events.Configuration      `yaml:"events" json:"events"`
}

// Log says what Mainstay writes about itself to standard error.
type Log struct {
	Level  string `yaml:"level" json:"level"`   // debug, info, warn, error
	Format string `yaml:"format" json:"format"` // text or json
}

// Database says where the operational store is.
type Database struct {
	DSN  string `yaml:"dsn" json:"-"`     // PostgreSQL; empty: SQLite in the data directory
	Pool int    `yaml:"pool" json:"pool"` // connections; 0: chosen from the CPUs
}

// Defaults are what an installation runs with when nothing is said.
func Defaults() Configuration {
	return Configuration{
		Data: "data", Listen: "127.0.0.1:8080", Log: Log{Level: "info", Format: "text"},
		Auth: identity.Defaults(), Secrets: secrets.Defaults(), Outgoing: guard.Defaults(), Tasks: tasks.Defaults(), Bus: bus.Defaults(),
		Metrics: metricstore.Defaults(), Logs: logstore.Defaults("logs", ""), Traces: logstore.Defaults("traces", ""),
		Events: events.Defaults(),
	}
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
	place(&c.Logs.Dir, "logs")
	place(&c.Traces.Dir, "traces")
	c.Logs.Dataset, c.Traces.Dataset = "logs", "traces"
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
	if _, err := c.Log.level(); err != nil {
		bad = append(bad, core.Detail{Field: "log.level", Rule: "must be debug, info, warn or error"})
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		bad = append(bad, core.Detail{Field: "log.format", Rule: "must be text or json"})
	}
	for _, part := range []interface{ Validate() error }{
		c.Auth, c.Secrets, c.Tasks, c.Bus, c.Metrics, c.Logs, c.Traces, c.Events,
	} {
		var e *core.Error
		if err := part.Validate(); errors.As(err, &e) {
			bad = append(bad, e.Details...)
		} else if err != nil {
			return err
		}
	}
	return core.InvalidAll(bad)
}

func (l Log) level() (level slog.Level, err error) {
	err = level.UnmarshalText([]byte(l.Level))
	return level, err
}

// Logger writes to w as configured.
func (l Log) Logger(w io.Writer) *slog.Logger {
	level, err := l.level()
	if err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
