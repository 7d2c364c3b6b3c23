package agents

import (
	"time"

	"mainstay/internal/core"
)

// Configuration of the server's side of the agents.
type Configuration struct {
	LostAfter    time.Duration `yaml:"lostAfter" json:"lostAfter"`       // without a beat an agent counts as lost
	AlertAfter   time.Duration `yaml:"alertAfter" json:"alertAfter"`     // without a beat, after which its host has an alert
	AlertAs      core.Severity `yaml:"alertAs" json:"alertAs"`           // the alert's severity; clear: there is none
	StartWithin  time.Duration `yaml:"startWithin" json:"startWithin"`   // how long Run waits for an agent that is away before a command has started
	GiveUpAfter  time.Duration `yaml:"giveUpAfter" json:"giveUpAfter"`   // how long Run waits for one that went away while it ran
	TokenExpires time.Duration `yaml:"tokenExpires" json:"tokenExpires"` // of an enrolment token that names no time
	Receivers    int           `yaml:"receivers" json:"receivers"`       // batches taken in at once
}

// Defaults suit agents that beat every ten seconds.
func Defaults() Configuration {
	return Configuration{LostAfter: 30 * time.Second, AlertAfter: 2 * time.Minute, AlertAs: core.Major,
		StartWithin: 30 * time.Second, GiveUpAfter: 15 * time.Minute, TokenExpires: 24 * time.Hour, Receivers: 8}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	for field, d := range map[string]time.Duration{"lostAfter": c.LostAfter, "startWithin": c.StartWithin, "giveUpAfter": c.GiveUpAfter, "tokenExpires": c.TokenExpires} {
		if d <= 0 {
			bad = append(bad, core.Detail{Field: "agents." + field, Rule: "must be positive"})
		}
	}
	if c.AlertAfter < c.LostAfter {
		bad = append(bad, core.Detail{Field: "agents.alertAfter", Rule: "must not be shorter than agents.lostAfter"})
	}
	if c.Receivers < 1 {
		bad = append(bad, core.Detail{Field: "agents.receivers", Rule: "must be at least 1"})
	}
	return core.InvalidAll(bad)
}
