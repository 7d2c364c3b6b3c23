package events

import (
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/routing"
)

// Configuration of the module.
type Configuration struct {
	Intake     IntakeConfiguration    `yaml:"intake" json:"intake"`
	Alerts     AlertConfiguration     `yaml:"alerts" json:"alerts"`
	Situations SituationConfiguration `yaml:"situations" json:"situations"`
	Routing    routing.Configuration  `yaml:"routing" json:"routing"`
}

// IntakeConfiguration bounds what is taken in and kept.
type IntakeConfiguration struct {
	Queue     int           `yaml:"queue" json:"queue"`         // events that may wait; senders beyond it wait themselves
	Batch     int           `yaml:"batch" json:"batch"`         // events written in one transaction
	KeepFor   time.Duration `yaml:"keepFor" json:"keepFor"`     // age at which events are removed
	KeepRows  int64         `yaml:"keepRows" json:"keepRows"`   // events kept at most, the newest
	AlertsFor time.Duration `yaml:"alertsFor" json:"alertsFor"` // how long cleared alerts and closed situations are kept
}

// AlertConfiguration says how events change alerts.
type AlertConfiguration struct {
	Reopen         time.Duration `yaml:"reopen" json:"reopen"`
	FlapCount      int           `yaml:"flapCount" json:"flapCount"`
	FlapWindow     time.Duration `yaml:"flapWindow" json:"flapWindow"`
	FlapStable     time.Duration `yaml:"flapStable" json:"flapStable"`
	ResolveTimeout time.Duration `yaml:"resolveTimeout" json:"resolveTimeout"` // Alertmanager's: an alert posted without an end lasts this long
	ExpireAfter    time.Duration `yaml:"expireAfter" json:"expireAfter"`       // an alert not repeated for this long clears; 0 for never
	LabelNames     string        `yaml:"labelNames" json:"labelNames"`         // of the Alertmanager API: utf8, or classic for letters, digits and underscores alone
	NeverExpire    []string      `yaml:"neverExpire" json:"neverExpire"`       // sources that always clear what they open
}

// SituationConfiguration says how alerts are put together.
type SituationConfiguration struct {
	Window  time.Duration `yaml:"window" json:"window"`
	Hold    time.Duration `yaml:"hold" json:"hold"`
	Reopen  time.Duration `yaml:"reopen" json:"reopen"`
	Changes time.Duration `yaml:"changes" json:"changes"`
	GroupBy []string      `yaml:"groupBy" json:"groupBy"`
	Burst   int           `yaml:"burst" json:"burst"`   // situations that open within gather and are told at once; 0 for all
	Gather  time.Duration `yaml:"gather" json:"gather"` // how long those beyond are gathered before they are told
}

// Defaults are what a small installation runs with unchanged.
func Defaults() Configuration {
	return Configuration{
		Intake: IntakeConfiguration{Queue: 50_000, Batch: 4000, KeepFor: 30 * 24 * time.Hour, KeepRows: 5_000_000, AlertsFor: 400 * 24 * time.Hour},
		Alerts: AlertConfiguration{
			Reopen: 10 * time.Minute, FlapCount: 7, FlapWindow: 10 * time.Minute, FlapStable: 5 * time.Minute,
			ResolveTimeout: 5 * time.Minute, LabelNames: "utf8", ExpireAfter: 24 * time.Hour, NeverExpire: []string{"check", "rule", "metricstore", "logstore", "agents"},
		},
		Situations: SituationConfiguration{
			Window: 5 * time.Minute, Hold: 5 * time.Second, Reopen: 10 * time.Minute, Changes: time.Hour,
			GroupBy: []string{"host", "instance", "service", "cluster"}, Burst: 5, Gather: 10 * time.Second,
		},
		Routing: routing.Defaults(),
	}
}

// Validate names every field that cannot work.
func (c Configuration) Validate() error {
	var bad []core.Detail
	need := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: "events." + field, Rule: rule})
		}
	}
	need(c.Intake.Queue >= 1, "intake.queue", "must be at least 1")
	need(c.Intake.Batch >= 1 && c.Intake.Batch <= 20_000, "intake.batch", "must be between 1 and 20000")
	need(c.Intake.KeepFor >= time.Minute, "intake.keepFor", "must be at least 1m")
	need(c.Intake.KeepRows >= 1000, "intake.keepRows", "must be at least 1000")
	need(c.Intake.AlertsFor >= time.Hour, "intake.alertsFor", "must be at least 1h")
	need(c.Alerts.Reopen >= 0, "alerts.reopen", "must not be negative")
	need(c.Alerts.FlapCount == 0 || c.Alerts.FlapCount >= 3, "alerts.flapCount", "must be 0 (off) or at least 3")
	need(c.Alerts.FlapWindow > 0, "alerts.flapWindow", "must be positive")
	need(c.Alerts.FlapStable > 0, "alerts.flapStable", "must be positive")
	need(c.Alerts.ResolveTimeout > 0, "alerts.resolveTimeout", "must be positive")
	need(c.Alerts.ExpireAfter >= 0, "alerts.expireAfter", "must not be negative")
	need(c.Alerts.LabelNames == "utf8" || c.Alerts.LabelNames == "classic", "alerts.labelNames", "must be utf8 or classic")
	need(c.Routing.StartDelay >= 0, "routing.startDelay", "must not be negative")
	need(c.Routing.MaxGroups >= 1, "routing.maxGroups", "must be at least 1")
	need(c.Situations.Window > 0, "situations.window", "must be positive")
	need(c.Situations.Hold >= 0, "situations.hold", "must not be negative")
	need(c.Situations.Reopen >= 0, "situations.reopen", "must not be negative")
	need(c.Situations.Burst >= 0, "situations.burst", "must not be negative")
	need(c.Situations.Gather >= 0 && c.Situations.Gather <= 10*time.Minute, "situations.gather", "must be between 0s and 10m")
	need(c.Situations.Changes > 0, "situations.changes", "must be positive")
	return core.InvalidAll(bad)
}
