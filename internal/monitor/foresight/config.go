package foresight

import (
	"time"

	"mainstay/internal/core"
)

// Configuration of baselines and capacity.
type Configuration struct {
	// Pools says whether the pools that come with Mainstay (file systems,
	// inodes, memory, processors) are watched.
	Pools bool `yaml:"pools" json:"pools"`
	// Every is how often forecasts of capacity are made anew.
	Every time.Duration `yaml:"every" json:"every"`
	// PoolSeries bounds the series of one pool.
	PoolSeries int `yaml:"poolSeries" json:"poolSeries"`
}

// Defaults suit some thousand hosts.
func Defaults() Configuration {
	return Configuration{Pools: true, Every: 3 * time.Hour, PoolSeries: 5000}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	if c.Every < time.Minute || c.Every > 24*time.Hour {
		bad = append(bad, core.Detail{Field: "every", Rule: "must be between 1m and 24h"})
	}
	if c.PoolSeries < 1 || c.PoolSeries > 20_000 {
		bad = append(bad, core.Detail{Field: "poolSeries", Rule: "must be between 1 and 20000"})
	}
	return core.InvalidAll(bad)
}
