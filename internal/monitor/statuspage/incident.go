package statuspage

import (
	"fmt"
	"slices"
	"time"

	"mainstay/internal/core"
)

// Status is how a component is.
type Status string

// The statuses, the best first.
const (
	Operational Status = "operational"
	Maintained  Status = "maintenance"
	Unclear     Status = "unknown"
	Degraded    Status = "degraded"
	Partial     Status = "partial-outage"
	Outage      Status = "outage"
)

func (s Status) rank() int {
	return slices.Index([]Status{Operational, Maintained, Unclear, Degraded, Partial, Outage}, s)
}

func worse(a, b Status) Status {
	if b.rank() > a.rank() {
		return b
	}
	return a
}

// The kinds of what people post.
const (
	kindIncident    = "incident"
	kindMaintenance = "maintenance"
)

// Affected is a component an incident is about.
type Affected struct {
	Name   string `json:"name"`
	Status Status `json:"status" enum:"operational,maintenance,degraded,partial-outage,outage"`
}

// Update is one thing that was said about an incident.
type Update struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Status string    `json:"status"`
	Body   string    `json:"body"`
	Author string    `json:"author,omitempty" doc:"Who posted it; not on the page"`
}

// Incident is one, or a maintenance, that people posted.
type Incident struct {
	ID         string     `json:"id"`
	Kind       string     `json:"kind" enum:"incident,maintenance"`
	Title      string     `json:"title"`
	Status     string     `json:"status" doc:"investigating, identified, monitoring, resolved; scheduled, in-progress, completed"`
	Components []Affected `json:"components" nullable:"false"`
	Starts     *time.Time `json:"startsAt,omitempty" doc:"Of a maintenance"`
	Ends       *time.Time `json:"endsAt,omitempty" doc:"Of a maintenance"`
	Created    time.Time  `json:"createdAt"`
	Resolved   *time.Time `json:"resolvedAt,omitempty"`
	Updates    []Update   `json:"updates" nullable:"false" doc:"Newest first"`
}

// Draft is what somebody posts: a new incident, or an update of one.
type Draft struct {
	Kind       string     `json:"kind,omitempty" enum:"incident,maintenance" doc:"Of a new one; incident when left out"`
	Title      string     `json:"title,omitempty" maxLength:"200" doc:"Of a new one; a new title, when given with an update"`
	Status     string     `json:"status" enum:"investigating,identified,monitoring,resolved,scheduled,in-progress,completed"`
	Body       string     `json:"body" minLength:"1" maxLength:"10000" doc:"What people are told, as text"`
	Components []Affected `json:"components,omitempty" maxItems:"200" doc:"In an update, those of the incident when left out"`
	Starts     *time.Time `json:"startsAt,omitempty" doc:"Of a maintenance"`
	Ends       *time.Time `json:"endsAt,omitempty" doc:"Of a maintenance"`
	Quiet      bool       `json:"quiet,omitempty" doc:"Send no mail"`
}

func statuses(kind string) []string {
	if kind == kindMaintenance {
		return []string{"scheduled", "in-progress", "completed"}
	}
	return []string{"investigating", "identified", "monitoring", "resolved"}
}

// over says that nothing more is expected.
func over(status string) bool { return status == "resolved" || status == "completed" }

// post makes a draft a part of an incident, which is new when it has no id.
func (inc *Incident) post(d Draft, spec *Spec, now time.Time) error {
	var bad []core.Detail
	check := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: field, Rule: rule})
		}
	}
	if inc.ID == "" {
		inc.Kind, inc.Created = d.Kind, now
		if inc.Kind == "" {
			inc.Kind = kindIncident
		}
		check(d.Title != "", "title", "must be given")
	} else {
		check(d.Kind == "" || d.Kind == inc.Kind, "kind", "cannot change")
	}
	check(slices.Contains(statuses(inc.Kind), d.Status), "status", fmt.Sprintf("must be one of %v", statuses(inc.Kind)))
	check(d.Body != "", "body", "must be given")
	parts := spec.parts()
	for i, a := range d.Components {
		check(parts[a.Name], fmt.Sprintf("components[%d].name", i), "is not a component of the page")
		check(a.Status.rank() >= 0 && a.Status != Unclear, fmt.Sprintf("components[%d].status", i), "must be operational, maintenance, degraded, partial-outage or outage")
	}
	if d.Starts != nil {
		inc.Starts = d.Starts
	}
	if d.Ends != nil {
		inc.Ends = d.Ends
	}
	if inc.Kind == kindMaintenance {
		check(inc.Starts != nil && inc.Ends != nil && inc.Starts.Before(*inc.Ends), "endsAt", "a maintenance needs startsAt, and endsAt after it")
	} else {
		check(inc.Starts == nil && inc.Ends == nil, "startsAt", "only a maintenance has times")
	}
	if len(bad) > 0 {
		return core.InvalidAll(bad)
	}
	if d.Title != "" {
		inc.Title = d.Title
	}
	if d.Components != nil || inc.Components == nil {
		inc.Components = append([]Affected{}, d.Components...)
	}
	inc.Status = d.Status
	inc.Resolved = nil
	if over(d.Status) {
		inc.Resolved = &now
	}
	return nil
}

// says is what the incident makes of a component now; Operational: nothing.
func (inc *Incident) says(part string, now time.Time) Status {
	if over(inc.Status) {
		return Operational
	}
	if inc.Kind == kindMaintenance && inc.Status == "scheduled" && (now.Before(*inc.Starts) || !now.Before(*inc.Ends)) {
		return Operational
	}
	for _, a := range inc.Components {
		if a.Name == part {
			return a.Status
		}
	}
	return Operational
}
