package graph

import (
	"context"
	"fmt"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// wantedRelation is a relation of the report whose ends are known.
type wantedRelation struct {
	key               edgeKey
	group, attributes string
}

// relate brings the relations of changed entries, and those that start outside
// of the report, into the graph.
func (r *reconciliation) relate(ctx context.Context) error {
	var wanted []wantedRelation
	var whole []string // items whose relations the report names all
	starts := map[int]bool{}
	for _, e := range r.p.entries {
		for _, n := range e.relations {
			starts[n] = true
		}
		if e.item == "" || e.action == Unchanged && !e.faulty && !r.rewritten[e] {
			continue
		}
		if r.listed(e.class.Name) {
			whole = append(whole, e.item)
		}
		for _, n := range e.relations {
			if err := r.want(ctx, n, e, &wanted); err != nil {
				return err
			}
		}
	}
	for n := range r.p.report.Relations {
		if !starts[n] {
			if err := r.want(ctx, n, nil, &wanted); err != nil {
				return err
			}
		}
	}
	if len(wanted) == 0 && len(whole) == 0 {
		return nil
	}
	if err := r.applyRelations(ctx, wanted, whole); err != nil {
		return err
	}
	return inChunks(r.tx, 1, r.unsure, func(set string, part []any) error {
		_, err := r.tx.Exec(ctx, "UPDATE graph_observation SET hash = '' WHERE key IN "+set, part...)
		return err
	})
}

func (r *reconciliation) applyRelations(ctx context.Context, wanted []wantedRelation, whole []string) error {
	from := slices.Clone(whole)
	for _, w := range wanted {
		from = append(from, w.key.from)
	}
	w, err := r.newEdges(ctx, from)
	if err != nil {
		return err
	}
	who := speaker(r.p.report.Source, r.p.report.Scope)
	said := map[edgeKey]bool{}
	for _, rel := range wanted {
		said[rel.key] = true
		w.assert(rel.key, rel.group, rel.attributes, who)
	}
	complete := map[string]bool{}
	for _, item := range whole {
		complete[item] = true
	}
	for key, e := range w.held {
		if complete[key.from] && !said[key] {
			w.withdraw(e, who)
		}
	}
	if err := w.write(ctx); err != nil {
		return err
	}
	r.outcome.RelationsAdded += len(w.added)
	r.outcome.RelationsRemoved += len(w.removed)
	created := map[string]bool{}
	for _, e := range r.p.entries {
		if e.action == Created {
			created[e.item] = true
		}
	}
	return w.tell(ctx, r.p.report.Source, created)
}

// listed says whether the report is complete for a class.
func (r *reconciliation) listed(class string) bool {
	return slices.ContainsFunc(r.p.report.Complete, func(c string) bool { return r.catalogue.IsA(class, c) })
}

// want settles the ends of relation n. from is the entry it starts at, or nil.
func (r *reconciliation) want(ctx context.Context, n int, from *entry, into *[]wantedRelation) error {
	rel := &r.p.report.Relations[n]
	fault := func(field, rule string) {
		r.p.errors = append(r.p.errors, core.Detail{Field: fmt.Sprintf("relations[%d].%s", r.p.places.relation(n), field), Rule: rule})
		if from != nil {
			r.unsure = append(r.unsure, from.key)
		}
	}
	if _, ok := r.catalogue.Relation(rel.Type); !ok {
		fault("type", fmt.Sprintf("there is no relation type %q", rel.Type))
		return nil
	}
	source, err := r.reach(ctx, rel.From)
	if err != nil {
		return err
	}
	if source == "" {
		fault("from", fmt.Sprintf("%q is not known", rel.From))
		return nil
	}
	attributes := ""
	if len(rel.Attributes) > 0 {
		raw, err := canonical(rel.Attributes)
		if err != nil {
			fault("attributes", "cannot be written as JSON")
			return nil
		}
		attributes = string(raw)
	}
	target, err := r.reach(ctx, rel.To)
	if err != nil {
		return err
	}
	if target == "" {
		if i, ok := r.pendingIdentity(rel.To); ok {
			r.outcome.RelationsPending++
			return r.postpone(ctx, pendingRelation{i, source, rel.Type, r.p.report.Source, r.p.report.Scope, rel.Group, attributes})
		}
		fault("to", fmt.Sprintf("%q is not known", rel.To))
		return nil
	}
	if source == target {
		fault("to", "is the item itself")
		return nil
	}
	if rule, err := r.allowed(ctx, rel, source, target); rule != "" || err != nil {
		if rule != "" {
			fault("type", rule)
		}
		return err
	}
	*into = append(*into, wantedRelation{edgeKey{source, rel.Type, target}, rel.Group, attributes})
	return nil
}

// reach is endpoint with a memory.
func (r *reconciliation) reach(ctx context.Context, at Endpoint) (string, error) {
	if e := r.p.byRef[string(at)]; e != nil {
		return e.item, nil
	}
	if id, ok := r.reached[at]; ok {
		return id, nil
	}
	id, err := r.endpoint(ctx, at)
	if err == nil {
		r.reached[at] = id
	}
	return id, err
}

// allowed checks a relation against the class it starts at. Most classes
// restrict nothing, so the classes of the ends are looked up only when needed.
func (r *reconciliation) allowed(ctx context.Context, rel *ReportRelation, source, target string) (rule string, err error) {
	if !r.catalogue.Restricts(rel.Type) {
		return "", nil
	}
	found, err := records(ctx, r.tx, []string{source, target})
	if err != nil || found[source] == nil || found[target] == nil {
		return "", err
	}
	if r.catalogue.Allows(rel.Type, found[source].class, found[target].class) {
		return "", nil
	}
	return fmt.Sprintf("%s does not lead from %s to %s", rel.Type, found[source].class, found[target].class), nil
}

// complete marks what a whole list does not name any more: the source's word
// is stale, and an item nobody else sees is missing.
func (r *reconciliation) complete(ctx context.Context) error {
	if len(r.p.report.Complete) == 0 {
		return nil
	}
	for _, e := range r.p.entries {
		if e.item == "" {
			return nil
		}
	}
	if len(r.p.entries) < len(r.p.report.Items)+r.p.unread {
		return nil // a list with a refused entry is not whole
	}
	var list []string
	for _, class := range r.p.report.Complete {
		resolved, _ := r.catalogue.Class(class)
		list = append(list, resolved.Descendants...)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	args := []any{r.p.report.Source, r.p.report.Scope}
	for _, class := range list {
		args = append(args, class)
	}
	rows, err := r.tx.Query(ctx, "SELECT key FROM graph_observation WHERE source = $1 AND scope = $2 AND NOT stale AND class IN ("+sqldb.In(len(list), 3)+")", args...)
	keys, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (key string, err error) { return key, rows.Scan(&key) })
	if err != nil {
		return err
	}
	keys = slices.DeleteFunc(keys, func(key string) bool { _, named := r.observations[key]; return named })
	r.silenced = len(keys)
	missing, err := r.silence(ctx, keys)
	r.outcome.Missing = missing
	return err
}
