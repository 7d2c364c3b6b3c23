package health

import (
	"time"

	"mainstay/internal/core"
)

// Configuration of the component.
type Configuration struct {
	// Gather is how long changes are gathered before they are followed.
	Gather time.Duration `yaml:"gather" json:"gather"`
	// Look is how often maintenance, checks and sites are looked at.
	Look time.Duration `yaml:"look" json:"look"`
	// Keep is how long history is kept.
	Keep time.Duration `yaml:"keep" json:"keep"`
}

// Defaults suit most.
func Defaults() Configuration {
	return Configuration{Gather: 200 * time.Millisecond, Look: 10 * time.Second, Keep: 400 * 24 * time.Hour}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	check := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: "serviceHealth." + field, Rule: rule})
		}
	}
	check(c.Gather >= 10*time.Millisecond && c.Gather <= time.Minute, "gather", "must be between 10ms and 1m")
	check(c.Look >= time.Second && c.Look <= time.Hour, "look", "must be between 1s and 1h")
	check(c.Keep >= 24*time.Hour, "keep", "must be at least 24h")
	return core.InvalidAll(bad)
}
