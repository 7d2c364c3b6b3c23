package graph

import (
	"context"
	"fmt"
	"slices"

	"mainstay/internal/core"
)

// wantedRelation is a relation of the report whose ends are known.
type wantedRelation struct {
	key               edgeKey
	group, attributes string
}

// relate brings the relations of changed entries, and those that start outside
// of the report, into the graph. Entries that say the same of their relations
// as before are passed over. Unless all entries are taken, those with a
// relation to one that is not yet are put off.
func (r *reconciliation) relate(ctx context.Context, entries []*entry, loose []int, all bool) error {
	var wanted []wantedRelation
	var whole []string // items whose relations the report names all
	for _, e := range entries {
		if e.item == "" || e.action == Unchanged && !e.faulty && !e.rewritten {
			continue
		}
		if !all && !r.reachable(e) {
			r.owing, r.unsure = append(r.owing, e), append(r.unsure, e.key)
			continue
		}
		listed := r.listed(e.class.Name)
		if e.settled && !listed && r.familiar(e) {
			continue
		}
		if listed {
			whole = append(whole, e.item)
		}
		for _, n := range e.relations {
			if err := r.want(ctx, n, e, &wanted); err != nil {
				return err
			}
		}
	}
	for _, n := range loose {
		if err := r.want(ctx, n, nil, &wanted); err != nil {
			return err
		}
	}
	if len(wanted) == 0 && len(whole) == 0 {
		return nil
	}
	return r.applyRelations(ctx, wanted, whole)
}

// reachable says that the other ends of an entry's relations are taken.
func (r *reconciliation) reachable(e *entry) bool {
	return !slices.ContainsFunc(e.relations, func(n int) bool {
		to := r.p.byRef[string(r.p.report.Relations[n].To)]
		return to != nil && to.item == ""
	})
}

// familiar says that the other ends of an entry's relations are entries that
// are still the items they were. Other ends may have come to be other items.
func (r *reconciliation) familiar(e *entry) bool {
	return !slices.ContainsFunc(e.relations, func(n int) bool {
		to := r.p.byRef[string(r.p.report.Relations[n].To)]
		return to == nil || !to.same
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
	r.altered = r.altered || len(w.added)+len(w.removed) > 0
	return w.tell(ctx, r.p.report.Source, r.created)
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
