package events

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/inhibition"
	"mainstay/internal/events/routing"
)

// mirror is the alerts that are not over, in memory, the way the tools of
// Prometheus's world see them: as labels. Lists, inhibition and notifications
// are made of it. It knows this process's own changes at once.
type mirror struct {
	mu      sync.RWMutex
	alerts  map[string]*mirrored // by id
	byKey   map[string]string    // the id that answers for a key
	inhibit *inhibition.Engine
	rules   []inhibition.Rule // of inhibit
}

// mirrored is one alert. It is replaced and never changed, but for what is
// kept of its JSON.
type mirrored struct {
	routing.Alert
	full       map[string]string // what silences match on: the labels, and what every alert has
	suppressed Suppression
	revision   int64
	text       atomic.Pointer[amText]
}

func newMirror() *mirror {
	return &mirror{alerts: map[string]*mirrored{}, byKey: map[string]string{}, inhibit: inhibition.New(nil)}
}

// mirrorOf shows an alert as labels.
func mirrorOf(a *Alert) *mirrored {
	m := &mirrored{suppressed: a.Suppressed, revision: a.Revision}
	m.Alert = routing.Alert{ID: a.ID, Key: a.Key, Labels: a.Labels, Annotations: a.Annotations, StartsAt: a.Onset, EndsAt: a.ExpiresAt,
		UpdatedAt: a.LastSeen, URL: a.URL, Team: a.Team, Held: a.Suppressed.By == "maintenance" || a.Suppressed.By == bySnooze || a.Suppressed.By == byPerson}
	switch { // the sender's word counts: what flaps is over when its sender says so
	case !a.Active:
		m.EndsAt, m.Cleared = a.ClearedAt, true
	case !a.Observed:
		m.EndsAt, m.Cleared = a.lastFlip(), true
	}
	if a.Source != alertmanagerSource {
		m.Labels = labelsShown(core.Event{Source: a.Source, Title: a.Title, Item: a.Item, Severity: a.Severity, Labels: a.Labels})
		if a.Description != "" {
			m.Annotations = maps.Clone(a.Annotations)
			if m.Annotations == nil {
				m.Annotations = map[string]string{}
			}
			m.Annotations["description"] = a.Description
		}
	}
	m.full = matchable(m.Labels, a.Title, a.Item, a.Source, a.Severity)
	m.Fingerprint = fingerprint(m.Labels)
	return m
}

// labelsShown are the labels that receivers see of an alert that an event
// describes. Those of the Alertmanager API are what they are: the fingerprint is
// its sender's.
func labelsShown(e core.Event) map[string]string {
	if e.Source == alertmanagerSource {
		return e.Labels
	}
	set := maps.Clone(e.Labels)
	if set == nil {
		set = map[string]string{}
	}
	fill(set, map[string]string{"alertname": e.Title, "severity": e.Severity.String(), "source": e.Source, "item": e.Item})
	return set
}

// fill adds what is not there and not empty.
func fill(set, more map[string]string) {
	for name, value := range more {
		if _, known := set[name]; !known && value != "" {
			set[name] = value
		}
	}
}

// put brings alerts up to date. It returns them, and whether what inhibits
// what may differ now.
func (m *mirror) put(alerts []*Alert) (told []*routing.Alert, inhibits bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range alerts {
		if known := m.alerts[a.ID]; known != nil && known.revision > a.Revision {
			continue
		}
		next := mirrorOf(a)
		if other := m.byKey[a.Key]; other > a.ID {
			continue // a later alert answers for its key
		}
		told = append(told, &next.Alert)
		if next.Cleared {
			delete(m.alerts, a.ID)
			delete(m.byKey, a.Key)
			inhibits = m.inhibit.Drop(a.ID) || inhibits
			continue
		}
		if other := m.byKey[a.Key]; other != a.ID {
			delete(m.alerts, other)
			inhibits = m.inhibit.Drop(other) || inhibits
		}
		m.alerts[a.ID], m.byKey[a.Key] = next, a.ID
		inhibits = m.inhibit.Put(a.ID, next.Labels, next.EndsAt) || inhibits
	}
	return told, inhibits
}

// extend notes that senders repeated alerts that were known already.
func (m *mirror) extend(repeats []*repeat) (told []*routing.Alert) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range repeats {
		known := m.alerts[r.alert]
		if known == nil || r.seen.Before(known.UpdatedAt) {
			continue
		}
		next := &mirrored{Alert: known.Alert, full: known.full, suppressed: known.suppressed, revision: known.revision}
		next.UpdatedAt, next.EndsAt = r.seen, r.expires
		next.text.Store(known.text.Load())
		m.alerts[r.alert] = next
		m.inhibit.Put(r.alert, next.Labels, next.EndsAt)
		told = append(told, &next.Alert)
	}
	return told
}

// setRules inhibits by other rules from now on.
func (m *mirror) setRules(rules []inhibition.Rule) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inhibit, m.rules = inhibition.New(rules), rules
	for id, a := range m.alerts {
		m.inhibit.Put(id, a.Labels, a.EndsAt)
	}
}

// ruling are the rules that alerts are held back by.
func (m *mirror) ruling() []inhibition.Rule {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.rules
}

// list returns all of them.
func (m *mirror) list() []*mirrored {
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := make([]*mirrored, 0, len(m.alerts))
	for _, a := range m.alerts {
		all = append(all, a)
	}
	return all
}

// inhibitor returns what inhibits, and looks up an alert's fingerprint by id.
func (m *mirror) inhibitor() *inhibition.Engine {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.inhibit
}

func (m *mirror) fingerprintOf(id string) string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if a := m.alerts[id]; a != nil {
		return a.Fingerprint
	}
	return id
}

// seen brings what is in memory up to date with what was written.
func (c *Component) seen(alerts []*Alert) {
	c.view.put(alerts)
	c.standing.tell(alerts)
	told, inhibits := c.mirror.put(alerts)
	c.router.Put(told...)
	if inhibits {
		c.inhibition.Store(true)
		c.kick()
	}
}

// checkInhibition judges the alerts again that the active sources now hold
// back, or no longer do.
func (c *Component) checkInhibition(now time.Time) (differ []string) {
	if !c.inhibition.Swap(false) {
		return nil
	}
	engine := c.mirror.inhibitor()
	for _, a := range c.mirror.list() {
		_, _, held := engine.By(a.Labels, now)
		if by := a.suppressed.By; by == "" && held || by == byInhibition && !held {
			differ = append(differ, a.ID)
		}
	}
	return differ
}

func (m *mirror) get(id string) *mirrored {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.alerts[id]
}
