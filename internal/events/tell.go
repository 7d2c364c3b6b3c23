package events

import (
	"context"
	"encoding/json"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

const module = "events"

// telling is one change of an alert on its way to the ledger.
type telling struct {
	effect   Effect // the last part of the entry's type
	why      string
	reopened bool
	cause    string
	actor    ledger.Actor // the module itself when zero
	link     *core.Ref
}

// AlertData is the data of an events.alert.* ledger entry.
type AlertData struct {
	ID        string            `json:"id"`
	Key       string            `json:"key"`
	Severity  core.Severity     `json:"severity"`
	Title     string            `json:"title"`
	Item      string            `json:"item,omitempty"`
	Check     string            `json:"check,omitempty"`
	Source    string            `json:"source"`
	Labels    map[string]string `json:"labels,omitempty"`
	State     State             `json:"state"`
	OpenedAt  time.Time         `json:"openedAt"`
	Situation string            `json:"situation,omitempty"`
	Flapping  bool              `json:"flapping,omitempty"`
	Reopened  bool              `json:"reopened,omitempty"`
	Assignee  string            `json:"assignee,omitempty"`
	Assigned  string            `json:"assignedTeam,omitempty"`
	Until     time.Time         `json:"snoozedUntil,omitzero"`
	Link      *core.Ref         `json:"link,omitempty"` // that was added or removed
	Why       string            `json:"why,omitempty"`
}

// tell appends the ledger entry of a change of an alert's state.
func (c *Component) tell(ctx context.Context, tx *sqldb.Tx, a *Alert, t telling) error {
	data, err := json.Marshal(AlertData{
		ID: a.ID, Key: a.Key, Severity: a.Severity, Title: a.Title, Item: a.Item, Check: a.Check, Source: a.Source, Labels: a.Labels,
		State: a.State(), OpenedAt: a.OpenedAt, Situation: a.Situation, Flapping: a.Flapping, Reopened: t.reopened, Assignee: a.Assignee, Assigned: a.AssignedTeam, Until: a.Hold.Until, Link: t.link, Why: t.why,
	})
	if err != nil {
		return err
	}
	if t.actor.Kind == "" {
		t.actor = ledger.System(module)
	}
	summary := a.Title
	if t.why != "" {
		summary += ": " + t.why
	}
	_, err = c.deps.Ledger.Append(ctx, tx, ledger.Entry{
		Actor: t.actor, Module: module, Type: "events.alert." + string(t.effect), Subject: core.Ref{Kind: "alert", ID: a.ID},
		Item: a.Item, Team: a.Team, Summary: summary, Data: data, Cause: t.cause,
	})
	return err
}
