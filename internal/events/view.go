package events

import (
	"sync"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
)

// view is what every list and map asks for, kept in memory: the active alerts
// by item. This process's own changes are in it at once, those of others when
// it catches up: once a second, and for whoever must not be told less than is
// stored.
type view struct {
	mu     sync.RWMutex
	alerts map[string]seenAlert
	rows   register                   // of the same alerts, to count them
	byItem map[string]map[string]bool // item -> ids of active alerts
	homes  map[string]string          // situations of alerts that correlation saw before the view did

	following sync.Mutex // held while what others wrote is read
	read      int64      // what transactions before this one wrote has been read; 0: nothing has
}

// seenAlert is the little the view keeps of an active alert.
type seenAlert struct {
	item       string
	severity   core.Severity
	state      State
	suppressed Suppression
	revision   int64
	situation  string
	row        int // in the register
}

func newView() *view {
	return &view{alerts: map[string]seenAlert{}, rows: newRegister(), byItem: map[string]map[string]bool{}, homes: map[string]string{}}
}

// put brings alerts up to date; what is older than what is known is left.
func (v *view) put(alerts []*Alert) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, a := range alerts {
		known, ok := v.alerts[a.ID]
		if ok && known.revision > a.Revision {
			continue
		}
		if ok && known.item != a.Item || ok && !a.Active {
			v.leave(a.ID, known.item)
		}
		if !a.Active {
			if ok {
				v.forget(a.ID, known.row)
			}
			continue
		}
		row := -1
		if ok {
			row = known.row
		}
		situation := a.Situation
		if ok {
			situation = known.situation // which correlation tells, after the store has it
		} else if home, told := v.homes[a.ID]; told {
			situation = home
			delete(v.homes, a.ID)
		}
		v.alerts[a.ID] = seenAlert{item: a.Item, severity: a.Severity, state: a.State(), suppressed: a.Suppressed, revision: a.Revision,
			situation: situation, row: v.rows.set(row, a, situation)}
		if a.Item == "" {
			continue
		}
		if v.byItem[a.Item] == nil {
			v.byItem[a.Item] = map[string]bool{}
		}
		v.byItem[a.Item][a.ID] = true
	}
}

// homesMost bounds what is remembered for alerts that are not in the view.
const homesMost = 100_000

// moved notes which situations alerts are in now. Those that are not in the view
// are over, or, where correlation may be ahead of the view, still to come.
func (v *view) moved(moves []correlation.Move, ahead bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, m := range moves {
		if a, ok := v.alerts[m.Alert]; ok {
			a.situation = m.To
			v.alerts[m.Alert] = a
			v.rows.move(a.row, m.To)
			continue
		}
		if !ahead {
			continue
		}
		if len(v.homes) >= homesMost {
			clear(v.homes) // of alerts that are over
		}
		v.homes[m.Alert] = m.To
	}
}

// forget drops an alert that is over.
func (v *view) forget(id string, row int) {
	delete(v.alerts, id)
	if moved := v.rows.drop(row); moved != id {
		other := v.alerts[moved]
		other.row = row
		v.alerts[moved] = other
	}
}

// leave takes an alert off an item.
func (v *view) leave(id, item string) {
	delete(v.byItem[item], id)
	if len(v.byItem[item]) == 0 {
		delete(v.byItem, item)
	}
}

// Health is how one item is, as far as alerts tell.
type Health struct {
	Item         string        `json:"item"`
	Severity     core.Severity `json:"severity"`     // the worst alert that is open or acknowledged; clear when none
	Alerts       int           `json:"alerts"`       // open or acknowledged
	Acknowledged bool          `json:"acknowledged"` // all of them are
	Suppressed   bool          `json:"suppressed"`   // it has alerts that are held back
	Impacted     bool          `json:"impacted"`     // something it needs fails
}

// of returns the health of one item, without impact.
func (v *view) of(item string) Health {
	v.mu.RLock()
	defer v.mu.RUnlock()
	h := Health{Item: item}
	open := 0
	for id := range v.byItem[item] {
		a := v.alerts[id]
		if a.state == StateSuppressed {
			h.Suppressed = true
			continue
		}
		h.Alerts++
		h.Severity = max(h.Severity, a.severity)
		if a.state == StateOpen {
			open++
		}
	}
	h.Acknowledged = h.Alerts > 0 && open == 0
	return h
}

// failing lists the items that have an alert people are told of.
func (v *view) failing() []string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var items []string
	for item, ids := range v.byItem {
		for id := range ids {
			if v.alerts[id].state != StateSuppressed {
				items = append(items, item)
				break
			}
		}
	}
	return items
}

// items lists the items that have an active alert.
func (v *view) items() []string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	items := make([]string, 0, len(v.byItem))
	for item := range v.byItem {
		items = append(items, item)
	}
	return items
}

// suppressions lists the active alerts by item, for a look at maintenance.
func (v *view) suppressions() map[string][]idSuppression {
	v.mu.RLock()
	defer v.mu.RUnlock()
	found := make(map[string][]idSuppression, len(v.byItem))
	for item, ids := range v.byItem {
		for id := range ids {
			found[item] = append(found[item], idSuppression{id, v.alerts[id].suppressed})
		}
	}
	return found
}

type idSuppression struct {
	id string
	by Suppression
}
