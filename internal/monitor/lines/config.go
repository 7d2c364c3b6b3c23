package lines

import (
	"net"
	"time"

	"mainstay/internal/core"
)

// Configuration of the receivers.
type Configuration struct {
	// StatsD is the address that StatsD is received at, over UDP and TCP, such as
	// 127.0.0.1:8125. Empty: it is not received.
	StatsD string `yaml:"statsd" json:"statsd"`
	// Flush is how often what StatsD sent is stored.
	Flush time.Duration `yaml:"flush" json:"flush"`
	// Keep is how long a series that nothing is sent of is still stored.
	Keep time.Duration `yaml:"keep" json:"keep"`
	// MaxSeries bounds the series of StatsD that are kept.
	MaxSeries int `yaml:"maxSeries" json:"maxSeries"`
	// MaxBody bounds a request of InfluxDB's protocol, before and after decompression.
	MaxBody int64 `yaml:"maxBody" json:"maxBody"`
}

// Defaults receive no StatsD until an address is named: it knows no sender.
func Defaults() Configuration {
	return Configuration{Flush: 10 * time.Second, Keep: 5 * time.Minute, MaxSeries: 100_000, MaxBody: 32 << 20}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	fail := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: field, Rule: rule})
		}
	}
	if c.StatsD != "" {
		_, _, err := net.SplitHostPort(c.StatsD)
		fail(err == nil, "statsd", "must be address:port, such as 127.0.0.1:8125")
	}
	fail(c.Flush > 0 && c.Flush <= time.Minute, "flush", "must be between 0s and 1m")
	fail(c.Keep >= c.Flush, "keep", "must not be shorter than flush")
	fail(c.MaxSeries > 0, "maxSeries", "must be positive")
	fail(c.MaxBody > 0, "maxBody", "must be positive")
	return core.InvalidAll(bad)
}
