package statuspage

import (
	"time"

	"mainstay/internal/core"
)

// Configuration of status pages.
type Configuration struct {
	// Refresh is how often pages are rendered when nothing is told.
	Refresh time.Duration `yaml:"refresh" json:"refresh"`
	// Requests bounds how many answers are written at once; more are told to
	// come back.
	Requests int `yaml:"requests" json:"requests"`
	// Subscriptions bounds how many addresses a minute may ask for mail.
	Subscriptions int `yaml:"subscriptions" json:"subscriptions"`
	// Subscribers bounds those of one page.
	Subscribers int `yaml:"subscribers" json:"subscribers"`
}

// Defaults suit a page that many look at.
func Defaults() Configuration {
	return Configuration{Refresh: 15 * time.Second, Requests: 512, Subscriptions: 30, Subscribers: 50_000}
}

// Validate names every field that breaks a rule.
func (c Configuration) Validate() error {
	var bad []core.Detail
	check := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: "statusPages." + field, Rule: rule})
		}
	}
	check(c.Refresh >= time.Second, "refresh", "must be at least 1s")
	check(c.Requests > 0, "requests", "must be at least 1")
	check(c.Subscriptions > 0, "subscriptions", "must be at least 1")
	check(c.Subscribers > 0, "subscribers", "must be at least 1")
	return core.InvalidAll(bad)
}
