package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/priority"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// priorityColumn is a situation's priority as text: what a person set, else
// what follows.
const priorityColumn = "CASE WHEN priority_set > 0 THEN 'P' || CAST(priority_set AS TEXT) WHEN priority > 0 THEN 'P' || CAST(priority AS TEXT) ELSE '' END"

// SituationImpact is what a situation reaches, and what its priority follows from.
type SituationImpact struct {
	Services []priority.Service `json:"services" nullable:"false"`
	Sites    []string           `json:"sites" nullable:"false"`
	Users    int                `json:"users" doc:"Of the services, as their items say"`
	Targets  []priority.Target  `json:"targets" nullable:"false" doc:"Agreed availability of what is reached"`
	Impact   priority.Level     `json:"impact,omitempty" enum:",high,medium,low"`
	Urgency  priority.Level     `json:"urgency,omitempty" enum:",high,medium,low"`
	Why      []string           `json:"why" nullable:"false"`
	Computed string             `json:"computed,omitempty" doc:"The priority that follows from impact and urgency"`
	SetBy    string             `json:"setBy,omitempty" doc:"Who set another one by hand"`
	Note     string             `json:"note,omitempty" doc:"Why they did"`
}

// rating is what is kept of a situation's impact.
type rating struct {
	priority.Reach
	priority.Decision
}

// rate says what items reach and which priority follows.
func (c *Component) rate(items []string, severity core.Severity) rating {
	r := rating{Reach: c.deps.Reach.Reach(items)}
	r.Decision = c.matrix.Load().Decide(r.Reach, severity)
	return r
}

// read fills the view from what was kept, and returns the priority that holds.
func (v *SituationImpact) read(kept string, computed, set int, by, note string) (string, error) {
	var r rating
	err := fromText(kept, &r)
	*v = SituationImpact{Services: r.Services, Sites: r.Sites, Users: r.Users, Targets: r.Targets, Impact: r.Impact, Urgency: r.Urgency,
		Why: r.Why, Computed: priority.Name(computed), SetBy: by, Note: note}
	if v.Services == nil {
		v.Services = []priority.Service{}
	}
	if v.Sites == nil {
		v.Sites = []string{}
	}
	if v.Targets == nil {
		v.Targets = []priority.Target{}
	}
	if v.Why == nil {
		v.Why = []string{}
	}
	if set > 0 {
		return priority.Name(set), err
	}
	return v.Computed, err
}

// prioritise puts the priority that holds into what the ledger is told.
func (c *Component) prioritise(ctx context.Context, tx *sqldb.Tx, severity core.Severity, items []string, data *SituationData) error {
	d := c.rate(items, severity).Decision
	data.Priority, data.Impact, data.Urgency = priority.Name(d.Priority), d.Impact, d.Urgency
	var set int
	err := tx.QueryRow(ctx, "SELECT priority_set FROM events_situation WHERE id = $1", data.ID).Scan(&set)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil // it is new
	}
	if set > 0 {
		data.Priority, data.Set = priority.Name(set), true
	}
	return err
}

// SetPriority fixes a situation's priority by a person's decision; empty lets
// it follow from impact and urgency again.
func (c *Component) SetPriority(ctx context.Context, id, name, note string) error {
	if err := c.mayAct(ctx, id); err != nil {
		return err
	}
	set, ok := priority.Parse(name)
	if name != "" && !ok {
		return core.Invalid("priority", "must be P1, P2, P3, P4, P5 or empty")
	}
	if len(note) > maxNote || !plain(note) {
		return core.Invalid("note", "must be text of at most 10000 bytes")
	}
	actor := actorOf(ctx)
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return c.correlator.within(ctx, tx, func(now time.Time) (causes, error) {
			s := c.correlator.engine.Situation(id)
			if s == nil {
				return causes{}, core.Errorf(core.CodeConflict, "the situation is over")
			}
			var before int
			if err := tx.QueryRow(ctx, "SELECT priority_set FROM events_situation WHERE id = $1", id).Scan(&before); err != nil {
				return causes{}, err
			}
			if before == set {
				return causes{}, core.Errorf(core.CodeConflict, "that is what it is already")
			}
			by, why := actor.Name, fmt.Sprintf("%s set the priority to %s.", actor.Name, name)
			if set == 0 {
				by, why = "", actor.Name+" lets the priority follow from impact and urgency again."
			}
			_, err := tx.Exec(ctx, "UPDATE events_situation SET priority_set = $2, priority_by = $3, priority_note = $4, changed_at = $5 WHERE id = $1", id, int64(set), by, note, core.Micros(now))
			if err == nil {
				_, err = tx.Exec(ctx, "INSERT INTO events_note (id, situation, at, kind, from_ref, to_ref, why) VALUES ($1,$2,$3,'prioritised','','',$4)",
					c.deps.IDs.New(), id, core.Micros(now), why)
			}
			if err == nil && note != "" {
				err = c.comment(ctx, tx, core.Ref{Kind: "situation", ID: id}, actor, note)
			}
			if err != nil {
				return causes{}, err
			}
			data, err := c.situationData(ctx, tx, s)
			if err != nil {
				return causes{}, err
			}
			data.Why, data.Released = why, set == 0
			body, err := json.Marshal(data)
			if err != nil {
				return causes{}, err
			}
			_, err = c.deps.Ledger.Append(ctx, tx, ledger.Entry{
				Actor: actor, Module: module, Type: "events.situation.changed", Subject: core.Ref{Kind: "situation", ID: id},
				Item: s.Root().Item, Related: data.Items, Team: teamOf(s), Summary: why + " " + s.Title, Data: body,
			})
			return causes{actor: actor}, err
		})
	})
}
