package jobs

import (
	"time"

	"mainstay/internal/core"
)

// Configuration of the module.
type Configuration struct {
	Steps       int           `yaml:"steps" json:"steps"`             // steps under way at once in one process
	OutputLimit int64         `yaml:"outputLimit" json:"outputLimit"` // bytes of output kept of one run
	Retention   time.Duration `yaml:"retention" json:"retention"`     // how long finished runs are kept
	Settle      time.Duration `yaml:"settle" json:"settle"`           // how long an item must have been the cause before a remediation acts
}

// Defaults returns the configuration that holds when nothing is said.
func Defaults() Configuration {
	return Configuration{Steps: 200, OutputLimit: 4 << 20, Retention: 90 * 24 * time.Hour, Settle: 2 * time.Second}
}

// Validate names every field that cannot work.
func (c Configuration) Validate() error {
	var wrong []core.Detail
	if c.Steps < 1 || c.Steps > 10_000 {
		wrong = append(wrong, core.Detail{Field: "jobs.steps", Rule: "must be 1 to 10000"})
	}
	if c.OutputLimit < 64<<10 {
		wrong = append(wrong, core.Detail{Field: "jobs.outputLimit", Rule: "must be at least 65536"})
	}
	if c.Retention < time.Hour {
		wrong = append(wrong, core.Detail{Field: "jobs.retention", Rule: "must be at least 1h"})
	}
	if c.Settle < 0 || c.Settle > time.Hour {
		wrong = append(wrong, core.Detail{Field: "jobs.settle", Rule: "must be 0 to 1h"})
	}
	return core.InvalidAll(wrong)
}
