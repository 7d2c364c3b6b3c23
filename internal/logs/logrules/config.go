package logrules

import (
	"time"

	"mainstay/internal/core"
)

// Configuration of the rules.
type Configuration struct {
	Tick      time.Duration `yaml:"tick" json:"tick"`           // how often it is asked what is due
	Lag       time.Duration `yaml:"lag" json:"lag"`             // how long records may be on their way
	MaxGroups int           `yaml:"maxGroups" json:"maxGroups"` // of one rule
	Timeout   time.Duration `yaml:"timeout" json:"timeout"`     // of one evaluation
}

// Defaults count what came in until ten seconds ago.
func Defaults() Configuration {
	return Configuration{Tick: 5 * time.Second, Lag: 10 * time.Second, MaxGroups: 1000, Timeout: 20 * time.Second}
}

// Validate names the fields that cannot work.
func (c Configuration) Validate() error {
	var wrong []core.Detail
	if c.Tick < time.Second || c.Tick > time.Minute {
		wrong = append(wrong, core.Detail{Field: "tick", Rule: "must be 1s to 1m"})
	}
	if c.Lag < 0 || c.Lag > 10*time.Minute {
		wrong = append(wrong, core.Detail{Field: "lag", Rule: "must be 0s to 10m"})
	}
	if c.MaxGroups < 1 || c.MaxGroups > 100_000 {
		wrong = append(wrong, core.Detail{Field: "maxGroups", Rule: "must be 1 to 100000"})
	}
	if c.Timeout < time.Second {
		wrong = append(wrong, core.Detail{Field: "timeout", Rule: "must be at least 1s"})
	}
	return core.InvalidAll(wrong)
}
