package events

import (
	"maps"
	"sync"
	"time"

	"mainstay/internal/core"
)

// recall remembers the open alerts that events repeat, so that a duplicate
// costs no look at the store.
//
// Where one process owns the store it is read, filled and emptied inside write
// transactions, of which there is one at a time: what it holds was read from the
// store and not written since. Where others write too, it hears what they wrote
// before a transaction begins: it is filled with alerts that its own transaction
// has locked, so whoever changes one afterwards is heard of afterwards.
type recall struct {
	mu    sync.Mutex
	byKey map[string]*Alert // copies that nobody else has
	keys  map[string]string // by the alert's id

	policy Policy
}

const recallMost = 200_000

func newRecall(policy Policy) *recall {
	return &recall{byKey: map[string]*Alert{}, keys: map[string]string{}, policy: policy}
}

// heard forgets an alert that is of another revision in the store than is
// remembered, or no longer answers for its key.
func (r *recall) heard(id string, revision int64, latest bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if key, known := r.keys[id]; known && (!latest || r.byKey[key].Revision != revision) {
		r.drop(key)
	}
}

func (r *recall) drop(key string) {
	if a := r.byKey[key]; a != nil {
		delete(r.byKey, key)
		delete(r.keys, a.ID)
	}
}

func (r *recall) clear() {
	clear(r.byKey)
	clear(r.keys)
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
	r.clear()
}

// keep remembers an alert just read, or read and only counted.
func (r *recall) keep(a *Alert) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.byKey) >= recallMost {
		r.clear()
	}
	r.drop(a.Key)
	own := *a
	r.byKey[a.Key], r.keys[a.ID] = &own, a.Key
}

// forget drops alerts that are being written.
func (r *recall) forget(alerts []*Alert) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range alerts {
		r.drop(a.Key)
	}
}
