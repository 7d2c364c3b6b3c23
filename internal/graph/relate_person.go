package graph

import (
	"context"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// Relate begins a relation that a person states.
func (c *Component) Relate(ctx context.Context, id string, d DraftRelation) error {
	return c.db.Write(ctx, func(tx *sqldb.Tx) error {
		ch, err := c.change(ctx, tx)
		if err != nil {
			return err
		}
		from, err := ch.writable(ctx, id, "")
		if err != nil {
			return err
		}
		p, err := c.prepare(Report{Source: SourcePerson, Relations: []ReportRelation{
			{Type: d.Type, From: ByID(from.id), To: Endpoint(d.To), Group: d.Group, Attributes: d.Attributes},
		}}, Places{})
		if err != nil {
			return err
		}
		o, err := c.reconcile(ctx, tx, p)
		if err != nil {
			return err
		}
		for n := range o.Errors {
			o.Errors[n].Field = o.Errors[n].Field[len("relations[0]."):]
		}
		return core.InvalidAll(o.Errors)
	})
}

// Unrelate ends a relation, whoever stated it. A source that still sees it
// begins it again.
func (c *Component) Unrelate(ctx context.Context, id, kind, to string) error {
	return c.db.Write(ctx, func(tx *sqldb.Tx) error {
		ch, err := c.change(ctx, tx)
		if err != nil {
			return err
		}
		from, err := ch.writable(ctx, id, "")
		if err != nil {
			return err
		}
		w, err := ch.newEdges(ctx, []string{from.id})
		if err != nil {
			return err
		}
		e := w.held[edgeKey{from.id, kind, c.resolver.survivor(to)}]
		if e == nil {
			return core.NotFound("relation", kind+" "+to)
		}
		w.end(e)
		if err := w.write(ctx); err != nil {
			return err
		}
		if err := ch.doubt(ctx, []string{from.id}); err != nil {
			return err
		}
		if err := ch.forgetReports(ctx); err != nil {
			return err
		}
		return w.tell(ctx, SourcePerson, nil)
	})
}
