package monitor

import (
	"time"

	"mainstay/internal/core"
)

// Configuration of monitoring.
type Configuration struct {
	// Workers bounds how many probes run at once.
	Workers int `yaml:"workers" json:"workers"`
	// MinInterval is the shortest interval a check may have.
	MinInterval time.Duration `yaml:"minInterval" json:"minInterval"`
	// KeepResults is how many results of each target are kept.
	KeepResults int `yaml:"keepResults" json:"keepResults"`
	// Flush is how long results may wait to be stored together.
	Flush time.Duration `yaml:"flush" json:"flush"`
	// FirstRun spreads the first run of new checks.
	FirstRun time.Duration `yaml:"firstRun" json:"firstRun"`
	// RestoreGrace is how long after a start a firing rule whose series is
	// missing is not taken for ended.
	RestoreGrace time.Duration `yaml:"restoreGrace" json:"restoreGrace"`
	// ServerCommands allows command checks to run on the server.
	ServerCommands bool `yaml:"serverCommands" json:"serverCommands"`
}

// Defaults suit from one to ten thousand checks.
func Defaults() Configuration {
	return Configuration{
		Workers:        64,
		MinInterval:    time.Second,
		KeepResults:    100,
		Flush:          50 * time.Millisecond,
		FirstRun:       3 * time.Second,
		RestoreGrace:   2 * time.Minute,
		ServerCommands: true,
	}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	fail := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: field, Rule: rule})
		}
	}
	fail(c.Workers > 0 && c.Workers <= 10_000, "workers", "must be between 1 and 10000")
	fail(c.MinInterval >= 10*time.Millisecond, "minInterval", "must be at least 10ms")
	fail(c.KeepResults > 0 && c.KeepResults <= 10_000, "keepResults", "must be between 1 and 10000")
	fail(c.Flush > 0 && c.Flush <= 5*time.Second, "flush", "must be between 0s and 5s")
	fail(c.FirstRun >= 0, "firstRun", "must not be negative")
	fail(c.RestoreGrace >= 0, "restoreGrace", "must not be negative")
	return core.InvalidAll(bad)
}
