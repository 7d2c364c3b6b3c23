package pipeline

import (
	"time"

	"mainstay/internal/core"
)

// Configuration bounds the room.
type Configuration struct {
	Remember  int64         `yaml:"remember" json:"remember"`   // keys of which rules remember something, at most
	Replay    time.Duration `yaml:"replay" json:"replay"`       // the longest time that is replayed
	ReplayFor time.Duration `yaml:"replayFor" json:"replayFor"` // how long one replay may take
}

// Defaults are what a small installation runs with unchanged.
func Defaults() Configuration {
	return Configuration{Remember: 200_000, Replay: 31 * 24 * time.Hour, ReplayFor: 10 * time.Minute}
}

// Validate names every field that cannot work.
func (c Configuration) Validate() error {
	var bad []core.Detail
	if c.Remember < 100 || c.Remember > 10_000_000 {
		bad = append(bad, core.Detail{Field: "remember", Rule: "must be 100 to 10000000"})
	}
	if c.Replay < time.Minute {
		bad = append(bad, core.Detail{Field: "replay", Rule: "must be at least 1m"})
	}
	if c.ReplayFor < time.Second {
		bad = append(bad, core.Detail{Field: "replayFor", Rule: "must be at least 1s"})
	}
	return core.InvalidAll(bad)
}
