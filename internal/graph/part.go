package graph

import (
	"context"
	"fmt"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// partSize is how many entries of a report one transaction takes: so few that
// others wait for the writer for some tens of milliseconds only, and a power
// of two, as the chunks of statements are.
const partSize = 128

// reconciliation is one report's work. It is done in parts, each of them a
// transaction that leaves the graph consistent. An entry whose relations are
// still to come is stored without its hash, so that a repetition of the report
// takes it up again if the rest never comes.
type reconciliation struct {
	*change // of the transaction at hand
	c       *Component
	p       *prepared
	progress
	mark progress // as of the last commit
	undo []saved  // entries as of the last commit

	observations map[string]string // key of every settled entry, to item
	created      map[string]bool   // items

	batch      map[identity][]holder // identities that entries brought in this transaction
	batchKnown map[string]known      // by item
	reached    map[Endpoint]string   // ends looked up in this transaction
	touch      []string              // keys to note as seen
	unsure     []string              // keys of entries with a relation that is not written
	altered    bool                  // this transaction changed something
}

// progress is how far a report has come.
type progress struct {
	ready     []*entry // their parents are settled
	later     []*entry // wait for parents
	taken     []*entry // in this transaction
	owing     []*entry // wait for the other ends of their relations
	loose     []int    // relations that start at no entry
	errors    []core.Detail
	outcome   Outcome
	told      int   // ledger entries
	through   int64 // version of the graph
	since     int64 // its time
	disturbed bool  // others changed the graph in between
	finished  bool
}

type saved struct {
	e   *entry
	was entry
}

func (c *Component) begin(p *prepared) *reconciliation {
	r := &reconciliation{c: c, p: p, observations: map[string]string{}, created: map[string]bool{}}
	r.later = p.entries
	starts := map[int]bool{}
	for _, e := range p.entries {
		for _, n := range e.relations {
			starts[n] = true
		}
	}
	for n := range p.report.Relations {
		if !starts[n] {
			r.loose = append(r.loose, n)
		}
	}
	r.keep()
	return r
}

// keep notes that the transaction was committed.
func (r *reconciliation) keep() {
	r.progress.errors = r.p.errors
	r.mark, r.undo = r.progress, nil
}

// restore goes back to the last commit: on PostgreSQL a transaction may run again.
func (r *reconciliation) restore() {
	for _, s := range slices.Backward(r.undo) {
		delete(r.observations, s.e.key)
		if s.was.key != "" {
			r.observations[s.was.key] = s.was.item
		}
		*s.e = s.was
	}
	r.progress, r.undo = r.mark, nil
	r.p.errors = slices.Clip(r.mark.errors)
	r.batch, r.batchKnown, r.reached = map[identity][]holder{}, map[string]known{}, map[Endpoint]string{}
	r.taken, r.unsure, r.altered = nil, nil, false
}

// remember keeps an entry as it is, in case the transaction runs again. On
// SQLite it does not.
func (r *reconciliation) remember(e *entry) {
	if r.tx.Dialect() == sqldb.PostgreSQL {
		r.undo = append(r.undo, saved{e, *e})
	}
}

// part does what fits into one transaction of about size entries.
func (r *reconciliation) part(ctx context.Context, tx *sqldb.Tx, size int) error {
	r.restore()
	ch, err := r.c.change(ctx, tx)
	if err != nil {
		return err
	}
	r.change = ch
	ch.entries = max(ch.entries, r.told)
	if err := r.catchUp(ctx); err != nil {
		return err
	}
	left, err := r.takeSome(ctx, size)
	if err != nil {
		return err
	}
	all := len(r.ready)+len(r.later) == 0
	if err := r.relate(ctx, r.taken, nil, all); err != nil {
		return err
	}
	if all {
		if err := r.complete(ctx, left); err != nil {
			return err
		}
	}
	if err := r.markUnsure(ctx); err != nil {
		return err
	}
	r.told, r.through, r.since = ch.entries, ch.version, ch.at
	return r.remind(ctx)
}

// takeSome takes entries until size is used up, and returns what is left of it.
func (r *reconciliation) takeSome(ctx context.Context, size int) (left int, err error) {
	for size > 0 && len(r.ready)+len(r.later) > 0 {
		if len(r.ready) == 0 {
			r.nextLevel()
			if r.ready, err = r.settleParents(ctx, r.ready); err != nil {
				return 0, err
			}
			continue
		}
		n := min(size, len(r.ready))
		some := r.ready[:n]
		r.ready, size = r.ready[n:], size-n
		if err := r.take(ctx, some); err != nil {
			return 0, err
		}
		r.taken = append(r.taken, some...)
	}
	return size, nil
}

// nextLevel makes those entries ready whose parent is settled. Entries that
// wait for each other are refused.
func (r *reconciliation) nextLevel() {
	waiting := r.later
	r.later = nil
	for _, e := range waiting {
		parent := r.p.byRef[string(e.parent)]
		if e.parent == "" || parent == nil || parent.item != "" {
			r.ready = append(r.ready, e)
		} else {
			r.later = append(r.later, e)
		}
	}
	if len(r.ready) == 0 {
		for _, e := range r.later {
			r.fault(e, "identities", "the parent is refused or part of a circle")
		}
		r.later = nil
	}
}

func (r *reconciliation) fault(e *entry, field, rule string) {
	r.p.errors = append(r.p.errors, core.Detail{Field: fmt.Sprintf("items[%d].%s", e.at, field), Rule: rule})
}

// catchUp learns what others did since the last part to the items it took.
func (r *reconciliation) catchUp(ctx context.Context) error {
	if r.through == 0 || r.version == r.through+1 {
		return nil
	}
	r.disturbed = true
	rows, err := r.tx.Query(ctx, "SELECT id, survivor FROM graph_item WHERE updated_at > $1 AND state IN ('merged', 'deleted', 'retired')", r.since)
	if err != nil {
		return err
	}
	became := map[string]string{}
	for rows.Next() {
		var id, survivor string
		if err := rows.Scan(&id, &survivor); err != nil {
			rows.Close()
			return err
		}
		became[id] = survivor
	}
	if err := rows.Close(); err != nil || len(became) == 0 {
		return err
	}
	for _, e := range r.p.entries {
		if _, gone := became[e.item]; gone {
			r.remember(e)
		}
		for next, gone := became[e.item]; gone; next, gone = became[e.item] {
			e.item = next
		}
	}
	r.ready, err = r.settleParents(ctx, r.ready)
	return err
}
