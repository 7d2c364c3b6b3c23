package events

import (
	"context"
	"maps"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// store writes the submissions in one transaction: the events, the alerts they
// changed, and a ledger entry for each change of state.
func (c *Component) store(ctx context.Context, batch []*submission) error {
	w, err := c.write(ctx, func(ctx context.Context, tx *sqldb.Tx, now time.Time) ([]act, error) {
		return c.settle(ctx, tx, now, batch)
	})
	if err != nil {
		return err
	}
	at := 0
	for _, s := range batch {
		s.results = w.effects[at : at+len(s.observations)]
		at += len(s.observations)
	}
	c.metrics.events.Add(int64(len(w.effects)))
	return nil
}

// write does in one transaction what acts says, and lets the views know.
func (c *Component) write(ctx context.Context, acts func(ctx context.Context, tx *sqldb.Tx, now time.Time) ([]act, error)) (*work, error) {
	var w *work
	once := func(tx *sqldb.Tx) error {
		if w != nil { // a try before this one came to nothing, and what it learnt with it
			c.recall.reset()
		}
		w = newWork(c, c.deps.Clock.Now())
		list, err := acts(ctx, tx, w.now)
		if err != nil {
			return err
		}
		return w.run(ctx, tx, list)
	}
	if err := c.catchUp(ctx); err != nil { // what is remembered of alerts is what is stored
		return nil, err
	}
	err := c.deps.DB.Write(ctx, once)
	if err != nil {
		c.recall.reset()
	}
	if err != nil && sqldb.IsUnique(err) {
		// Another process opened an alert of the same key in between: see it now.
		err = c.deps.DB.Write(ctx, once)
	}
	if err != nil {
		return nil, err
	}
	c.metrics.told.Add(int64(w.told))
	c.seen(w.view())
	if told := c.mirror.extend(w.repeatOrder); len(told) > 0 {
		c.router.Put(told...)
	}
	return w, nil
}

// depth is how much of an alert has to be written.
type depth int

const (
	untouched depth = iota
	whole
	made
)

// work is one transaction's worth of events being applied.
type work struct {
	c       *Component
	now     time.Time
	current map[string]*Alert // by key
	depth   map[*Alert]depth
	order   []*Alert // touched, in order
	over    []string // ids of alerts that a new one of their key replaces
	events  []eventRow
	effects []Effect
	told    int

	repeats     map[string]*repeat // by alert
	repeatOrder []*repeat
}

func newWork(c *Component, now time.Time) *work {
	return &work{c: c, now: now, depth: map[*Alert]depth{}, repeats: map[string]*repeat{}}
}

func (w *work) run(ctx context.Context, tx *sqldb.Tx, acts []act) error {
	known := w.recalled(acts)
	var err error
	if w.current, err = alertsByKey(ctx, tx, distinctKeys(acts, known)); err != nil {
		return err
	}
	for _, a := range w.current {
		a.LastSeen = w.c.recall.lastSeen(a)
	}
	for _, a := range acts {
		effect := a.effect
		switch known := known[a.o]; {
		case a.raise:
			err = w.raise(ctx, tx, a)
		case a.effect == Discarded:
		case a.effect != "":
			w.record(a.o, nil, a.effect)
		case known != nil:
			w.record(a.o, known, Counted)
			effect = Counted
		default:
			effect, err = w.apply(ctx, tx, a.o)
		}
		if err != nil {
			return err
		}
		if !a.made {
			w.effects = append(w.effects, effect)
		}
	}
	return w.save(ctx, tx)
}

// recalled finds the observations that repeat an alert that is remembered. A
// key with any other observation in the batch is left to the store as a whole:
// the order of its events matters.
func (w *work) recalled(acts []act) map[*observation]*Alert {
	known := map[*observation]*Alert{}
	mixed := map[string]bool{}
	for _, one := range acts {
		o := one.o
		if !one.acts() || mixed[o.Key] {
			continue
		}
		if one.raise {
			mixed[o.Key] = true
		} else if a := w.c.recall.duplicate(o); a != nil {
			known[o] = a
		} else {
			mixed[o.Key] = true
		}
	}
	maps.DeleteFunc(known, func(o *observation, _ *Alert) bool { return mixed[o.Key] })
	return known
}

// apply lets one observation act and appends the ledger entry it is worth.
func (w *work) apply(ctx context.Context, tx *sqldb.Tx, o *observation) (Effect, error) {
	if o.Kind == core.Notice {
		w.record(o, nil, Ignored)
		return Ignored, nil
	}
	a, effect, why := w.current[o.Key], Fresh, ""
	reopened := false
	if a != nil {
		reopened = !a.Active
		effect, why = w.c.policy.Apply(a, o, w.now)
	} else if o.Kind == core.Cleared {
		w.record(o, nil, Ignored)
		return Ignored, nil
	}
	if effect == Fresh {
		if a != nil {
			w.over = append(w.over, a.ID)
		}
		a = w.c.policy.Begin(w.c.deps.IDs.New(), o, w.now)
		w.current[o.Key] = a
		w.touch(a, made)
		effect, why, reopened = Opened, "", false
	}
	if a.Item == "" && o.Item != "" {
		a.Item, a.Identities, a.Team = o.Item, nil, o.Team
		if effect == Counted || effect == Updated {
			effect, why = Changed, "Its item is known now."
			a.stamp(w.now)
		}
	}
	if effect == Counted {
		o.ExpiresAt = a.ExpiresAt
	}
	w.record(o, a, effect)
	switch effect {
	case Ignored:
		return effect, nil
	case Counted:
		a.Count-- // its counter is raised when the repeats are applied
		w.c.recall.keep(a)
		return effect, nil
	case Updated:
		w.touch(a, whole)
		return effect, nil
	}
	w.touch(a, whole)
	w.told++
	return effect, w.c.tell(ctx, tx, a, telling{effect: effect, why: why, reopened: reopened, cause: o.Cause})
}

func (w *work) touch(a *Alert, d depth) {
	before := w.depth[a]
	if before == untouched {
		w.order = append(w.order, a)
	}
	w.depth[a] = max(before, d)
}

func (w *work) save(ctx context.Context, tx *sqldb.Tx) error {
	var fresh, full []*Alert
	for _, a := range w.order {
		switch w.depth[a] {
		case made:
			fresh = append(fresh, a)
		case whole:
			full = append(full, a)
		}
	}
	if err := w.c.insertAlerts(ctx, tx, w.over, fresh); err != nil {
		return err
	}
	if err := w.c.updateAlerts(ctx, tx, full); err != nil {
		return err
	}
	if err := w.saveRepeats(ctx, tx); err != nil {
		return err
	}
	return w.c.insertEvents(ctx, tx, w.events)
}

// view lists the alerts whose state changed, for the view in memory.
func (w *work) view() []*Alert {
	var changed []*Alert
	for _, a := range w.order {
		if w.depth[a] >= whole {
			changed = append(changed, a)
		}
	}
	return changed
}
