package graph

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/graph/classes"
	"mainstay/internal/platform/sqldb"
)

// identify finds the item of each entry, or gives it a new one.
func (r *reconciliation) identify(ctx context.Context, entries []*entry) error {
	var wanted []identity
	for _, e := range entries {
		wanted = append(wanted, e.identities...)
	}
	held, err := holders(ctx, r.tx, wanted)
	if err != nil {
		return err
	}
	var items []string
	for _, list := range held {
		for _, h := range list {
			items = append(items, h.item)
		}
	}
	slices.Sort(items)
	facts, err := identitiesOf(ctx, r.tx, slices.Compact(items))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := r.settle(ctx, e, held, facts); err != nil {
			return err
		}
	}
	return nil
}

// settle decides on one entry, against the store and against what earlier
// entries of the same report brought.
func (r *reconciliation) settle(ctx context.Context, e *entry, held map[identity][]holder, facts map[string]known) error {
	mine := known{}
	var candidates []candidate
	for _, i := range e.identities {
		mine.add(i)
		for _, h := range slices.Concat(held[i], r.batch[i]) {
			if h.family != e.class.Family || slices.ContainsFunc(candidates, func(c candidate) bool { return c.id == h.item }) {
				continue
			}
			candidates = append(candidates, candidate{h.item, r.facts(h.item, facts)})
		}
	}
	v := matcher{e.class.Identification, r.catalogue}.decide(mine, candidates)
	e.item = v.winner
	if e.item == "" {
		e.item, e.action = r.c.ids.New(), Created
		r.created[e.item] = true
	}
	r.observations[e.key] = e.item
	for _, i := range e.identities {
		r.batch[i] = append(r.batch[i], holder{e.item, e.class.Family})
		if r.batchKnown[e.item] == nil {
			r.batchKnown[e.item] = known{}
		}
		r.batchKnown[e.item].add(i)
	}
	for _, rival := range v.rivals {
		reason := fmt.Sprintf("%s reports one %s with identifiers of both, by %s", r.p.report.Source, e.class.Label, v.rule)
		if err := r.suspect(ctx, []string{e.item, rival}, reason); err != nil {
			return err
		}
	}
	for _, f := range v.conflicts {
		reason := fmt.Sprintf("both have the same %s, but %s differs", f.shared, f.differs)
		if err := r.suspect(ctx, []string{e.item, f.item}, reason); err != nil {
			return err
		}
	}
	return nil
}

// facts joins what the store and this report know of an item.
func (r *reconciliation) facts(item string, stored map[string]known) known {
	brought := r.batchKnown[item]
	if brought == nil {
		return stored[item]
	}
	all := known{}
	for _, k := range []known{stored[item], brought} {
		for kind, list := range k {
			for _, value := range list {
				all.add(identity{kind, value})
			}
		}
	}
	return all
}

// suspect opens a duplicate task, unless there is or was one for the same items.
func (ch *change) suspect(ctx context.Context, items []string, reason string) error {
	slices.Sort(items)
	items = slices.Compact(items)
	if len(items) < 2 {
		return nil
	}
	res, err := ch.tx.Exec(ctx, `INSERT INTO graph_duplicate (id, items, reason, state, opened_at, resolved_at, resolved_by)
		VALUES ($1, $2, $3, 'open', $4, 0, '') ON CONFLICT (items) DO NOTHING`, ch.c.ids.New(), strings.Join(items, ","), reason, ch.at)
	n, err := sqldb.Affected(res, err)
	if err != nil || n == 0 {
		return err
	}
	ch.suspected++
	return ch.tell(ctx, "graph.duplicate.opened", &record{id: items[0]}, "May be the same as another item: "+reason,
		map[string]any{"items": items, "reason": reason}, items[1:]...)
}

// locate finds the one living item that an identity points at, within a transaction.
func (c *Component) locate(ctx context.Context, q sqldb.Querier, catalogue *classes.Catalogue, i core.Identity) (string, error) {
	kind, ok := catalogue.Identifier(i.Kind)
	if !ok {
		return "", nil
	}
	if i.Value = kind.Normalise(i.Value); i.Value == "" {
		return "", nil
	}
	plain := identity{i.Kind, i.Value}
	held, err := holders(ctx, q, []identity{plain})
	if err != nil {
		return "", err
	}
	var items []string
	for _, h := range held[plain] {
		items = append(items, h.item)
	}
	found, err := records(ctx, q, items)
	if err != nil {
		return "", err
	}
	if item := pick(catalogue, found, held[plain], i.Class); item != "" {
		return item, nil
	}
	return byName(ctx, q, catalogue, []core.Identity{i})
}
