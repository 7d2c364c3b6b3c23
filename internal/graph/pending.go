package graph

import (
	"context"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// pendingRelation waits for an item that holds its identity.
type pendingRelation struct {
	to                core.Identity
	from, kind        string
	source, scope     string
	group, attributes string
}

// pendingIdentity reads an endpoint that may be waited for.
func (r *reconciliation) pendingIdentity(at Endpoint) (core.Identity, bool) {
	i, ok := at.identity()
	if !ok {
		return i, false
	}
	kind, ok := r.catalogue.Identifier(i.Kind)
	if !ok {
		return i, false
	}
	i.Value = kind.Normalise(i.Value)
	return i, i.Value != ""
}

// postpone keeps a relation until its target appears.
func (ch *change) postpone(ctx context.Context, p pendingRelation) error {
	_, err := ch.tx.Exec(ctx, `INSERT INTO graph_pending (kind, value, class, from_item, type, source, scope, grp, attributes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		p.to.Kind, p.to.Value, p.to.Class, p.from, p.kind, p.source, p.scope, p.group, p.attributes)
	return err
}

// connectPending joins the relations that waited for the identities.
func (ch *change) connectPending(ctx context.Context, gained []identity) error {
	if len(gained) == 0 {
		return nil
	}
	var one int
	err := ch.tx.QueryRow(ctx, "SELECT 1 FROM graph_pending LIMIT 1").Scan(&one)
	if err == sqldb.ErrNoRows {
		return nil
	}
	if err != nil {
		return err
	}
	byKind := map[string][]string{}
	for _, i := range gained {
		byKind[i.kind] = append(byKind[i.kind], i.value)
	}
	var waiting []pendingRelation
	for kind, list := range byKind {
		const columns = "value, class, from_item, type, source, scope, grp, attributes"
		err := byKey(ch.tx, columns, "graph_pending", "kind = $1", "value", 2, list, func(query string, part []any) error {
			rows, err := ch.tx.Query(ctx, query, append([]any{kind}, part...)...)
			list, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (p pendingRelation, err error) {
				p.to.Kind = kind
				return p, rows.Scan(&p.to.Value, &p.to.Class, &p.from, &p.kind, &p.source, &p.scope, &p.group, &p.attributes)
			})
			waiting = append(waiting, list...)
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, p := range waiting {
		if err := ch.connect(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (ch *change) connect(ctx context.Context, p pendingRelation) error {
	target, err := ch.c.locate(ctx, ch.tx, ch.catalogue, p.to)
	if err != nil || target == "" || target == p.from {
		return err
	}
	w, err := ch.newEdges(ctx, []string{p.from})
	if err != nil {
		return err
	}
	w.assert(edgeKey{p.from, p.kind, target}, p.group, p.attributes, speaker(p.source, p.scope))
	if err := w.write(ctx); err != nil {
		return err
	}
	if _, err := ch.tx.Exec(ctx, "DELETE FROM graph_pending WHERE kind = $1 AND value = $2 AND class = $3 AND from_item = $4 AND type = $5",
		p.to.Kind, p.to.Value, p.to.Class, p.from, p.kind); err != nil {
		return err
	}
	return w.tell(ctx, strings.TrimSpace(p.source), nil)
}
