package graph

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// Reconcile takes a report into the graph. Entries that break a rule are named
// in the outcome and the rest is taken; an error means that nothing was.
// Repeating a report changes nothing.
func (c *Component) Reconcile(ctx context.Context, r Report) (Outcome, error) {
	return c.reconcileParsed(ctx, r, Places{}, nil)
}

func (c *Component) reconcileParsed(ctx context.Context, r Report, places Places, problems []core.Detail) (Outcome, error) {
	p, err := c.prepare(r, places)
	if err != nil {
		return Outcome{}, err
	}
	p.errors = append(problems, p.errors...)
	p.unread = len(problems)
	if outcome, known, err := c.repeated(ctx, p); known || err != nil {
		return outcome, err
	}
	var outcome Outcome
	err = c.db.Write(ctx, func(tx *sqldb.Tx) error {
		var err error
		outcome, err = c.reconcile(ctx, tx, p)
		return err
	})
	return outcome, err
}

// repeated answers a report that was taken before and changed nothing since:
// it costs its hash and one read.
func (c *Component) repeated(ctx context.Context, p *prepared) (Outcome, bool, error) {
	var items string
	var seen int64
	err := c.db.QueryRow(ctx, "SELECT items, seen_at FROM graph_report WHERE hash = $1", p.hash).Scan(&items, &seen)
	if err == sqldb.ErrNoRows {
		return Outcome{}, false, nil
	}
	if err != nil || len(items) != core.IDLength*len(p.entries) {
		return Outcome{}, false, err
	}
	if core.Micros(c.clock.Now())-seen > c.cfg.SeenEvery.Microseconds() {
		return Outcome{}, false, nil // time to note that it was seen
	}
	outcome := Outcome{Unchanged: len(p.entries), Items: make([]OutcomeItem, len(p.entries)), Errors: p.errors}
	for n, e := range p.entries {
		outcome.Items[n] = OutcomeItem{Ref: e.ref, ID: items[n*core.IDLength : (n+1)*core.IDLength], Action: Unchanged}
	}
	return outcome, true, nil
}

// reconciliation is one report's work within a change.
type reconciliation struct {
	*change
	p       *prepared
	outcome Outcome

	batch        map[identity][]holder // identities that entries of this report brought
	batchKnown   map[string]known      // by item
	observations map[string]string     // key of every entry, to item
	touch        []string              // keys to note as seen
	rewritten    map[*entry]bool       // entries whose payload differs, whatever came of it
	reached      map[Endpoint]string
	silenced     int      // observations that a whole list does not name any more
	unsure       []string // keys of entries with a relation that was refused
}

func (c *Component) reconcile(ctx context.Context, tx *sqldb.Tx, p *prepared) (Outcome, error) {
	// On PostgreSQL the function may run again: begin from what prepare left.
	p = p.fresh()
	ch, err := c.change(ctx, tx)
	if err != nil {
		return Outcome{}, err
	}
	r := &reconciliation{
		change: ch, p: p, batch: map[identity][]holder{}, batchKnown: map[string]known{}, observations: map[string]string{},
		rewritten: map[*entry]bool{}, reached: map[Endpoint]string{},
	}
	for level := p.entries; len(level) > 0; {
		ready, later := r.ready(level)
		if err := r.take(ctx, ready); err != nil {
			return Outcome{}, err
		}
		level = later
	}
	steps := []func(context.Context) error{r.noteSeen, r.relate, r.complete, r.finish}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return Outcome{}, err
		}
	}
	return r.outcome, nil
}

// fresh returns a copy whose entries carry no trace of an earlier try.
func (p *prepared) fresh() *prepared {
	next := *p
	next.entries = make([]*entry, len(p.entries))
	next.byRef = make(map[string]*entry, len(p.byRef))
	next.errors = slices.Clone(p.errors)
	for n, e := range p.entries {
		own := *e
		next.entries[n] = &own
		if own.ref != "" {
			next.byRef[own.ref] = &own
		}
	}
	return &next
}

// ready splits entries into those whose parent is settled and the others.
// Entries that wait for each other are refused.
func (r *reconciliation) ready(level []*entry) (ready, later []*entry) {
	for _, e := range level {
		parent := r.p.byRef[string(e.parent)]
		switch {
		case e.parent == "" || parent == nil || parent.item != "":
			ready = append(ready, e)
		default:
			later = append(later, e)
		}
	}
	if len(ready) == 0 {
		for _, e := range later {
			r.fault(e, "identities", "the parent is refused or part of a circle")
		}
		return nil, nil
	}
	return ready, later
}

func (r *reconciliation) fault(e *entry, field, rule string) {
	r.p.errors = append(r.p.errors, core.Detail{Field: fmt.Sprintf("items[%d].%s", e.at, field), Rule: rule})
}

// take reconciles entries whose parents are settled.
func (r *reconciliation) take(ctx context.Context, entries []*entry) error {
	entries, err := r.settleParents(ctx, entries)
	if err != nil {
		return err
	}
	known, err := r.lookUpKeys(ctx, entries)
	if err != nil {
		return err
	}
	var changed, strangers []*entry
	for _, e := range entries {
		o, ok := known[e.key]
		switch {
		case !ok:
			strangers = append(strangers, e)
		case o.hash == e.hash && !o.stale:
			e.item, e.action = o.item, Unchanged
			if r.at-o.seenAt > r.c.cfg.SeenEvery.Microseconds() {
				r.touch = append(r.touch, e.key)
			}
		default:
			e.item = o.item
			changed = append(changed, e)
		}
		if e.item != "" {
			r.observations[e.key] = e.item
		}
	}
	if err := r.identify(ctx, strangers); err != nil {
		return err
	}
	return r.write(ctx, append(changed, strangers...))
}

// settleParents puts the parent's item id among the identities and computes
// the key (who says it of whom) and the hash (what is said).
func (r *reconciliation) settleParents(ctx context.Context, entries []*entry) ([]*entry, error) {
	kept := entries[:0:0]
	for _, e := range entries {
		if e.parent != "" {
			id, err := r.endpoint(ctx, e.parent)
			if err != nil {
				return nil, err
			}
			if id == "" {
				r.fault(e, "identities", fmt.Sprintf("the parent %q is not known", e.parent))
				continue
			}
			e.identities = append(slices.Clip(e.identities), identity{"parent", id})
			slices.SortFunc(e.identities, compareIdentity)
		}
		var d digest
		d.add(r.p.report.Source, r.p.report.Scope, e.class.Family)
		for _, i := range e.identities {
			d.add(i.kind, i.value)
		}
		e.key, e.hash = d.sum(), e.digest
		if _, twice := r.observations[e.key]; twice {
			r.fault(e, "identities", "another entry of the report has the same identifiers")
			continue
		}
		r.observations[e.key] = ""
		kept = append(kept, e)
	}
	return kept, nil
}

// endpoint finds the item an endpoint means, or "".
func (r *reconciliation) endpoint(ctx context.Context, at Endpoint) (string, error) {
	if e := r.p.byRef[string(at)]; e != nil {
		return e.item, nil
	}
	if id, ok := strings.CutPrefix(string(at), "id:"); ok {
		found, err := survivor(ctx, r.tx, id)
		if core.CodeOf(err) == core.CodeNotFound {
			return "", nil
		}
		if err != nil || gone(found.state) {
			return "", err
		}
		return found.id, nil
	}
	i, ok := at.identity()
	if !ok {
		return "", nil
	}
	return r.c.locate(ctx, r.tx, r.catalogue, i)
}

// seen is what the store knows under an entry's key.
type seen struct {
	item, hash string
	seenAt     int64
	stale      bool
}

func (r *reconciliation) lookUpKeys(ctx context.Context, entries []*entry) (map[string]seen, error) {
	keys := make([]string, len(entries))
	for n, e := range entries {
		keys[n] = e.key
	}
	out := make(map[string]seen, len(keys))
	err := inChunks(r.tx, 1, keys, func(set string, part []any) error {
		rows, err := r.tx.Query(ctx, "SELECT key, item, hash, seen_at, stale FROM graph_observation WHERE key IN "+set, part...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key string
			var s seen
			if err := rows.Scan(&key, &s.item, &s.hash, &s.seenAt, &s.stale); err != nil {
				return err
			}
			out[key] = s
		}
		return rows.Err()
	})
	return out, err
}

// noteSeen writes down that unchanged entries were seen again.
func (r *reconciliation) noteSeen(ctx context.Context) error {
	return inChunks(r.tx, 2, r.touch, func(set string, part []any) error {
		_, err := r.tx.Exec(ctx, "UPDATE graph_observation SET seen_at = $1 WHERE key IN "+set, append([]any{r.at}, part...)...)
		return err
	})
}

// finish remembers the whole report, when nothing came of it, so that the next
// repetition costs its hash alone.
func (r *reconciliation) finish(ctx context.Context) error {
	o := &r.outcome
	o.Duplicates = r.suspected
	var ids strings.Builder
	whole := true
	for _, e := range r.p.entries {
		whole = whole && e.item != "" && !e.faulty
		ids.WriteString(e.item)
		if e.item == "" {
			continue
		}
		switch e.action {
		case Created:
			o.Created++
		case Changed:
			o.Changed++
		default:
			o.Unchanged++
		}
		o.Items = append(o.Items, OutcomeItem{Ref: e.ref, ID: e.item, Action: e.action})
	}
	o.Errors = r.p.errors
	source, scope := r.p.report.Source, r.p.report.Scope
	if len(r.rewritten)+r.silenced+o.RelationsAdded+o.RelationsRemoved > 0 {
		if _, err := r.tx.Exec(ctx, "DELETE FROM graph_report WHERE source = $1 AND scope = $2", source, scope); err != nil {
			return err
		}
	}
	if !whole || len(o.Errors) > 0 || o.RelationsPending > 0 {
		return nil
	}
	_, err := r.tx.Exec(ctx, `INSERT INTO graph_report (hash, source, scope, seen_at, items) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (hash) DO UPDATE SET seen_at = excluded.seen_at, items = excluded.items`, r.p.hash, source, scope, r.at, ids.String())
	return err
}
