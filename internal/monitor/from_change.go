package monitor

import (
	"context"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// WindowChange is the change of the service desk that a window is of.
type WindowChange struct {
	ID     string `json:"id"`
	Number string `json:"number" doc:"as people know it: CHG-000123"`
}

// PlannedChange is a change of the service desk as monitoring sees it.
type PlannedChange struct {
	WindowChange
	Title string
	Team  string
	Items []string
	// Start and End are when the items are worked on, as planned and as it went.
	// Working is false when they are not: the change is not approved.
	Start, End time.Time
	Working    bool
}

const changeEntries = "desk.change."

// followChanges keeps one window for every approved change, with the change's
// items and its time. A change is looked at as it is now: an entry that is seen
// twice, or late, does no harm.
func (c *Component) followChanges(ctx context.Context, tx *sqldb.Tx, entries []ledger.Entry) error {
	var seen []string
	slices.Reverse(entries) // the latest is the cause of what comes of them
	for _, e := range entries {
		if slices.Contains(seen, e.Subject.ID) {
			continue
		}
		seen = append(seen, e.Subject.ID)
		change, err := c.deps.Changes.Planned(ctx, e.Subject.ID)
		if core.CodeOf(err) == core.CodeNotFound {
			change, err = PlannedChange{WindowChange: WindowChange{ID: e.Subject.ID}}, nil
		}
		if err == nil {
			err = c.applyChange(ctx, tx, change, e.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// applyChange makes the window of a change what it has to be.
func (c *Component) applyChange(ctx context.Context, tx *sqldb.Tx, change PlannedChange, cause string) error {
	list, err := c.store.windowsWhere(ctx, tx, "change_id = $1", change.ID)
	if err != nil {
		return err
	}
	if !change.Working {
		for _, w := range list {
			w.cause = cause
			if err := c.store.deleteWindow(ctx, tx, w); err != nil {
				return err
			}
		}
		return nil
	}
	end := change.End
	spec := WindowSpec{Reason: change.Title, Team: change.Team, Start: change.Start, End: &end, Items: change.Items}
	w := &Window{ID: c.deps.IDs.New(), Name: change.Number, Change: &change.WindowChange}
	if len(list) > 0 {
		if w = list[0]; sameJSON(w.Spec, spec) {
			return nil
		}
	} else if taken, err := c.store.windowsWhere(ctx, tx, "name = $1", w.Name); err != nil {
		return err
	} else if len(taken) > 0 {
		w.Name += "-" + w.ID
	}
	w.Spec, w.cause = spec, cause
	if err := spec.validate(w.Name); err != nil {
		return err
	}
	return c.store.saveWindow(ctx, tx, w)
}

// ofChange refuses to change a window that follows a change by itself.
func (w *Window) ofChange() error {
	if w.Change == nil {
		return nil
	}
	return core.Errorf(core.CodeConflict, "the window belongs to the change %s: move, finish or cancel the change", w.Change.Number)
}
