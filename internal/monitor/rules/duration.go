package rules

import (
	"time"

	"github.com/prometheus/common/model"
)

// Duration is a span of time as Prometheus writes it: 90s, 1h30m, 7d.
type Duration time.Duration

// Std is the duration for Go.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(model.Duration(d).String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := model.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}
