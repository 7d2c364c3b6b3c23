package tasks

import (
	"time"

	"mainstay/internal/core"
)

// Configuration of the queue. The zero value of a field means its default.
type Configuration struct {
	Lease       time.Duration `yaml:"lease" json:"lease"`             // how long a silent owner keeps a task
	Poll        time.Duration `yaml:"poll" json:"poll"`               // fallback when no wake-up arrives
	Grace       time.Duration `yaml:"grace" json:"grace"`             // how long Stop waits for running handlers
	Concurrency int           `yaml:"concurrency" json:"concurrency"` // handlers at once of a queue that says nothing else
	BackoffBase time.Duration `yaml:"backoffBase" json:"backoffBase"` // delay after the first failure, doubled by each further one
	BackoffMost time.Duration `yaml:"backoffMost" json:"backoffMost"`
	Node        string        `yaml:"-" json:"-"` // stable name of this installation; leases its former process left are released at Start
}

// Defaults returns the configuration that holds when nothing is said.
func Defaults() Configuration {
	return Configuration{
		Lease: 30 * time.Second, Poll: time.Second, Grace: 5 * time.Second, Concurrency: 32,
		BackoffBase: time.Second, BackoffMost: 10 * time.Minute,
	}
}

// Validate names every field that cannot work.
func (c Configuration) Validate() error {
	var wrong []core.Detail
	check := func(ok bool, field, rule string) {
		if !ok {
			wrong = append(wrong, core.Detail{Field: "tasks." + field, Rule: rule})
		}
	}
	check(c.Lease >= time.Second, "lease", "must be at least 1s")
	check(c.Poll >= 10*time.Millisecond, "poll", "must be at least 10ms")
	check(c.Grace >= 0, "grace", "must not be negative")
	check(c.Concurrency > 0 && c.Concurrency <= 10_000, "concurrency", "must be 1 to 10000")
	check(c.BackoffBase > 0, "backoffBase", "must be positive")
	check(c.BackoffMost >= c.BackoffBase, "backoffMost", "must not be less than backoffBase")
	return core.InvalidAll(wrong)
}

// backoff is the delay after the given number of failures: doubled each time,
// and spread over its upper half by jitter in [0,1).
func (c Configuration) backoff(failures int, jitter float64) time.Duration {
	d := c.BackoffBase
	for i := 1; i < failures && d < c.BackoffMost; i++ {
		d *= 2
	}
	d = min(d, c.BackoffMost)
	return d/2 + time.Duration(jitter*float64(d)/2)
}
