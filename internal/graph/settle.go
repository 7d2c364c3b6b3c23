package graph

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mainstay/internal/core"
)

// take reconciles entries whose parents are settled.
func (r *reconciliation) take(ctx context.Context, entries []*entry) error {
	r.touch = r.touch[:0]
	known, err := r.lookUpKeys(ctx, entries)
	if err != nil {
		return err
	}
	var changed, strangers []*entry
	for _, e := range entries {
		r.remember(e)
		o, ok := known[e.key]
		switch {
		case !ok:
			strangers = append(strangers, e)
		case sameSum(o.hash, e.hash) && !o.stale:
			e.item, e.action, e.same = o.item, Unchanged, true
			if r.at-o.seenAt > r.c.cfg.SeenEvery.Microseconds() {
				r.touch = append(r.touch, e.key)
			}
		default:
			e.item, e.stored = o.item, true
			e.same = o.hash != "" && !o.stale
			e.settled = e.same && sameRelations(o.hash, e.hash)
			e.steady = e.same && o.class == e.class.Name && r.at-o.seenAt <= r.c.cfg.SeenEvery.Microseconds()
			changed = append(changed, e)
		}
		if e.item != "" {
			r.observations[e.key] = e.item
		}
	}
	if err := r.identify(ctx, strangers); err != nil {
		return err
	}
	if err := r.noteSeen(ctx); err != nil {
		return err
	}
	return r.write(ctx, append(changed, strangers...))
}

// settleParents puts the parent's item id among the identities and computes
// the key (who says it of whom) and the hash (what is said). It may be asked
// again about entries that were not taken yet.
func (r *reconciliation) settleParents(ctx context.Context, entries []*entry) ([]*entry, error) {
	kept := make([]*entry, 0, len(entries))
	var d digest
	for _, e := range entries {
		r.remember(e)
		delete(r.observations, e.key)
		e.key, e.identities = "", e.given
		e.stored, e.same, e.settled, e.steady = false, false, false, false
		if e.parent != "" {
			id, err := r.endpoint(ctx, e.parent)
			if err != nil {
				return nil, err
			}
			if id == "" {
				r.fault(e, "identities", fmt.Sprintf("the parent %q is not known", e.parent))
				continue
			}
			e.identities = append(slices.Clip(e.given), identity{"parent", id})
			slices.SortFunc(e.identities, compareIdentity)
		}
		d.b = d.b[:0]
		d.add(r.p.report.Source, r.p.report.Scope, e.class.Family)
		for _, i := range e.identities {
			d.add(i.kind, i.value)
		}
		key := d.sum()
		if _, twice := r.observations[key]; twice {
			r.fault(e, "identities", "another entry of the report has the same identifiers")
			continue
		}
		e.key, e.hash = key, e.digest
		r.observations[key] = ""
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
	item, class, hash string
	seenAt            int64
	stale             bool
}

func (r *reconciliation) lookUpKeys(ctx context.Context, entries []*entry) (map[string]seen, error) {
	keys := make([]string, len(entries))
	for n, e := range entries {
		keys[n] = e.key
	}
	out := make(map[string]seen, len(keys))
	source, scope := r.p.report.Source, r.p.report.Scope
	err := byKey(r.tx, "key, item, class, hash, seen_at, stale", "graph_observation", "source = $1 AND scope = $2", "key", 3, keys, func(query string, part []any) error {
		rows, err := r.tx.Query(ctx, query, append([]any{source, scope}, part...)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key string
			var s seen
			if err := rows.Scan(&key, &s.item, &s.class, &s.hash, &s.seenAt, &s.stale); err != nil {
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
	return r.ofReport(2, r.touch, func(where string, args []any) error {
		_, err := r.tx.Exec(ctx, "UPDATE graph_observation SET seen_at = $1 WHERE "+where, append([]any{r.at}, args...)...)
		return err
	})
}

// ofReport calls fn with parts of a list of the report's keys, as ofSource does.
func (r *reconciliation) ofReport(from int, keys []string, fn func(where string, args []any) error) error {
	return ofSource(r.tx, from, said{source: r.p.report.Source, scope: r.p.report.Scope}, keys, fn)
}
