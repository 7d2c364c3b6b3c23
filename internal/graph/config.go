package graph

import (
	"time"

	"mainstay/internal/core"
)

// Configuration of the graph.
type Configuration struct {
	// SeenEvery bounds how often the repetition of an unchanged payload is written down.
	SeenEvery time.Duration `yaml:"seenEvery" json:"seenEvery"`
	// SweepEvery is how often stale observations and missing items are looked for.
	SweepEvery time.Duration `yaml:"sweepEvery" json:"sweepEvery"`
	// KeepPast is how long it is known what items were; 0 is for ever.
	KeepPast time.Duration `yaml:"keepPast" json:"keepPast"`
	// MaxReport bounds the items of one report.
	MaxReport int `yaml:"maxReport" json:"maxReport"`
	// ResolveCache bounds how many resolved identities are kept in memory.
	ResolveCache int `yaml:"resolveCache" json:"resolveCache"`
}

// Defaults returns the configuration that suits most installations.
func Defaults() Configuration {
	return Configuration{SeenEvery: 10 * time.Minute, SweepEvery: time.Minute, KeepPast: 400 * 24 * time.Hour, MaxReport: 50_000, ResolveCache: 200_000}
}

// Validate names the field that cannot be.
func (c Configuration) Validate() error {
	var bad []core.Detail
	for field, value := range map[string]int64{
		"seenEvery": int64(c.SeenEvery), "sweepEvery": int64(c.SweepEvery), "maxReport": int64(c.MaxReport), "resolveCache": int64(c.ResolveCache),
	} {
		if value <= 0 {
			bad = append(bad, core.Detail{Field: field, Rule: "must be positive"})
		}
	}
	if c.KeepPast < 0 || c.KeepPast > 0 && c.KeepPast < 24*time.Hour {
		bad = append(bad, core.Detail{Field: "keepPast", Rule: "must be 0 (for ever) or at least 24h"})
	}
	return core.InvalidAll(bad)
}
