package mining

import (
	"time"

	"mainstay/internal/core"
	"mainstay/internal/logs/patterns"
)

// Configuration of the mining.
type Configuration struct {
	Enabled  bool                   `yaml:"enabled" json:"enabled"`
	Patterns patterns.Configuration `yaml:"patterns" json:"patterns"`
	Wait     time.Duration          `yaml:"wait" json:"wait"`       // how long the intake waits at most for its turn
	Flush    time.Duration          `yaml:"flush" json:"flush"`     // how often counts are stored
	Keep     time.Duration          `yaml:"keep" json:"keep"`       // of counts
	Pending  int                    `yaml:"pending" json:"pending"` // counts that may wait in memory
}

// Defaults keep counts for a month.
func Defaults() Configuration {
	return Configuration{Enabled: true, Patterns: patterns.Defaults(), Wait: 5 * time.Millisecond, Flush: 15 * time.Second, Keep: 31 * 24 * time.Hour, Pending: 100_000}
}

// Validate names the fields that cannot work.
func (c Configuration) Validate() error {
	var wrong []core.Detail
	add := func(bad bool, field, rule string) {
		if bad {
			wrong = append(wrong, core.Detail{Field: field, Rule: rule})
		}
	}
	add(c.Wait < 0 || c.Wait > time.Second, "wait", "must be 0s to 1s")
	add(c.Flush < time.Second || c.Flush > 10*time.Minute, "flush", "must be 1s to 10m")
	add(c.Keep < 24*time.Hour, "keep", "must be at least 24h")
	add(c.Pending < 1000, "pending", "must be at least 1000")
	if err := c.Patterns.Validate(); err != nil {
		wrong = append(wrong, core.Detail{Field: "patterns", Rule: "maxPatterns must be 100 to 1000000, maxShapes 100 to 10000000"})
	}
	return core.InvalidAll(wrong)
}
