package jobs

import (
	"fmt"
	"time"
)

// Duration is a length of time written as a string: "90s", "5m".
type Duration time.Duration

// MarshalText writes it as time.Duration does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration takes.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q must be a duration such as 90s or 5m", text)
	}
	*d = Duration(parsed)
	return nil
}

// or returns d, or fallback when nothing is said.
func (d Duration) or(fallback time.Duration) time.Duration {
	if d == 0 {
		return fallback
	}
	return time.Duration(d)
}
