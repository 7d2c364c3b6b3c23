package probe

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// State is what a probe found, with the values of the Monitoring Plugins'
// exit codes.
type State int8

// The states.
const (
	OK State = iota
	Warning
	Critical
	Unknown
)

var stateNames = [...]string{"ok", "warning", "critical", "unknown"}

// String returns the name in lower case.
func (s State) String() string {
	if s < OK || s > Unknown {
		return "unknown"
	}
	return stateNames[s]
}

// ParseState is the inverse of String.
func ParseState(name string) (State, error) {
	for i, n := range stateNames {
		if n == name {
			return State(i), nil
		}
	}
	return Unknown, fmt.Errorf("%q is not one of ok, warning, critical, unknown", name)
}

// MarshalText writes the name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name.
func (s *State) UnmarshalText(text []byte) (err error) {
	*s, err = ParseState(string(text))
	return err
}

// rank orders states by how bad they are: unknown lies between warning and critical.
func (s State) rank() int { return [...]int{0, 1, 3, 2}[s] }

// Worse returns the worse of two states.
func Worse(a, b State) State {
	if b.rank() > a.rank() {
		return b
	}
	return a
}

// Metric is one figure a probe measured, in a base unit.
type Metric struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit,omitempty"` // seconds, bytes, percent, count (a counter), or the plugin's own
	Warn  string  `json:"warn,omitempty"` // thresholds as ranges of the plugin guidelines, in the plugin's unit
	Crit  string  `json:"crit,omitempty"`
	Min   string  `json:"min,omitempty"`
	Max   string  `json:"max,omitempty"`
}

// Result is what one execution found.
type Result struct {
	State    State     `json:"state"`
	Output   string    `json:"output"`           // one line for a person
	Detail   string    `json:"detail,omitempty"` // more lines, when there are
	Started  time.Time `json:"started"`
	Duration Duration  `json:"duration"`
	Metrics  []Metric  `json:"metrics,omitempty"`
	// Screenshot is a JPEG of the page that a browser check failed on.
	Screenshot []byte `json:"screenshot,omitempty"`
}

// MaxScreenshot bounds the bytes of a picture.
const MaxScreenshot = 256 << 10

// jpegStart begins every JPEG: what else a host sends is no picture.
const jpegStart = "\xff\xd8\xff"

// limits of what a result may carry, so that one noisy plugin cannot fill a store.
const (
	maxOutput  = 512
	maxDetail  = 8 << 10
	maxMetrics = 256
)

// Set gives the result a state and the line that says so.
func (r *Result) Set(s State, format string, args ...any) {
	r.State, r.Output = s, fmt.Sprintf(format, args...)
}

// Worsen raises the state and adds a reason to the output.
func (r *Result) Worsen(s State, format string, args ...any) {
	r.State = Worse(r.State, s)
	reason := fmt.Sprintf(format, args...)
	if r.Output != "" {
		reason = r.Output + "; " + reason
	}
	r.Output = reason
}

// Measure adds a figure, in a base unit.
func (r *Result) Measure(name, unit string, value float64) {
	r.Metrics = append(r.Metrics, Metric{Name: name, Value: value, Unit: unit})
}

// Bound cuts the result to its limits and makes its text storable: valid UTF-8
// without U+0000. What a host answered is bounded again where it arrives.
func (r *Result) Bound() {
	r.Output = clip(strings.ReplaceAll(r.Output, "\n", " "), maxOutput)
	r.Detail = clip(r.Detail, maxDetail)
	if len(r.Screenshot) > MaxScreenshot || !bytes.HasPrefix(r.Screenshot, []byte(jpegStart)) {
		r.Screenshot = nil
	}
	if len(r.Metrics) > maxMetrics {
		r.Metrics = r.Metrics[:maxMetrics]
	}
	for i := range r.Metrics {
		m := &r.Metrics[i]
		m.Name = clip(m.Name, 128)
		for _, text := range []*string{&m.Unit, &m.Warn, &m.Crit, &m.Min, &m.Max} {
			*text = clip(*text, 64)
		}
	}
}

func clip(s string, n int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
