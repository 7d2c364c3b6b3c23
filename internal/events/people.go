package events

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Action is what a person does to alerts.
type Action string

// The actions.
const (
	Acknowledge   Action = "acknowledge"
	Unacknowledge Action = "unacknowledge"
	Comment       Action = "comment"
	ClearAlert    Action = "clear"
	Assign        Action = "assign"
)

// Actions lists them.
func Actions() []Action { return []Action{Acknowledge, Unacknowledge, Comment, ClearAlert, Assign} }

const maxNote = 10_000

// actorOf is the caller as the ledger names actors.
func actorOf(ctx context.Context) ledger.Actor {
	if p := auth.From(ctx); p != nil {
		return ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	return ledger.System(module)
}

// Outcome is what became of one alert of an action on many.
type Outcome struct {
	ID    string `json:"id"`
	Done  bool   `json:"done"`
	Error string `json:"error,omitempty" doc:"Why it was not done"`
}

// Act does one thing to alerts, in one transaction. An alert it cannot be done
// to is named in its outcome; the others are done.
func (c *Component) Act(ctx context.Context, action Action, ids []string, text string) ([]Outcome, error) {
	if !slices.Contains(Actions(), action) {
		return nil, core.Invalid("action", "must be acknowledge, unacknowledge, comment, clear or assign")
	}
	if len(text) > maxNote || !plain(text) {
		return nil, core.Invalid("text", "must be text of at most 10000 bytes")
	}
	if action == Comment && strings.TrimSpace(text) == "" {
		return nil, core.Invalid("text", "must not be empty")
	}
	var outcomes []Outcome
	var changed []*Alert
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		outcomes, changed = outcomes[:0], nil
		alerts, err := alertsWhere(ctx, tx, "id IN ("+sqldb.In(len(ids), 1)+") ORDER BY id", true, anys(ids)...)
		if err != nil {
			return err
		}
		for _, id := range ids {
			at := slices.IndexFunc(alerts, func(a *Alert) bool { return a.ID == id })
			if at < 0 || !auth.From(ctx).Scope("alerts:act").Allows(alerts[at].Team) {
				outcomes = append(outcomes, Outcome{ID: id, Error: "no such alert"})
				continue
			}
			if err := c.actOn(ctx, tx, action, alerts[at], text); core.CodeOf(err) == core.CodeConflict {
				outcomes = append(outcomes, Outcome{ID: id, Error: err.Error()})
				continue
			} else if err != nil {
				return err
			}
			changed = append(changed, alerts[at])
			outcomes = append(outcomes, Outcome{ID: id, Done: true})
		}
		return c.updateAlerts(ctx, tx, changed)
	})
	if err == nil {
		c.seen(changed)
	}
	return outcomes, err
}

func (c *Component) actOn(ctx context.Context, tx *sqldb.Tx, action Action, a *Alert, text string) error {
	now, by := c.deps.Clock.Now(), actorOf(ctx)
	t := telling{actor: by, effect: Changed}
	switch action {
	case Acknowledge:
		if !a.Active {
			return core.Errorf(core.CodeConflict, "it is cleared")
		}
		a.Acknowledge(by.Name, text, now)
		t.effect, t.why = "acknowledged", "Acknowledged by "+by.Name+"."
	case Unacknowledge:
		if a.AckedBy == "" {
			return core.Errorf(core.CodeConflict, "it is not acknowledged")
		}
		a.unacknowledge()
		a.stamp(now)
		t.why = by.Name + " took the acknowledgement back."
	case ClearAlert:
		if !c.policy.ClearNow(a, now) {
			return core.Errorf(core.CodeConflict, "it is cleared already")
		}
		t.effect, t.why = Ended, "Cleared by "+by.Name+"."
	case Assign:
		a.Assignee = text
		a.stamp(now)
		t.why = fmt.Sprintf("Assigned to %s by %s.", text, by.Name)
		if text == "" {
			t.why = by.Name + " took the assignment back."
		}
	case Comment:
		t.effect, t.why = "commented", text
	}
	if text != "" && action != Assign {
		if err := c.comment(ctx, tx, core.Ref{Kind: "alert", ID: a.ID}, by, text); err != nil {
			return err
		}
	}
	return c.tell(ctx, tx, a, t)
}

// comment keeps what a person wrote about an alert or situation.
func (c *Component) comment(ctx context.Context, tx *sqldb.Tx, subject core.Ref, by ledger.Actor, text string) error {
	_, err := tx.Exec(ctx, "INSERT INTO events_comment (id, subject_kind, subject_id, at, by_id, by_name, body) VALUES ($1,$2,$3,$4,$5,$6,$7)",
		c.deps.IDs.New(), subject.Kind, subject.ID, core.Micros(c.deps.Clock.Now()), by.ID, by.Name, text)
	return err
}
