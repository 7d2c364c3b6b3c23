package monitor

import (
	"context"
	"slices"
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
	e.noteWide(check, rows)
	if check.Spec.Disabled {
		return
	}
	if len(rows) == 0 || needsItems(check, rows) {
		e.c.marks.add(check.ID)
	}
	if len(check.Spec.Overrides) > 0 {
		return // how each item is checked is known once the graph was asked
	}
	for _, row := range rows {
		e.enter(ctx, newTarget(row, check))
	}
}

// needsItems says that the graph must be asked what the check is about.
func needsItems(check *Check, rows []targetRow) bool {
	return check.Spec.Selector != "" || slices.ContainsFunc(rows, func(r targetRow) bool { return r.Item == "" })
}

// noteWide remembers the checks that any change of the graph may concern.
func (e *engine) noteWide(check *Check, rows []targetRow) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if check.Spec.Selector != "" || len(check.Spec.Identities) > 0 && (len(rows) == 0 || needsItems(check, rows)) {
		e.wide[check.ID] = true
	} else {
		delete(e.wide, check.ID)
	}
}

// enter makes a target run.
func (e *engine) enter(ctx context.Context, t *target) {
	spec, ran := t.check.Spec, !t.lastAt.IsZero() // from here on others may run and change it
	e.mu.Lock()
	if old := e.targets[t.id]; old != nil {
		e.unlink(old)
	}
	e.targets[t.id] = t
	e.of[t.checkID] = append(e.of[t.checkID], t)
	e.onItem[t.item] = append(e.onItem[t.item], t)
	e.mu.Unlock()
	e.refill(ctx, t)
	if spec.pushed() {
		e.expect(t)
		return
	}
	now := e.c.deps.Clock.Now()
	at := slotAfter(t.id, spec.interval(), now)
	if !ran {
		// A new check shows something soon; a thousand new ones not all at once.
		if soon := slotAfter(t.id, max(e.c.cfg.FirstRun, time.Millisecond), now); soon.Before(at) {
			at = soon
		}
	}
	e.schedule.Set(t.id, at, now)
}

// unlink takes a target out of the indices. The caller holds the lock.
func (e *engine) unlink(t *target) {
	same := func(o *target) bool { return o == t }
	e.of[t.checkID] = slices.DeleteFunc(e.of[t.checkID], same)
	if rest := slices.DeleteFunc(e.onItem[t.item], same); len(rest) > 0 {
		e.onItem[t.item] = rest
	} else {
		delete(e.onItem, t.item)
	}
}

func (e *engine) refill(ctx context.Context, t *target) {
	t.mu.Lock()
	id, wants := t.item, t.wants
	t.mu.Unlock()
	if !wants {
		return
	}
	if id == "" {
		t.fill(Item{}) // what it wants of the item is named
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
	e.unlink(t)
	e.schedule.Remove(id)
}

// reload brings a check's targets in line with its declaration and the graph.
func (e *engine) reload(ctx context.Context, id string) error {
	return e.realign(ctx, id, func(string) bool { return true })
}

// realign is reload for a check of whose items only some have changed.
func (e *engine) realign(ctx context.Context, id string, changed func(item string) bool) error {
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
	special, err := e.c.overridesOf(ctx, check)
	if err != nil {
		return err
	}
	as := func(item string) *Check { return special.of(check, item) }
	rows, err := e.c.store.targetRows(ctx, e.c.deps.DB, "check_id = $1", check.ID)
	if err != nil {
		return err
	}
	if !inLine(check, rows, items, as) {
		err = e.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
			rows, err = e.c.store.alignTargets(ctx, tx, check, items, as)
			return err
		})
		if err != nil {
			return err
		}
		e.outbox.nudge()
	}
	e.mu.Lock()
	e.checks[check.ID], e.names[check.Name] = check, check.ID
	e.mu.Unlock()
	e.noteWide(check, rows)
	kept := map[string]bool{}
	for _, row := range rows {
		if of := as(row.Item); !of.Spec.Disabled {
			kept[row.ID] = true
			e.refresh(ctx, of, row, changed(row.Item))
		}
	}
	for _, t := range e.find(check.ID) {
		if t.checkID == check.ID && !kept[t.id] {
			e.leave(t.id)
		}
	}
	return nil
}

// refresh updates a running target in place, or enters a new one.
func (e *engine) refresh(ctx context.Context, check *Check, row targetRow, itemChanged bool) {
	e.mu.RLock()
	t := e.targets[row.ID]
	e.mu.RUnlock()
	if t == nil {
		e.enter(ctx, newTarget(row, check))
		return
	}
	t.mu.Lock()
	moved := t.item != row.Item
	t.mu.Unlock()
	if moved {
		e.mu.Lock()
		e.unlink(t)
		e.of[t.checkID], e.onItem[row.Item] = append(e.of[t.checkID], t), append(e.onItem[row.Item], t)
		e.mu.Unlock()
	}
	changed := t.assign(check, row.Item)
	if !changed && !itemChanged {
		return
	}
	e.refill(ctx, t)
	switch {
	case !changed:
	case check.Spec.pushed():
		e.expect(t)
	default:
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
	delete(e.wide, checkID)
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
	e.mu.RLock()
	defer e.mu.RUnlock()
	items := append([]string{entry.Item}, entry.Related...)
	for _, item := range items {
		if item == "" {
			continue
		}
		for _, t := range e.onItem[item] {
			e.c.marks.add(t.checkID, item)
		}
	}
	for id := range e.wide {
		e.c.marks.add(id, items...)
	}
}

// settle reloads marked checks, a few seconds after the graph has changed.
func (e *engine) settle(ctx context.Context) {
	wait := time.Duration(0)
	for ctx.Err() == nil {
		e.pause(ctx, wait)
		wait = settleEvery
		for id, mark := range e.c.marks.take() {
			if err := e.realign(ctx, id, mark.has); err != nil && ctx.Err() == nil {
				e.c.deps.Log.Warn("monitor: the items of a check are not known", "check", id, "error", err)
				e.c.marks.add(id)
			}
		}
	}
}
