package oncall

import (
	"time"

	"mainstay/internal/core"
)

// Configuration of on call.
type Configuration struct {
	// Watch is how often rotas are looked at for hand-overs and gaps.
	Watch time.Duration `yaml:"watch" json:"watch"`
	// GapsAhead is how far ahead a gap in a rota is an alert.
	GapsAhead time.Duration `yaml:"gapsAhead" json:"gapsAhead"`
	// Late is how old the news of a situation may be that still starts a page.
	Late time.Duration `yaml:"late" json:"late"`
	// Gather is how long a situation is gathered before the first step tells
	// somebody, where its policy does not say: what turns out to be a part of
	// another situation meanwhile calls nobody.
	Gather time.Duration `yaml:"gather" json:"gather"`
	// Burst is how many pages reach one person by one channel within BurstTime
	// one by one; what is more is told together at its end.
	Burst     int           `yaml:"burst" json:"burst"`
	BurstTime time.Duration `yaml:"burstTime" json:"burstTime"`
	// LinkLife is how long the links in a message act.
	LinkLife time.Duration `yaml:"linkLife" json:"linkLife"`
	// Tries is how often a message is tried.
	Tries int `yaml:"tries" json:"tries"`
	// Concurrency bounds how many messages are sent at once.
	Concurrency int `yaml:"concurrency" json:"concurrency"`
	// Keep is how long pages and proofs are kept once they are over.
	Keep time.Duration `yaml:"keep" json:"keep"`
}

// Defaults suit most.
func Defaults() Configuration {
	return Configuration{Watch: time.Minute, GapsAhead: 7 * 24 * time.Hour, Late: time.Hour, Gather: 10 * time.Second, Burst: 10, BurstTime: 10 * time.Minute,
		LinkLife: 24 * time.Hour, Tries: 8, Concurrency: 8, Keep: 2 * 365 * 24 * time.Hour}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	check := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: field, Rule: rule})
		}
	}
	check(c.Watch >= time.Second && c.Watch <= time.Hour, "watch", "must be between 1s and 1h")
	check(c.GapsAhead >= 0 && c.GapsAhead <= 90*24*time.Hour, "gapsAhead", "must be between 0s and 2160h")
	check(c.Late >= time.Minute, "late", "must be at least 1m")
	check(c.Gather >= 0 && c.Gather <= longestGather, "gather", "must be between 0s and 1h")
	check(c.Burst >= 1 && c.Burst <= 1000, "burst", "must be between 1 and 1000")
	check(c.BurstTime >= time.Second && c.BurstTime <= 24*time.Hour, "burstTime", "must be between 1s and 24h")
	check(c.LinkLife >= time.Minute && c.LinkLife <= 30*24*time.Hour, "linkLife", "must be between 1m and 720h")
	check(c.Tries >= 1 && c.Tries <= 100, "tries", "must be between 1 and 100")
	check(c.Concurrency >= 1 && c.Concurrency <= 256, "concurrency", "must be between 1 and 256")
	check(c.Keep >= 24*time.Hour, "keep", "must be at least 24h")
	return core.InvalidAll(bad)
}
