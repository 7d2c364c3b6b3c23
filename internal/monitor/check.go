package monitor

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/beat"
	"mainstay/internal/platform/probe"
)

// CheckSpec is what a person declares of a check: what it is about, what is
// probed, and when a fault counts. With a selector it is a template: it applies
// to every item that the selector matches, now and later. Texts may hold
// ${item.name}, ${item.address}, ${item.id}, ${item.<attribute>} and
// ${parameter.<name>}, each with a value for want of one as in
// ${item.port:-443}, and "secret:<name>" as a whole value.
type CheckSpec struct {
	Description string          `json:"description,omitempty"`
	Item        string          `json:"item,omitempty" doc:"id of the item the check is about"`
	Identities  []core.Identity `json:"identities,omitempty" doc:"how the item is found, instead of its id"`
	Selector    string          `json:"selector,omitempty" doc:"selects many items: one target each"`
	Team        string          `json:"team,omitempty"`

	probe.Spec

	Interval      probe.Duration    `json:"interval,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"how often; 1m when left out"`
	Retries       *int              `json:"retries,omitempty" doc:"failing results needed beyond the first before a fault counts; 2 when left out"`
	RetryInterval probe.Duration    `json:"retryInterval,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"how long after a failing result that does not count yet; at most the interval, 15s when left out"`
	Severity      *core.Severity    `json:"severity,omitempty" doc:"of a critical result; critical when left out"`
	DependsOn     []string          `json:"dependsOn,omitempty" doc:"names of checks without which this one cannot be well"`
	Labels        map[string]string `json:"labels,omitempty" doc:"put on events"`
	RunOn         string            `json:"runOn,omitempty" doc:"server or agent; process and service run on the agent"`
	Agent         string            `json:"agent,omitempty" doc:"id of the agent that runs it; the item's own when left out"`
	Disabled      bool              `json:"disabled,omitempty"`

	Heartbeat  *beat.Heartbeat   `json:"heartbeat,omitempty" doc:"nothing is probed: a job pings, and a ping that does not come is the fault"`
	Passive    *beat.Passive     `json:"passive,omitempty" doc:"nothing is probed: results are pushed by others"`
	Locations  []string          `json:"locations,omitempty" maxItems:"50" doc:"where it runs, each time at all of them: names of agents, and server"`
	Places     string            `json:"locationSelector,omitempty" maxLength:"5000" doc:"selects items whose agents are locations, besides those named"`
	Agree      int               `json:"agree,omitempty" minimum:"0" maximum:"50" doc:"how many locations must find a fault; more than half when left out"`
	Parameters map[string]string `json:"parameters,omitempty" doc:"values of ${parameter.<name>}"`
	Overrides  []Override        `json:"overrides,omitempty" maxItems:"2000" doc:"what is different for some of the items; of several that fit an item, later ones win"`
}

// Kind names what the check measures with.
func (s CheckSpec) Kind() string {
	switch {
	case s.Heartbeat != nil:
		return "heartbeat"
	case s.Passive != nil:
		return "passive"
	}
	return s.Spec.Kind()
}

// pushed says that results come from outside.
func (s CheckSpec) pushed() bool { return s.Heartbeat != nil || s.Passive != nil }

// spread says that the check runs at several places.
func (s CheckSpec) spread() bool { return len(s.Locations) > 0 || s.Places != "" }

// Where a check runs.
const (
	onServer = "server"
	onAgent  = "agent"
)

const (
	defaultInterval      = time.Minute
	defaultRetryInterval = 15 * time.Second
	defaultRetries       = 2
	maxNameLength        = 120
)

var (
	documentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/@:-]*$`)
	labelName    = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
)

// checkName is the rule for the name of every document of this module.
func checkName(name string) []core.Detail {
	if len(name) > maxNameLength || !documentName.MatchString(name) {
		return []core.Detail{{Field: "name", Rule: "must be letters, digits and . _ / @ : -, beginning with a letter or digit, at most 120 characters"}}
	}
	return nil
}

// faults collects what is wrong with a document.
type faults []core.Detail

func (f *faults) check(ok bool, field, rule string) {
	if !ok {
		*f = append(*f, core.Detail{Field: field, Rule: rule})
	}
}

func (f *faults) labels(field string, labels map[string]string) {
	for k := range labels {
		f.check(labelName.MatchString(k) && !strings.HasPrefix(k, "__"), field+"."+k, "must be letters, digits and _, not beginning with a digit or __")
	}
}

func (s CheckSpec) interval() time.Duration {
	if s.Interval == 0 {
		return defaultInterval
	}
	return s.Interval.Std()
}

func (s CheckSpec) retryInterval() time.Duration {
	if s.RetryInterval == 0 {
		return min(defaultRetryInterval, s.interval())
	}
	return s.RetryInterval.Std()
}

func (s CheckSpec) retries() int {
	switch {
	case s.Retries != nil:
		return *s.Retries
	case s.pushed():
		return 0 // nobody asks again: what was said counts
	}
	return defaultRetries
}

// place is where the check runs.
func (s CheckSpec) place() string {
	if s.RunOn != "" {
		return s.RunOn
	}
	if s.Local() || s.Agent != "" {
		return onAgent
	}
	return onServer
}

// commandHere says that the check starts a program on the server.
func (s CheckSpec) commandHere() bool {
	here := s.place() == onServer
	if s.spread() {
		here = slices.Contains(s.Locations, serverPlace)
	}
	return s.Command != nil && here
}

// severity of a fault: the declared one for critical, less for the others.
func (s CheckSpec) severity(status Status) core.Severity {
	top := core.Critical
	if s.Severity != nil {
		top = *s.Severity
	}
	switch status {
	case Critical:
		return top
	case Warning:
		return min(core.Warning, top)
	case Unknown:
		return min(core.Minor, top)
	default:
		return core.Clear
	}
}

// Check is a declared check.
type Check struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Spec      CheckSpec `json:"spec"`
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`

	overridden []int // which overrides made this variant of the check
}

// cycle returns the names along a circle of dependencies that name would close, or nil.
func cycle(name string, dependsOn func(string) []string) []string {
	seen := map[string]bool{}
	var path []string
	var visit func(string) bool
	visit = func(at string) bool {
		path = append(path, at)
		for _, next := range dependsOn(at) {
			if next == name {
				path = append(path, next)
				return true
			}
			if !seen[next] {
				seen[next] = true
				if visit(next) {
					return true
				}
			}
		}
		path = path[:len(path)-1]
		return false
	}
	if visit(name) {
		return path
	}
	return nil
}
