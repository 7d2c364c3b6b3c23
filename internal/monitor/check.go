package monitor

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
)

// CheckSpec is what a person declares of a check: what it is about, what is
// probed, and when a fault counts. Texts may hold ${item.name}, ${item.address},
// ${item.id} and ${item.<attribute>}, and "secret:<name>" as a whole value.
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
}

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

// validate names every field at fault.
func (s CheckSpec) validate(name string, cfg Configuration) error {
	f := faults(checkName(name))
	f = append(f, trial(s.Spec).Validate("spec.")...)
	ways := 0
	for _, used := range []bool{s.Item != "", len(s.Identities) > 0, s.Selector != ""} {
		if used {
			ways++
		}
	}
	f.check(ways == 1, "spec.item", "exactly one of item, identities and selector must say what the check is about")
	f.check(s.Item == "" || core.ValidID(s.Item), "spec.item", "must be the id of an item")
	for i, id := range s.Identities {
		f.check(id.Kind != "" && id.Value != "", fmt.Sprintf("spec.identities[%d]", i), "must have a kind and a value")
	}
	f.check(s.Interval == 0 || s.Interval.Std() >= cfg.MinInterval && s.Interval.Std() <= 24*time.Hour, "spec.interval", fmt.Sprintf("must be between %v and 24h", cfg.MinInterval))
	f.check(s.RetryInterval >= 0 && s.RetryInterval.Std() <= s.interval(), "spec.retryInterval", "must not be longer than the interval")
	f.check(s.Retries == nil || *s.Retries >= 0 && *s.Retries <= 100, "spec.retries", "must be between 0 and 100")
	f.check(s.Severity == nil || *s.Severity > core.Clear, "spec.severity", "must be one of info, warning, minor, major, critical")
	f.check(!slices.Contains(s.DependsOn, name), "spec.dependsOn", "a check cannot depend on itself")
	for i, d := range s.DependsOn {
		f.check(d != "", fmt.Sprintf("spec.dependsOn[%d]", i), "must name a check")
	}
	f.labels("spec.labels", s.Labels)
	f.check(s.RunOn == "" || s.RunOn == onServer || s.RunOn == onAgent, "spec.runOn", "must be server or agent")
	f.check(s.RunOn != onServer || !s.Local(), "spec.runOn", "process and service checks run on the agent")
	f.check(s.RunOn != onServer || s.Agent == "", "spec.agent", "a check that runs on the server names no agent")
	f.check(!s.commandHere() || cfg.mayRun(s.Command.Path), "spec.command.path", "lies in none of the directories whose programs may run on the server; an agent runs it with runOn: agent")
	return core.InvalidAll(f)
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
	if s.Retries == nil {
		return defaultRetries
	}
	return *s.Retries
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
func (s CheckSpec) commandHere() bool { return s.Command != nil && s.place() == onServer }

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

// trial is the spec with a stand-in for each of the item's values, which is
// valid as a name, a number and an address.
func trial(spec probe.Spec) probe.Spec {
	filled, err := substitute(spec, func(string) (string, bool) { return "1", true })
	if err != nil {
		return spec
	}
	return filled
}

// Check is a declared check.
type Check struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Spec      CheckSpec `json:"spec"`
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
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
