package agent

import (
	"net/url"
	"time"

	"mainstay/internal/core"
)

// Configuration of an agent.
type Configuration struct {
	Data         string        `yaml:"data" json:"data"`                 // directory
	Server       string        `yaml:"server" json:"server"`             // https://mainstay.example; empty in process
	Token        string        `yaml:"token" json:"-"`                   // enrolment token, needed once
	Name         string        `yaml:"name" json:"name"`                 // of the agent, when it enrols; that of the token, or the host name, by default
	Authority    string        `yaml:"authority" json:"authority"`       // file with certificates to trust, beside the system's
	BeatEvery    time.Duration `yaml:"beatEvery" json:"beatEvery"`       //
	MetricsEvery time.Duration `yaml:"metricsEvery" json:"metricsEvery"` //
	FactsEvery   time.Duration `yaml:"factsEvery" json:"factsEvery"`     // sent only when they changed
	RefreshEvery time.Duration `yaml:"refreshEvery" json:"refreshEvery"` // when facts are sent though they did not
	QueueBytes   int64         `yaml:"queueBytes" json:"queueBytes"`     // bound of the queue on disk
}

// Defaults are the values of a small, attentive agent.
func Defaults() Configuration {
	return Configuration{BeatEvery: 10 * time.Second, MetricsEvery: 10 * time.Second,
		FactsEvery: time.Minute, RefreshEvery: time.Hour, QueueBytes: 64 << 20}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	rule := func(broken bool, field, text string) {
		if broken {
			bad = append(bad, core.Detail{Field: "agent." + field, Rule: text})
		}
	}
	rule(c.Data == "", "data", "must name a directory")
	if c.Server != "" {
		u, err := url.Parse(c.Server)
		rule(err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https", "server", "must be an http:// or https:// address")
	}
	rule(c.BeatEvery < time.Second, "beatEvery", "must be at least 1s")
	rule(c.MetricsEvery < time.Second, "metricsEvery", "must be at least 1s")
	rule(c.FactsEvery < time.Second, "factsEvery", "must be at least 1s")
	rule(c.RefreshEvery < c.FactsEvery, "refreshEvery", "must not be shorter than factsEvery")
	rule(c.QueueBytes < 1<<20, "queueBytes", "must be at least 1 MiB")
	return core.InvalidAll(bad)
}
