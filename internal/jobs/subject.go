package jobs

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// subject is a situation or an alert as its latest ledger entry tells it.
type subject struct {
	kind  string
	id    string
	entry string // id of the ledger entry
	item  string // root cause of a situation, item of an alert
	data  json.RawMessage

	opened int64 // when it opened, or opened again, in microseconds
	since  int64 // since when it is about the item
}

// told is the part of the data this module reads.
type told struct {
	State     string   `json:"state"`
	Title     string   `json:"title"`
	Item      string   `json:"item"`
	Check     string   `json:"check"`
	Situation string   `json:"situation"`
	Incident  string   `json:"incident"`
	Reopened  bool     `json:"reopened"`
	Alerts    []string `json:"alerts"`
	Checks    []string `json:"checks"`
	RootCause struct {
		Item  string `json:"item"`
		Alert string `json:"alert"`
	} `json:"rootCause"`
}

func (s subject) told() (t told, err error) { return t, json.Unmarshal(s.data, &t) }

// subjectOf reads an entry of the events module; over says that the
// situation or alert has ended with it.
func subjectOf(e ledger.Entry) (s subject, over bool, ok bool) {
	kind, verb, found := strings.Cut(strings.TrimPrefix(e.Type, "events."), ".")
	if !found || kind != OnSituation && kind != OnAlert || e.Subject.ID == "" {
		return s, false, false
	}
	s = subject{kind: kind, id: e.Subject.ID, entry: e.ID, item: e.Item, data: e.Data}
	t, err := s.told()
	if err != nil {
		return s, false, false
	}
	if t.RootCause.Item != "" {
		s.item = t.RootCause.Item
	}
	over = verb == "closed" || verb == "cleared" || t.State == "closed" || t.State == "cleared"
	return s, over, true
}

// reopens says that the entry tells of a subject that was over.
func (s subject) reopens(e ledger.Entry) bool {
	t, err := s.told()
	return err == nil && (t.Reopened || e.Type == "events."+s.kind+".reopened")
}

// about is what a run for the subject is about.
func (s subject) about() (Subject, error) {
	t, err := s.told()
	if err != nil {
		return Subject{}, err
	}
	about := Subject{Item: s.item, Incident: t.Incident}
	if s.kind == OnAlert {
		about.Alert, about.Situation = s.id, t.Situation
		if t.Check != "" {
			about.Checks = []string{t.Check}
		}
		return about, nil
	}
	about.Situation, about.Alert = s.id, t.RootCause.Alert
	about.Checks = slices.Compact(slices.Sorted(slices.Values(t.Checks)))
	return about, nil
}

// save remembers the subject and learns when it opened, and since when it is
// about its item.
func (s *subject) save(ctx context.Context, tx *sqldb.Tx, reopened bool, now int64) error {
	again := ", item_at = CASE WHEN jobs_subject.item = excluded.item THEN jobs_subject.item_at ELSE excluded.item_at END"
	if reopened {
		again = ", opened_at = excluded.opened_at, item_at = excluded.item_at"
	}
	_, err := tx.Exec(ctx, `INSERT INTO jobs_subject (kind, id, entry, item, data, updated_at, opened_at, item_at) VALUES ($1, $2, $3, $4, $5, $6, $6, $6)
		ON CONFLICT (kind, id) DO UPDATE SET entry = excluded.entry, item = excluded.item, data = excluded.data, updated_at = excluded.updated_at`+again,
		s.kind, s.id, s.entry, s.item, string(s.data), now)
	if err != nil {
		return err
	}
	return tx.QueryRow(ctx, "SELECT opened_at, item_at FROM jobs_subject WHERE kind = $1 AND id = $2", s.kind, s.id).Scan(&s.opened, &s.since)
}

// forget says whether the subject was known.
func (s subject) forget(ctx context.Context, tx *sqldb.Tx) (bool, error) {
	n, err := sqldb.Affected(tx.Exec(ctx, "DELETE FROM jobs_subject WHERE kind = $1 AND id = $2", s.kind, s.id))
	return n > 0, err
}

// loadSubject reads a situation or alert that is not over.
func loadSubject(ctx context.Context, q sqldb.Querier, kind, id string) (subject, error) {
	s := subject{kind: kind, id: id}
	var data string
	err := q.QueryRow(ctx, "SELECT entry, item, data, opened_at, item_at FROM jobs_subject WHERE kind = $1 AND id = $2", kind, id).
		Scan(&s.entry, &s.item, &data, &s.opened, &s.since)
	s.data = json.RawMessage(data)
	return s, err
}

// see fills the variables of expressions for a subject. What is not there is
// left empty, so a condition that needs it does not hold; what cannot be read
// now is an error.
func (c *Component) see(ctx context.Context, s subject) (v variables, err error) {
	var own map[string]any
	t, err := s.told()
	if err == nil {
		err = json.Unmarshal(s.data, &own)
	}
	if err != nil {
		return v, core.Errorf(core.CodeInvalid, "ledger entry %s cannot be read: %v", s.entry, err)
	}
	if s.kind == OnAlert {
		v.alert = own
		v.situation, err = c.recorded(ctx, OnSituation, t.Situation)
	} else {
		v.situation = own
		v.alert, err = c.recorded(ctx, OnAlert, t.RootCause.Alert)
	}
	if err != nil || s.item == "" || c.deps.Items == nil {
		return v, err
	}
	v.item, err = c.deps.Items.Item(ctx, s.item)
	if core.CodeOf(err) == core.CodeNotFound {
		err = nil
	}
	return v, err
}

// recorded is the latest the ledger tells of an alert or situation.
func (c *Component) recorded(ctx context.Context, kind, id string) (data map[string]any, err error) {
	if id == "" {
		return nil, nil
	}
	entries, err := c.deps.Ledger.List(ctx, ledger.Query{Subject: core.Ref{Kind: kind, ID: id}, Types: []string{"events." + kind + "."}, Limit: 1})
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	return data, entries[0].Decode(&data)
}
