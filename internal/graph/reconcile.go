package graph

import (
	"context"
	"math"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// Reconcile takes a report into the graph. Entries that break a rule are named
// in the outcome and the rest is taken. A large report is taken in several
// transactions, so that others get their turn: after an error the rest of it is
// missing. Repeating a report changes nothing, and brings what was missing.
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
	work := c.begin(p)
	for !work.finished {
		if err := c.db.Write(ctx, func(tx *sqldb.Tx) error { return work.part(ctx, tx, partSize) }); err != nil {
			return Outcome{}, err
		}
		work.keep()
	}
	return work.outcome, nil
}

// reconcile takes a whole report within a transaction of the caller.
func (c *Component) reconcile(ctx context.Context, tx *sqldb.Tx, p *prepared) (Outcome, error) {
	r := c.begin(p.fresh()) // on PostgreSQL the caller may run again: begin from what prepare left
	if err := r.part(ctx, tx, math.MaxInt); err != nil {
		return Outcome{}, err
	}
	return r.outcome, nil
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
