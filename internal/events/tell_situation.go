package events

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
	"mainstay/internal/events/priority"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// listedMost bounds the ids in one ledger entry; the counts are always true.
const listedMost = 500

// SituationData is the data of an events.situation.* ledger entry.
type SituationData struct {
	ID         string            `json:"id"`
	Title      string            `json:"title"`
	Severity   core.Severity     `json:"severity"`
	State      correlation.State `json:"state"`
	MergedInto string            `json:"mergedInto,omitempty"`
	RootCause  RootCause         `json:"rootCause"`
	Alerts     []string          `json:"alerts"` // the first 500 ids
	Items      []string          `json:"items"`
	Checks     []string          `json:"checks"`
	Services   []Service         `json:"services"`
	AlertCount int               `json:"alertCount"`
	ItemCount  int               `json:"itemCount"`
	OpenedAt   time.Time         `json:"openedAt"`
	Why        string            `json:"why,omitempty"`

	Priority string         `json:"priority,omitempty"` // P1 to P5
	Impact   priority.Level `json:"impact,omitempty"`
	Urgency  priority.Level `json:"urgency,omitempty"`
	Set      bool           `json:"prioritySet,omitempty"`      // by a person
	Released bool           `json:"priorityReleased,omitempty"` // a person has just taken that back
}

// RootCause is what a situation is blamed on.
type RootCause struct {
	Item       string   `json:"item,omitempty"`
	Alert      string   `json:"alert,omitempty"`
	Name       string   `json:"name,omitempty"`
	Confidence float64  `json:"confidence"`
	Reasons    []string `json:"reasons"` // the sentences; the situation's page has what they refer to
	Confirmed  bool     `json:"confirmed,omitempty"`
}

func rootCauseOf(s *correlation.Situation) RootCause {
	root := s.Root()
	reasons := make([]string, 0, len(root.Reasons))
	for _, r := range root.Reasons {
		reasons = append(reasons, r.Text)
	}
	return RootCause{Item: root.Item, Alert: root.Alert, Name: root.Name, Confidence: root.Confidence, Reasons: reasons, Confirmed: s.Confirmed != ""}
}

// verb is the last part of the entry's type; "" when there is nothing to tell.
func verb(c *correlation.Change) string {
	switch {
	case c.Situation.Held, c.Merged && c.Opened:
		return "" // nobody has heard of it
	case c.Opened:
		return "opened"
	case c.Merged, c.Closed:
		return "closed"
	case c.Reopened:
		return "reopened"
	case c.Material:
		return "changed"
	}
	return ""
}

func (c *Component) tellSituation(ctx context.Context, tx *sqldb.Tx, change *correlation.Change, why causes) error {
	v := verb(change)
	if v == "" {
		return nil
	}
	s := change.Situation
	data, err := c.situationData(ctx, tx, s)
	if err != nil {
		return err
	}
	cause := why.last
	if id := s.Root().Alert; why.byAlert[id] != "" {
		cause = why.byAlert[id]
	}
	summary := summaryOf(s, v)
	if n := len(change.Notes); n > 0 {
		data.Why = change.Notes[n-1].Why
		if why.actor.Kind != "" { // the decision comes before what followed from it
			data.Why = change.Notes[0].Why
			summary = data.Why + " " + summary
		}
	}
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	actor := why.actor
	if actor.Kind == "" {
		actor = ledger.System(module)
	}
	_, err = c.deps.Ledger.Append(ctx, tx, ledger.Entry{
		Actor: actor, Module: module, Type: "events.situation." + v, Subject: core.Ref{Kind: "situation", ID: s.ID},
		Item: s.Root().Item, Related: data.Items, Team: teamOf(s), Summary: summary, Data: body, Cause: cause,
	})
	return err
}

// situationData is what a ledger entry tells of a situation.
func (c *Component) situationData(ctx context.Context, tx *sqldb.Tx, s *correlation.Situation) (SituationData, error) {
	items := itemsOf(s)
	data := SituationData{
		ID: s.ID, Title: s.Title, Severity: s.Severity, State: s.State, MergedInto: s.Into, RootCause: rootCauseOf(s),
		Items: items[:min(len(items), listedMost)], ItemCount: len(items), AlertCount: len(s.Alerts), OpenedAt: s.OpenedAt,
		Services: c.deps.Impact.Services(items), Alerts: make([]string, 0, len(s.Alerts)), Checks: []string{},
	}
	if data.Services == nil {
		data.Services = []Service{}
	}
	if data.Items == nil {
		data.Items = []string{}
	}
	for id, a := range s.Alerts {
		data.Alerts = append(data.Alerts, id)
		if a.Check != "" && a.Active {
			data.Checks = append(data.Checks, a.Check)
		}
	}
	data.Alerts, data.Checks = bounded(data.Alerts), bounded(data.Checks)
	return data, c.prioritise(ctx, tx, s.Severity, items, &data)
}

func summaryOf(s *correlation.Situation, verb string) string {
	if s.State == correlation.Merged {
		return "Situation merged: " + s.Title
	}
	return "Situation " + verb + ": " + s.Title
}

// bounded sorts ids, removes those named twice and keeps the first.
func bounded(ids []string) []string {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[:min(len(ids), listedMost)]
}
