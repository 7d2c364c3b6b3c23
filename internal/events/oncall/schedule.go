package oncall

import (
	"context"
	"encoding/json"
	"sort"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/oncall/roster"
	"mainstay/internal/platform/sqldb"
)

// Schedule is what a rota amounts to in a stretch of time.
type Schedule struct {
	From      time.Time         `json:"from"`
	To        time.Time         `json:"to"`
	TimeZone  string            `json:"timeZone"`
	Layers    []LayerShifts     `json:"layers" nullable:"false"`
	Overrides []Override        `json:"overrides" nullable:"false"`
	Final     []roster.Shift    `json:"final" nullable:"false" doc:"Who is on call, without overlaps"`
	Gaps      []roster.Span     `json:"gaps" nullable:"false" doc:"When nobody is"`
	Loads     []Load            `json:"loads" nullable:"false" doc:"Duty by person, the most first"`
	People    map[string]string `json:"people" doc:"Names by user name"`
}

// LayerShifts are those of one layer alone.
type LayerShifts struct {
	Name   string         `json:"name"`
	Shifts []roster.Shift `json:"shifts" nullable:"false"`
}

// Load is the duty of one person.
type Load struct {
	Person  string  `json:"person"`
	Hours   float64 `json:"hours"`
	Night   float64 `json:"nightHours" doc:"Between 22:00 and 07:00 in the rota's zone"`
	Weekend float64 `json:"weekendHours"`
	Shifts  int     `json:"shifts"`
}

// longestSchedule bounds one question.
const longestSchedule = 370 * 24 * time.Hour

// rotaOf reads the rota of a stored document.
func rotaOf(d document) (*roster.Rota, error) {
	r := &roster.Rota{}
	if err := json.Unmarshal(d.Spec, r); err != nil {
		return nil, err
	}
	return r, r.Prepare()
}

// scheduleOf computes what a rota amounts to from..to.
func (c *Component) scheduleOf(ctx context.Context, r *roster.Rota, kept []Override, from, to time.Time) (Schedule, error) {
	if !from.Before(to) || to.Sub(from) > longestSchedule {
		return Schedule{}, core.Invalid("to", "must be after from, by at most 370 days")
	}
	over := make([]roster.Override, len(kept))
	for i, o := range kept {
		over[i] = roster.Override{Name: o.Name, Person: o.Person, From: o.From, To: o.To}
	}
	s := Schedule{From: from.UTC(), To: to.UTC(), TimeZone: r.TimeZone, Overrides: kept, Layers: []LayerShifts{}, People: map[string]string{}}
	if s.Overrides == nil {
		s.Overrides = []Override{}
	}
	for i, l := range r.Layers {
		shifts := r.Layer(i, from, to)
		if shifts == nil {
			shifts = []roster.Shift{}
		}
		s.Layers = append(s.Layers, LayerShifts{Name: l.Name, Shifts: shifts})
	}
	if s.Final = r.Final(from, to, over); s.Final == nil {
		s.Final = []roster.Shift{}
	}
	s.Gaps = roster.Gaps(s.Final, from, to)
	s.Loads = loadsOf(roster.Loads(s.Final, r.Zone()))
	names := r.People()
	for _, o := range kept {
		names = append(names, o.Person)
	}
	for _, name := range names {
		if _, seen := s.People[name]; !seen {
			s.People[name] = c.nameOf(ctx, name)
		}
	}
	return s, nil
}

func loadsOf(by map[string]roster.Load) []Load {
	out := []Load{}
	for person, l := range by {
		out = append(out, Load{person, l.Total.Hours(), l.Night.Hours(), l.Weekend.Hours(), l.Shifts})
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Hours != out[j].Hours {
			return out[i].Hours > out[j].Hours
		}
		return out[i].Person < out[j].Person
	})
	return out
}

// nameOf is a person's name, or the user name of somebody who is gone.
func (c *Component) nameOf(ctx context.Context, username string) string {
	if p, err := c.deps.People.ByUsername(ctx, username); err == nil {
		return p.Name
	}
	return username
}

// Schedule answers for a rota that the caller may see.
func (c *Component) Schedule(ctx context.Context, name string, from, to time.Time) (Schedule, error) {
	d, err := c.see(ctx, c.deps.DB, kindRota, name, "oncall:read")
	if err != nil {
		return Schedule{}, err
	}
	r, err := rotaOf(d)
	if err != nil {
		return Schedule{}, err
	}
	_, kept, err := forRoster(ctx, c.deps.DB, name, from, to)
	if err != nil {
		return Schedule{}, err
	}
	return c.scheduleOf(ctx, r, kept, from, to)
}

// onCall is who has duty by a rota at a moment; false when nobody has.
func (c *Component) onCall(ctx context.Context, q sqldb.Querier, rota string, at time.Time) (roster.Shift, bool, error) {
	d, err := documentNamed(ctx, q, kindRota, rota)
	if err != nil {
		return roster.Shift{}, false, err
	}
	r, err := rotaOf(d)
	if err != nil {
		return roster.Shift{}, false, err
	}
	over, _, err := forRoster(ctx, q, rota, at, at.Add(time.Minute))
	if err != nil {
		return roster.Shift{}, false, err
	}
	shift, ok := r.At(at, over)
	return shift, ok, nil
}
