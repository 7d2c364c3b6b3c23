package oncall

import (
	"fmt"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
)

// The urgencies of a page.
const (
	High = "high"
	Low  = "low"
)

// Policy is the spec of a document of kind EscalationPolicy: which situations
// page, and whom in which order.
type Policy struct {
	Title    string          `json:"title,omitempty" maxLength:"200"`
	Team     string          `json:"team,omitempty" maxLength:"100" doc:"The team it belongs to"`
	Rank     int             `json:"rank,omitempty" minimum:"0" maximum:"1000000" doc:"Policies are tried by rank, then by name; the first that fits is used"`
	Match    Match           `json:"match,omitempty,omitzero" doc:"Which situations page; all when empty"`
	Urgency  string          `json:"urgency,omitempty" enum:"high,low,severity" doc:"severity: critical and major are high, the others low. That is the default"`
	Gather   *probe.Duration `json:"gather,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"How long a situation is gathered before the first step, so that a storm is one page; 10s when absent"`
	Steps    []Step          `json:"steps" nullable:"false" minItems:"1" maxItems:"30"`
	Repeat   int             `json:"repeat,omitempty" minimum:"0" maximum:"100" doc:"How often the steps are gone through again when nobody acknowledges"`
	Fallback []Target        `json:"fallback,omitempty" maxItems:"50" doc:"Who is told when all steps are through"`
}

// Match selects situations; every part that is given must fit.
type Match struct {
	Severity core.Severity     `json:"severity,omitempty" enum:"info,warning,minor,major,critical" doc:"At least this severe"`
	Teams    []string          `json:"teams,omitempty" maxItems:"100" doc:"Teams, one of which it belongs to"`
	Classes  []string          `json:"classes,omitempty" maxItems:"100" doc:"Classes, of one of which it has an item"`
	Services []string          `json:"services,omitempty" maxItems:"100" doc:"Names of business services, one of which it reaches"`
	Labels   map[string]string `json:"labels,omitempty" doc:"Labels that one of its alerts must have, all of them"`
}

// Step tells some people and waits.
type Step struct {
	Notify []Target       `json:"notify" nullable:"false" minItems:"1" maxItems:"50"`
	Wait   probe.Duration `json:"wait,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"How long until the next step; 5m when absent"`
}

// Target is who is told; exactly one field is given.
type Target struct {
	Person  string `json:"person,omitempty" maxLength:"100" doc:"User name"`
	Rota    string `json:"rota,omitempty" maxLength:"200" doc:"Whoever is on call by this rota"`
	Team    string `json:"team,omitempty" maxLength:"100" doc:"Everybody of a team"`
	Channel string `json:"channel,omitempty" maxLength:"200" doc:"A channel by itself, such as a team's chat"`
}

func (t Target) String() string {
	switch {
	case t.Person != "":
		return "person " + t.Person
	case t.Rota != "":
		return "rota " + t.Rota
	case t.Team != "":
		return "team " + t.Team
	}
	return "channel " + t.Channel
}

const (
	standardWait = 5 * time.Minute
	longestWait  = 7 * 24 * time.Hour

	longestGather = time.Hour
)

// gathers says how long the first step waits.
func (p Policy) gathers(standard time.Duration) time.Duration {
	if p.Gather == nil {
		return standard
	}
	return time.Duration(*p.Gather)
}

func (s Step) wait() time.Duration {
	if s.Wait == 0 {
		return standardWait
	}
	return time.Duration(s.Wait)
}

// Validate names every field that breaks a rule.
func (p Policy) Validate() error {
	var bad []core.Detail
	add := func(field, rule string) { bad = append(bad, core.Detail{Field: "spec." + field, Rule: rule}) }
	if len(p.Steps) == 0 || len(p.Steps) > 30 {
		add("steps", "must be 1 to 30 steps")
	}
	targets := func(field string, list []Target) {
		for i, t := range list {
			given := 0
			for _, part := range []string{t.Person, t.Rota, t.Team, t.Channel} {
				if part != "" {
					given++
				}
			}
			if given != 1 {
				add(fmt.Sprintf("%s[%d]", field, i), "must name exactly one person, rota, team or channel")
			}
		}
	}
	for i, s := range p.Steps {
		if len(s.Notify) == 0 {
			add(fmt.Sprintf("steps[%d].notify", i), "must name somebody")
		}
		targets(fmt.Sprintf("steps[%d].notify", i), s.Notify)
		if w := s.wait(); w < time.Second || w > longestWait {
			add(fmt.Sprintf("steps[%d].wait", i), "must be between 1s and 168h")
		}
	}
	targets("fallback", p.Fallback)
	if g := p.gathers(0); g < 0 || g > longestGather {
		add("gather", "must be between 0s and 1h")
	}
	if p.Repeat < 0 || p.Repeat > 100 {
		add("repeat", "must be 0 to 100")
	}
	if !slices.Contains([]string{"", High, Low, "severity"}, p.Urgency) {
		add("urgency", "must be high, low or severity")
	}
	return core.InvalidAll(bad)
}

// urgency of a situation under this policy.
func (p Policy) urgency(severity core.Severity) string {
	if p.Urgency == High || p.Urgency == Low {
		return p.Urgency
	}
	if severity >= core.Major {
		return High
	}
	return Low
}

// fits says whether a situation is one of those selected.
func (m Match) fits(s Situation) bool {
	if s.Severity < m.Severity {
		return false
	}
	any := func(wanted, have []string) bool {
		return len(wanted) == 0 || slices.ContainsFunc(have, func(h string) bool { return slices.Contains(wanted, h) })
	}
	if !any(m.Teams, []string{s.Team}) || !any(m.Classes, s.Classes) || !any(m.Services, s.Services) {
		return false
	}
	return len(m.Labels) == 0 || slices.ContainsFunc(s.Labels, func(labels map[string]string) bool {
		for name, value := range m.Labels {
			if labels[name] != value {
				return false
			}
		}
		return true
	})
}
