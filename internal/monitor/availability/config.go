package availability

import (
	"time"

	"mainstay/internal/core"
)

// Configuration of availability.
type Configuration struct {
	// Keep is how long intervals are kept after they ended.
	Keep time.Duration `yaml:"keep" json:"keep"`
	// Settle is how often checks and services are compared with what is kept.
	Settle time.Duration `yaml:"settle" json:"settle"`
}

// Defaults keep two years and a month.
func Defaults() Configuration {
	return Configuration{Keep: 761 * 24 * time.Hour, Settle: 30 * time.Second}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	if c.Keep < 62*24*time.Hour {
		bad = append(bad, core.Detail{Field: "availability.keep", Rule: "must be at least 1488h: a report needs the month before, whole"})
	}
	if c.Settle < time.Second {
		bad = append(bad, core.Detail{Field: "availability.settle", Rule: "must be at least 1s"})
	}
	return core.InvalidAll(bad)
}
