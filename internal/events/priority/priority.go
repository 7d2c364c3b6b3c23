package priority

import (
	"fmt"
	"slices"
	"strings"

	"mainstay/internal/core"
)

// Level is an impact or an urgency.
type Level string

// The levels.
const (
	High   Level = "high"
	Medium Level = "medium"
	Low    Level = "low"
)

// Service is a business service that is reached.
type Service struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Criticality int    `json:"criticality,omitempty"` // 0 unknown, 1 low ... 4 critical
}

// Reach is what a fault reaches.
type Reach struct {
	Services []Service `json:"services"`
	Sites    []string  `json:"sites"`
	Users    int       `json:"users" doc:"Of the services, as their items say"`
	Targets  []Target  `json:"targets" doc:"Agreed availability of what is reached"`
}

// Target is an agreement on the availability of an item that is reached.
type Target struct {
	Name    string  `json:"name"`
	Item    string  `json:"item"`
	Percent float64 `json:"percent"`
}

// Decision is a priority with what it follows from.
type Decision struct {
	Priority int      `json:"priority"` // 1 to 5
	Impact   Level    `json:"impact"`
	Urgency  Level    `json:"urgency"`
	Why      []string `json:"why"`
}

// Threshold is what makes an impact: any one of what it names.
type Threshold struct {
	Criticality string `json:"criticality,omitempty" enum:"low,medium,high,critical" doc:"A service at least so critical is reached"`
	Services    int    `json:"services,omitempty" minimum:"0" doc:"So many services are"`
	Sites       int    `json:"sites,omitempty" minimum:"0" doc:"So many sites are"`
	Users       int    `json:"users,omitempty" minimum:"0" doc:"So many users are"`
	Targets     int    `json:"targets,omitempty" minimum:"0" doc:"So many items with agreed availability are"`
}

// Matrix is the table, and what leads into it.
type Matrix struct {
	Impact struct {
		High   Threshold `json:"high,omitzero"`
		Medium Threshold `json:"medium,omitzero"`
	} `json:"impact" doc:"An impact that is neither high nor medium is low"`
	Urgency struct {
		High   string `json:"high" enum:"info,warning,minor,major,critical" doc:"A severity that is at least this"`
		Medium string `json:"medium" enum:"info,warning,minor,major,critical"`
	} `json:"urgency"`
	Priorities map[Level]map[Level]string `json:"priorities" doc:"P1 to P5 by impact, then urgency"`
}

// Default is the table without a document.
func Default() Matrix {
	m := Matrix{Priorities: map[Level]map[Level]string{
		High:   {High: "P1", Medium: "P2", Low: "P3"},
		Medium: {High: "P2", Medium: "P3", Low: "P4"},
		Low:    {High: "P3", Medium: "P4", Low: "P5"},
	}}
	m.Impact.High = Threshold{Criticality: "high", Services: 3, Sites: 3, Users: 1000}
	m.Impact.Medium = Threshold{Services: 1, Sites: 2, Users: 1, Targets: 1}
	m.Urgency.High, m.Urgency.Medium = "critical", "minor"
	return m
}

func levels() []Level { return []Level{High, Medium, Low} }

// criticalities are the names of a service's criticality by its number.
func criticalities() []string { return []string{"unknown", "low", "medium", "high", "critical"} }

// Validate names every field that cannot work.
func (m Matrix) Validate() error {
	var bad []core.Detail
	add := func(field, rule string) { bad = append(bad, core.Detail{Field: "spec." + field, Rule: rule}) }
	for name, t := range map[string]Threshold{"high": m.Impact.High, "medium": m.Impact.Medium} {
		if t.Criticality != "" && !slices.Contains(criticalities()[1:], t.Criticality) {
			add("impact."+name+".criticality", "must be low, medium, high or critical")
		}
		for field, n := range map[string]int{"services": t.Services, "sites": t.Sites, "users": t.Users, "targets": t.Targets} {
			if n < 0 {
				add("impact."+name+"."+field, "must not be negative")
			}
		}
	}
	high, err := core.ParseSeverity(m.Urgency.High)
	if err != nil {
		add("urgency.high", "must be a severity")
	}
	medium, err2 := core.ParseSeverity(m.Urgency.Medium)
	if err2 != nil {
		add("urgency.medium", "must be a severity")
	}
	if err == nil && err2 == nil && medium > high {
		add("urgency.medium", "must not be more severe than high")
	}
	for _, impact := range levels() {
		for _, urgency := range levels() {
			if _, ok := Parse(m.Priorities[impact][urgency]); !ok {
				add(fmt.Sprintf("priorities.%s.%s", impact, urgency), "must be P1, P2, P3, P4 or P5")
			}
		}
	}
	for impact, row := range m.Priorities {
		if !slices.Contains(levels(), impact) {
			add("priorities."+string(impact), "is not an impact: high, medium or low")
		}
		for urgency := range row {
			if !slices.Contains(levels(), urgency) {
				add("priorities."+string(impact)+"."+string(urgency), "is not an urgency: high, medium or low")
			}
		}
	}
	return core.InvalidAll(bad)
}

// Parse reads P1 to P5.
func Parse(name string) (int, bool) {
	if len(name) == 2 && name[0] == 'P' && name[1] >= '1' && name[1] <= '5' {
		return int(name[1] - '0'), true
	}
	return 0, false
}

// Name writes a priority: P1.
func Name(p int) string {
	if p < 1 || p > 5 {
		return ""
	}
	return fmt.Sprintf("P%d", p)
}

// Decide finds the priority of what reaches so far and is so severe. The matrix
// has passed Validate.
func (m Matrix) Decide(r Reach, severity core.Severity) Decision {
	d := Decision{Impact: Low, Urgency: Low}
	for _, one := range []struct {
		level Level
		least Threshold
	}{{High, m.Impact.High}, {Medium, m.Impact.Medium}} {
		if why := one.least.met(r); len(why) > 0 {
			d.Impact = one.level
			d.Why = append(d.Why, fmt.Sprintf("Impact %s: %s.", one.level, strings.Join(why, ", ")))
			break
		}
	}
	if d.Impact == Low {
		d.Why = append(d.Why, "Impact low: it reaches "+r.words()+".")
	}
	if high, err := core.ParseSeverity(m.Urgency.High); err == nil && severity >= high {
		d.Urgency = High
	} else if medium, err := core.ParseSeverity(m.Urgency.Medium); err == nil && severity >= medium {
		d.Urgency = Medium
	}
	d.Why = append(d.Why, fmt.Sprintf("Urgency %s: the worst alert is %s.", d.Urgency, severity))
	d.Priority, _ = Parse(m.Priorities[d.Impact][d.Urgency])
	return d
}

// met tells what of a threshold is reached.
func (t Threshold) met(r Reach) (why []string) {
	if least := slices.Index(criticalities(), t.Criticality); least > 0 {
		for _, s := range r.Services {
			if s.Criticality >= least {
				why = append(why, fmt.Sprintf("%s has the criticality %s", s.Name, criticalities()[s.Criticality]))
				break
			}
		}
	}
	for _, one := range []struct {
		least, is int
		what      string
	}{{t.Services, len(r.Services), "service"}, {t.Sites, len(r.Sites), "site"}, {t.Users, r.Users, "user"}, {t.Targets, len(r.Targets), "agreed availability"}} {
		if one.least > 0 && one.is >= one.least {
			why = append(why, "it reaches "+count(one.is, one.what))
		}
	}
	return why
}

func (r Reach) words() string {
	var parts []string
	if n := len(r.Services); n > 0 {
		parts = append(parts, count(n, "service"))
	}
	if n := len(r.Sites); n > 0 {
		parts = append(parts, count(n, "site"))
	}
	if len(parts) == 0 {
		return "no service"
	}
	return strings.Join(parts, ", ")
}

func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "y"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(what, "y"))
	}
	return fmt.Sprintf("%d %ss", n, what)
}
