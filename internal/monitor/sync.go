package monitor

import (
	"context"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// settleEvery is how often checks whose items may have changed are looked at.
const settleEvery = 5 * time.Second

// adopt takes over a check whose targets are stored as rows.
func (e *engine) adopt(ctx context.Context, check *Check, rows []targetRow) {
	e.mu.Lock()
	e.checks[check.ID], e.names[check.Name] = check, check.ID
	e.mu.Unlock()
	if check.Spec.Disabled {
		return
	}
	for _, row := range rows {
		t := newTarget(row.ID, check, row.Item)
		t.state, t.lastAt = row.State, row.CheckedAt
		e.enter(ctx, t)
	}
	if len(rows) == 0 || needsItems(check, rows) {
		e.dirty(check.ID)
	}
}

// needsItems says that the graph must be asked what the check is about.
func needsItems(check *Check, rows []targetRow) bool {
	return check.Spec.Selector != "" || slices.ContainsFunc(rows, func(r targetRow) bool { return r.Item == "" })
}

// enter makes a target run.
func (e *engine) enter(ctx context.Context, t *target) {
	e.mu.Lock()
	if old := e.targets[t.id]; old != nil {
		e.of[t.checkID] = slices.DeleteFunc(e.of[t.checkID], func(o *target) bool { return o == old })
	}
	e.targets[t.id] = t
	e.of[t.checkID] = append(e.of[t.checkID], t)
	e.mu.Unlock()
	e.refill(ctx, t)
	now := e.c.deps.Clock.Now()
	at := slotAfter(t.id, t.check.Spec.interval(), now)
	if t.lastAt.IsZero() {
		// A new check shows something soon; a thousand new ones not all at once.
		if soon := slotAfter(t.id, max(e.c.cfg.FirstRun, time.Millisecond), now); soon.Before(at) {
			at = soon
		}
	}
	e.schedule.Set(t.id, at)
}

func (e *engine) refill(ctx context.Context, t *target) {
	t.mu.Lock()
	id := t.item
	t.mu.Unlock()
	if id == "" {
		return
	}
	item, err := e.c.deps.Items.Item(ctx, id)
	if err != nil {
		e.c.deps.Log.Debug("monitor: item not read", "item", id, "error", err)
		return
	}
	t.fill(item)
}

// leave makes a target run no more.
func (e *engine) leave(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := e.targets[id]
	if t == nil {
		return
	}
	delete(e.targets, id)
	e.of[t.checkID] = slices.DeleteFunc(e.of[t.checkID], func(o *target) bool { return o == t })
	e.schedule.Remove(id)
}

// reload brings a check's targets in line with its declaration and the graph.
func (e *engine) reload(ctx context.Context, id string) error {
	e.reloading.Lock()
	defer e.reloading.Unlock()
	check, err := e.c.store.checkBy(ctx, e.c.deps.DB, id)
	if core.CodeOf(err) == core.CodeNotFound {
		e.forget(id)
		return nil
	}
	if err != nil {
		return err
	}
	items, err := e.itemsOf(ctx, check)
	if err != nil {
		return err
	}
	var rows []targetRow
	err = e.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		rows, err = e.c.store.alignTargets(ctx, tx, check, items)
		return err
	})
	if err != nil {
		return err
	}
	e.outbox.nudge()
	e.mu.Lock()
	e.checks[check.ID], e.names[check.Name] = check, check.ID
	e.mu.Unlock()
	kept := map[string]bool{}
	for _, row := range rows {
		if check.Spec.Disabled {
			break
		}
		kept[row.ID] = true
		e.refresh(ctx, check, row)
	}
	for _, t := range e.find(check.ID) {
		if !kept[t.id] {
			e.leave(t.id)
		}
	}
	return nil
}

// refresh updates a running target in place, or enters a new one.
func (e *engine) refresh(ctx context.Context, check *Check, row targetRow) {
	e.mu.RLock()
	t := e.targets[row.ID]
	e.mu.RUnlock()
	if t == nil {
		t = newTarget(row.ID, check, row.Item)
		t.state, t.lastAt = row.State, row.CheckedAt
		e.enter(ctx, t)
		return
	}
	t.mu.Lock()
	changed := t.check.Version != check.Version
	t.mu.Unlock()
	t.assign(check, row.Item)
	e.refill(ctx, t)
	if changed {
		e.schedule.Sooner(t.id, slotAfter(t.id, min(check.Spec.interval(), max(e.c.cfg.FirstRun, time.Millisecond)), e.c.deps.Clock.Now()))
	}
}

func (e *engine) forget(checkID string) {
	for _, t := range e.find(checkID) {
		if t.checkID == checkID {
			e.leave(t.id)
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.checks[checkID]; c != nil {
		delete(e.checks, checkID)
		if e.names[c.Name] == checkID {
			delete(e.names, c.Name)
		}
	}
	e.outbox.nudge()
}

// itemsOf asks the graph what a check is about. "" is an item not found yet.
func (e *engine) itemsOf(ctx context.Context, check *Check) ([]string, error) {
	switch {
	case check.Spec.Selector != "":
		return e.c.deps.Items.Select(ctx, check.Spec.Selector)
	case check.Spec.Item != "":
		return []string{check.Spec.Item}, nil
	}
	id, err := e.c.deps.Items.ItemOf(ctx, check.Spec.Identities)
	switch core.CodeOf(err) {
	case "":
		return []string{id}, nil
	case core.CodeNotFound, core.CodeConflict:
		return []string{""}, nil
	default:
		return nil, err
	}
}

// graphChanged marks the checks that an entry of the graph may concern.
func (e *engine) graphChanged(entry ledger.Entry) {
	changed := strings.HasSuffix(entry.Type, ".changed")
	e.mu.RLock()
	defer e.mu.RUnlock()
	for id, check := range e.checks {
		touches := slices.ContainsFunc(e.of[id], func(t *target) bool {
			t.mu.Lock()
			defer t.mu.Unlock()
			return t.item == "" || t.item == entry.Item || slices.Contains(entry.Related, t.item)
		})
		if touches || check.Spec.Selector != "" || (!changed && len(check.Spec.Identities) > 0 && len(e.of[id]) == 0) {
			e.c.marks.add(id)
		}
	}
}

func (e *engine) dirty(checkID string) { e.c.marks.add(checkID) }

// settle reloads marked checks, a few seconds after the graph has changed.
func (e *engine) settle(ctx context.Context) {
	wait := time.Duration(0)
	for ctx.Err() == nil {
		e.pause(ctx, wait)
		wait = settleEvery
		for _, id := range e.c.marks.take() {
			if err := e.reload(ctx, id); err != nil && ctx.Err() == nil {
				e.c.deps.Log.Warn("monitor: the items of a check are not known", "check", id, "error", err)
				e.c.marks.add(id)
			}
		}
	}
}
