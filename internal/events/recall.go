package events

import (
	"context"
	"maps"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// recall remembers the open alerts that events repeat, so that a duplicate
// costs no look at the store.
//
// Where one process owns the store it is read, filled and emptied inside write
// transactions, of which there is one at a time: what it holds was read from the
// store and not written since. Where others write too, what it says is checked
// against the revisions that the store has, of a whole transaction at once.
type recall struct {
	mu    sync.Mutex
	byKey map[string]*Alert // copies that nobody else has
	owned bool

	policy Policy
}

const recallMost = 200_000

func newRecall(owned bool, policy Policy) *recall {
	return &recall{byKey: map[string]*Alert{}, owned: owned, policy: policy}
}

// changed returns those of alerts that are of another revision than is
// remembered, or no longer answer for their key, and forgets them.
func (r *recall) changed(ctx context.Context, tx *sqldb.Tx, alerts map[string]*Alert) (map[string]bool, error) {
	if r.owned || len(alerts) == 0 {
		return nil, nil
	}
	ids, revisions := make([]string, 0, len(alerts)), make([]int64, 0, len(alerts))
	for id, a := range alerts {
		ids, revisions = append(ids, id), append(revisions, a.Revision)
	}
	// OFFSET 0 has each looked up by itself, whatever the planner knows of the table.
	rows, err := tx.Query(ctx, `SELECT known.id FROM unnest($1::text[], $2::bigint[]) AS known(id, revision) LEFT JOIN LATERAL
		(SELECT revision FROM events_alert WHERE id = known.id AND latest OFFSET 0) AS stored ON TRUE
		WHERE stored.revision IS DISTINCT FROM known.revision`, ids, revisions)
	list, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (id string, err error) { return id, rows.Scan(&id) })
	if err != nil || len(list) == 0 {
		return nil, err
	}
	differ := make(map[string]bool, len(list))
	stale := make([]*Alert, 0, len(list))
	for _, id := range list {
		differ[id] = true
		stale = append(stale, alerts[id])
	}
	r.forget(stale)
	return differ, nil
}

// duplicate returns the open alert that o says nothing new of, or nil.
func (r *recall) duplicate(o *observation) *Alert {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.byKey[o.Key]
	if a == nil || !a.repeatedBy(o) {
		return nil
	}
	o.ExpiresAt = r.policy.expires(a, o)
	a.LastSeen, a.ExpiresAt = o.At, o.ExpiresAt
	return a
}

// repeatedBy says that o changes nothing but when the alert was last seen.
func (a *Alert) repeatedBy(o *observation) bool {
	return o.Kind == core.Problem && a.Active && a.Observed && !a.Flapping &&
		o.Severity == a.Severity && (o.Source != alertmanagerSource || !o.Onset.Before(a.Onset)) && !o.At.Before(a.LastSeen) &&
		(a.Item != "" || o.Item == "") && (o.Check == "" || o.Check == a.Check) &&
		o.Title == a.Title && o.Description == a.Description && o.URL == a.URL &&
		maps.Equal(o.Labels, a.Labels) && maps.Equal(o.Annotations, a.Annotations)
}

// lastSeen returns when an alert was last seen, as far as this process knows:
// its repeats may not be applied yet.
func (r *recall) lastSeen(a *Alert) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.byKey[a.Key]; known != nil && known.ID == a.ID && known.LastSeen.After(a.LastSeen) {
		return known.LastSeen
	}
	return a.LastSeen
}

// reset forgets everything: a transaction failed halfway.
func (r *recall) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.byKey)
}

// keep remembers an alert just read, or read and only counted.
func (r *recall) keep(a *Alert) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.byKey) >= recallMost {
		clear(r.byKey)
	}
	own := *a
	r.byKey[a.Key] = &own
}

// forget drops alerts that are being written.
func (r *recall) forget(alerts []*Alert) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range alerts {
		delete(r.byKey, a.Key)
	}
}
