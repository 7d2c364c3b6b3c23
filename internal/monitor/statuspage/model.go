package statuspage

import (
	"time"
)

// Shown is a page as people outside see it: declared names, and nothing else.
type Shown struct {
	Title       string       `json:"title"`
	Slug        string       `json:"slug"`
	Description string       `json:"description,omitempty"`
	Status      Status       `json:"status"`
	Updated     time.Time    `json:"updated" doc:"When this was true"`
	TimeZone    string       `json:"timeZone"`
	Groups      []ShownGroup `json:"groups" nullable:"false"`
	Open        []Incident   `json:"incidents" nullable:"false" doc:"Incidents that are open, newest first"`
	Planned     []Incident   `json:"maintenance" nullable:"false" doc:"Maintenance that is on or planned, the next first"`
	Past        []Incident   `json:"past" nullable:"false" doc:"Of the last 14 days, newest first"`
	Subscribe   bool         `json:"subscribe" doc:"Mail is offered"`
}

// ShownGroup is a heading with components.
type ShownGroup struct {
	Name       string      `json:"name,omitempty"`
	Components []ShownPart `json:"components" nullable:"false"`
}

// ShownPart is a component.
type ShownPart struct {
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	Status      Status     `json:"status"`
	Uptime      *float64   `json:"uptime,omitempty" doc:"Percent of the days shown; absent when nothing is known"`
	Days        []ShownDay `json:"days,omitempty" doc:"Oldest first"`
}

// ShownDay is one day of a component.
type ShownDay struct {
	Date   string   `json:"date"`
	Status Status   `json:"status"`
	Uptime *float64 `json:"uptime,omitempty"`
}

const (
	historyDays = 90
	pastDays    = 14
)

// arrange puts incidents where they are shown, without who wrote them.
func (s *Shown) arrange(all []Incident, now time.Time) {
	s.Open, s.Planned, s.Past = []Incident{}, []Incident{}, []Incident{}
	for _, inc := range all { // newest first
		updates := make([]Update, len(inc.Updates))
		for i, u := range inc.Updates {
			u.Author = ""
			updates[i] = u
		}
		inc.Updates = updates
		switch {
		case over(inc.Status):
			if inc.Resolved != nil && now.Sub(*inc.Resolved) < pastDays*24*time.Hour {
				s.Past = append(s.Past, inc)
			}
		case inc.Kind == kindMaintenance:
			s.Planned = append([]Incident{inc}, s.Planned...)
		default:
			s.Open = append(s.Open, inc)
		}
	}
	for i := 1; i < len(s.Planned); i++ { // a few: by when they begin
		for j := i; j > 0 && s.Planned[j].Starts.Before(*s.Planned[j-1].Starts); j-- {
			s.Planned[j], s.Planned[j-1] = s.Planned[j-1], s.Planned[j]
		}
	}
}
