package monitor

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

const (
	// horizon is how far ahead occurrences are laid out.
	horizon = 36 * time.Hour
	// selectedFor is how long the answer of the graph to a selector is used.
	selectedFor = 30 * time.Second
)

// windows answers whether an item is in maintenance. Every process has one. It
// answers before monitoring has started, too: what asks starts earlier, and an
// alert must not be let go meanwhile.
type windows struct {
	store *store
	items Items
	needs func(item string) []string
	clock core.Clock

	loading sync.Mutex // from reading windows until they are in force: who read older ones does not come last
	mu      sync.Mutex
	loaded  bool
	head    int64
	all     []*openWindow
}

// openWindow is a window with its occurrences around now.
type openWindow struct {
	window   *Window
	from, to time.Time // for which spans are laid out
	spans    []span
	items    map[string]bool // of the identities and the selector
	asked    time.Time
}

func newWindows(s *store, items Items, needs func(string) []string, clock core.Clock) *windows {
	return &windows{store: s, items: items, needs: needs, clock: clock}
}

func (w *windows) load(ctx context.Context) error {
	w.loading.Lock()
	defer w.loading.Unlock()
	head, err := w.store.ledger.Head(ctx)
	if err != nil {
		return err
	}
	list, err := w.store.windowsWhere(ctx, w.store.db, "1 = 1")
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.loaded, w.head, w.all = true, head, nil
	for _, win := range list {
		w.all = append(w.all, &openWindow{window: win})
	}
	return nil
}

// follow reloads the windows whenever one is declared anew.
func (w *windows) follow(ctx context.Context) {
	w.mu.Lock()
	head := w.head
	w.mu.Unlock()
	w.store.ledger.KeepFollowing(ctx, "maintenance windows", head, func(e *ledger.Entry) bool { return strings.HasPrefix(e.Type, "monitor.maintenance.") },
		func(ledger.Entry) error { return w.load(ctx) })
}

// in says whether the item is in maintenance at a time, and why.
func (w *windows) in(ctx context.Context, item string, at time.Time) (bool, string) {
	w.mu.Lock()
	loaded := w.loaded
	w.mu.Unlock()
	if !loaded && w.load(ctx) != nil {
		return false, "" // who asks cannot write what follows from that either
	}
	w.mu.Lock()
	list := slices.Clone(w.all)
	w.mu.Unlock()
	for _, o := range list {
		w.mu.Lock()
		on := o.on(at)
		w.mu.Unlock()
		if on && w.covers(ctx, o, item) {
			if o.window.Spec.Reason != "" {
				return true, o.window.Name + ": " + o.window.Spec.Reason
			}
			return true, o.window.Name
		}
	}
	return false, ""
}

// on says whether an occurrence holds at. The caller holds the lock.
func (o *openWindow) on(at time.Time) bool {
	if at.Before(o.from) || !at.Before(o.to) {
		o.from, o.to = at.Add(-time.Hour), at.Add(horizon)
		o.spans, _ = o.window.Spec.spans(o.from, o.to)
	}
	return slices.ContainsFunc(o.spans, func(s span) bool { return s.holds(at) })
}

func (w *windows) covers(ctx context.Context, o *openWindow, item string) bool {
	spec := &o.window.Spec
	if spec.All || (item != "" && slices.Contains(spec.Items, item)) {
		return true
	}
	if item == "" || (spec.Selector == "" && len(spec.Identities) == 0 && !spec.Below) {
		return false
	}
	now := w.clock.Now()
	w.mu.Lock()
	known, fresh := o.items, o.items != nil && now.Sub(o.asked) < selectedFor
	w.mu.Unlock()
	if !fresh {
		found, err := w.ask(ctx, spec)
		switch {
		case err == nil:
			known = found
		case known == nil:
			return found[item] // asked again next time
		}
		// When the graph does not answer, what it last said holds.
		w.mu.Lock()
		o.items, o.asked = known, now
		w.mu.Unlock()
	}
	return known[item]
}

func (w *windows) ask(ctx context.Context, spec *WindowSpec) (map[string]bool, error) {
	out := map[string]bool{}
	if spec.Selector != "" {
		ids, err := w.items.Select(ctx, spec.Selector)
		if err != nil {
			return out, err
		}
		for _, id := range ids {
			out[id] = true
		}
	}
	for _, identity := range spec.Identities {
		id, err := w.items.ItemOf(ctx, []core.Identity{identity})
		if err == nil {
			out[id] = true
		} else if code := core.CodeOf(err); code != core.CodeNotFound && code != core.CodeConflict {
			return out, err
		}
	}
	if spec.Below {
		for _, id := range spec.Items {
			out[id] = true
		}
		w.descend(out)
	}
	return out, nil
}

// maxBelow bounds how many items a window over all below some reaches.
const maxBelow = 100_000

// descend adds everything that items need, however far.
func (w *windows) descend(items map[string]bool) {
	if w.needs == nil {
		return
	}
	next := slices.Collect(maps.Keys(items))
	for len(next) > 0 && len(items) < maxBelow {
		item := next[len(next)-1]
		next = next[:len(next)-1]
		for _, needed := range w.needs(item) {
			if !items[needed] {
				items[needed] = true
				next = append(next, needed)
			}
		}
	}
}

// InMaintenance says whether an item is in maintenance at a time, and the
// window's name and reason. An empty item is only in windows over everything.
func (c *Component) InMaintenance(ctx context.Context, item string, at time.Time) (bool, string) {
	return c.windows.in(ctx, item, at)
}

// show fills in what depends on the time.
func (win *Window) show(now time.Time) {
	spans, _ := win.Spec.spans(now, now.Add(400*24*time.Hour))
	win.Active, win.NextStart, win.NextEnd = false, nil, nil
	if len(spans) > 0 {
		win.Active = spans[0].holds(now)
		win.NextStart, win.NextEnd = &spans[0].from, &spans[0].to
	}
}

const windowColumns = "id, name, spec, version, created_at, updated_at, change_id, change_number"

func scanWindow(scan func(...any) error) (*Window, error) {
	var w Window
	var spec string
	var change WindowChange
	var created, updated int64
	if err := scan(&w.ID, &w.Name, &spec, &w.Version, &created, &updated, &change.ID, &change.Number); err != nil {
		return nil, err
	}
	if change.ID != "" {
		w.Change = &change
	}
	w.CreatedAt, w.UpdatedAt = core.FromMicros(created), core.FromMicros(updated)
	return &w, json.Unmarshal([]byte(spec), &w.Spec)
}

func (s *store) windowsWhere(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]*Window, error) {
	rows, err := q.Query(ctx, "SELECT "+windowColumns+" FROM monitor_window WHERE "+where+" ORDER BY id", args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (*Window, error) { return scanWindow(r.Scan) })
}

func (s *store) windowBy(ctx context.Context, q sqldb.Querier, ref string) (*Window, error) {
	list, err := s.windowsWhere(ctx, q, "id = $1 OR name = $1", ref)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, core.NotFound("maintenance window", ref)
	}
	return list[0], nil
}

func (s *store) saveWindow(ctx context.Context, tx *sqldb.Tx, w *Window) error {
	spec, err := json.Marshal(w.Spec)
	if err != nil {
		return err
	}
	w.UpdatedAt = core.FromMicros(core.Micros(s.clock.Now()))
	ends := w.Spec.Start.Add(w.Spec.length())
	if w.Spec.Recurrence != "" {
		ends = time.Time{}
	}
	verb := "updated"
	if w.Version == 0 {
		verb, w.Version, w.CreatedAt = "created", 1, w.UpdatedAt
		change := WindowChange{}
		if w.Change != nil {
			change = *w.Change
		}
		_, err = tx.Exec(ctx, "INSERT INTO monitor_window (id, name, team, spec, starts_at, ends_at, version, created_at, updated_at, change_id, change_number) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
			w.ID, w.Name, w.Spec.Team, string(spec), core.Micros(w.Spec.Start), core.Micros(ends), w.Version, core.Micros(w.CreatedAt), core.Micros(w.UpdatedAt), change.ID, change.Number)
		if sqldb.IsUnique(err) {
			return core.Errorf(core.CodeConflict, "there is already a maintenance window named %q", w.Name)
		}
	} else {
		w.Version++
		_, err = tx.Exec(ctx, "UPDATE monitor_window SET team = $2, spec = $3, starts_at = $4, ends_at = $5, version = $6, updated_at = $7 WHERE id = $1",
			w.ID, w.Spec.Team, string(spec), core.Micros(w.Spec.Start), core.Micros(ends), w.Version, core.Micros(w.UpdatedAt))
	}
	if err != nil {
		return err
	}
	return s.noteWindow(ctx, tx, verb, w)
}

func (s *store) deleteWindow(ctx context.Context, tx *sqldb.Tx, w *Window) error {
	var running bool
	if err := tx.QueryRow(ctx, "SELECT running FROM monitor_window WHERE id = $1", w.ID).Scan(&running); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM monitor_window WHERE id = $1", w.ID); err != nil {
		return err
	}
	if running {
		if err := s.noteOccurrence(ctx, tx, w, false, w.Spec.Items, span{}); err != nil {
			return err
		}
	}
	return s.noteWindow(ctx, tx, "deleted", w)
}

func (s *store) noteWindow(ctx context.Context, tx *sqldb.Tx, verb string, w *Window) error {
	data, err := json.Marshal(w)
	if err != nil {
		return err
	}
	_, err = s.ledger.Append(ctx, tx, ledger.Entry{
		Actor: actor(ctx), Module: "monitor", Type: "monitor.maintenance." + verb, Subject: core.Ref{Kind: "maintenance", ID: w.ID},
		Related: w.Spec.Items, Team: w.Spec.Team, Summary: "maintenance window " + w.Name + " " + verb, Data: data, Cause: w.cause,
	})
	return err
}
