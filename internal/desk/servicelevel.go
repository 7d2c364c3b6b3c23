package desk

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
)

// ServiceLevel promises how fast incidents are answered and resolved. Of those
// whose condition holds, the one with the lowest order applies.
type ServiceLevel struct {
	Order       int                 `json:"order"`
	Condition   string              `json:"condition,omitempty" doc:"CEL over incident, item and services; empty: every incident"`
	Calendar    string              `json:"calendar" doc:"Name of the calendar whose time counts"`
	PauseOnHold bool                `json:"pauseOnHold"`
	WarnAt      int                 `json:"warnAt" doc:"Percent of the target after which a warning is raised"`
	Targets     map[string]Promises `json:"targets" doc:"By priority: P1 to P5"`
}

// Promises are the targets of one priority; a zero one is not promised.
type Promises struct {
	Response   Duration `json:"response,omitempty"`
	Resolution Duration `json:"resolution,omitempty"`
}

// Duration is written as text: "30m".
type Duration time.Duration

// String writes "4h" where Go writes "4h0m0s".
func (d Duration) String() string {
	text := time.Duration(d).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// MarshalText writes it as String does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads "1h30m".
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil || parsed < 0 {
		return core.Invalid("duration", fmt.Sprintf("%q must be a duration such as 30m or 4h", text))
	}
	*d = Duration(parsed)
	return nil
}

// ParseServiceLevel reads and checks the spec of a ServiceLevel document.
func ParseServiceLevel(spec json.RawMessage) (*ServiceLevel, error) {
	level := &ServiceLevel{PauseOnHold: true, WarnAt: 75}
	if err := declare.Decode(spec, level); err != nil {
		return nil, err
	}
	var wrong []core.Detail
	if level.Calendar == "" {
		wrong = append(wrong, core.Detail{Field: "spec.calendar", Rule: "must name a calendar"})
	}
	if level.WarnAt < 1 || level.WarnAt > 100 {
		wrong = append(wrong, core.Detail{Field: "spec.warnAt", Rule: "must be 1 to 100"})
	}
	if len(level.Targets) == 0 {
		wrong = append(wrong, core.Detail{Field: "spec.targets", Rule: "must promise something for at least one priority"})
	}
	for name := range level.Targets {
		if new(Priority).UnmarshalText([]byte(name)) != nil {
			wrong = append(wrong, core.Detail{Field: "spec.targets." + name, Rule: "must be P1 to P5"})
		}
	}
	if _, err := compile(level.Condition); err != nil {
		wrong = append(wrong, core.Detail{Field: "spec.condition", Rule: err.Error()})
	}
	return level, core.InvalidAll(wrong)
}
