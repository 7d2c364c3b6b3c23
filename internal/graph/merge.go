package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// Merge joins duplicates into one item, which keeps its id. The others stay
// resolvable by theirs. Parts that both have, such as file systems of the same
// name, are joined as well. It returns the ids of the merges, for Split.
func (c *Component) Merge(ctx context.Context, into string, duplicates []string) ([]string, error) {
	var merges []string
	err := c.db.Write(ctx, func(tx *sqldb.Tx) error {
		merges = nil
		ch, err := c.change(ctx, tx)
		if err != nil {
			return err
		}
		for _, id := range duplicates {
			done, err := ch.merge(ctx, into, id, "")
			if err != nil {
				return err
			}
			merges = append(merges, done)
		}
		return ch.forgetReports(ctx)
	})
	return merges, err
}

// undo is what Split needs to take a merge back.
type undo struct {
	Observations []string `json:"observations"` // keys that were the merged item's
	// Speakers are sources, each with its scope, that only the merged item had:
	// what they say since the merge is about it, under whatever key.
	Speakers [][2]string `json:"speakers,omitempty"`
	// Relations of the merged item; Only marks those the survivor did not have.
	Relations []undoRelation `json:"relations"`
	State     string         `json:"state"`
	Children  []string       `json:"children,omitempty"` // merges of parts
}

type undoRelation struct {
	From, Type, To, Group, Attributes string
	Sources                           []string
	Only                              bool
}

func (ch *change) merge(ctx context.Context, into, id, cause string) (string, error) {
	keep, err := ch.writable(ctx, into, "")
	if err != nil {
		return "", err
	}
	lose, err := ch.writable(ctx, id, "")
	if err != nil {
		return "", err
	}
	if keep.id == lose.id {
		return "", core.Errorf(core.CodeConflict, "%s and %s are the same item already", into, id)
	}
	if family(ch, keep.class) != family(ch, lose.class) {
		return "", core.Errorf(core.CodeConflict, "%s and %s are of classes that have nothing in common: %s and %s", keep.name, lose.name, keep.class, lose.class)
	}
	merge := ch.c.ids.New()
	u := undo{State: lose.state}
	if u.Relations, err = ch.moveRelations(ctx, lose.id, keep.id); err != nil {
		return "", err
	}
	if u.Observations, u.Speakers, err = ch.moveObservations(ctx, lose.id, keep.id); err != nil {
		return "", err
	}
	next := *lose
	next.state, next.survivor, next.missingAt = Merged, keep.id, 0
	held, err := identitiesOf(ctx, ch.tx, []string{lose.id})
	if err != nil {
		return "", err
	}
	gone := &wardrobe{change: ch, before: map[string]*record{lose.id: lose}, after: []*record{&next}, claims: []claim{{item: lose.id, before: held[lose.id]}}}
	if err := gone.write(ctx, SourcePerson); err != nil {
		return "", err
	}
	if _, err := ch.redress(ctx, []string{keep.id}, SourcePerson); err != nil {
		return "", err
	}
	if u.Children, err = ch.mergeParts(ctx, keep.id, lose.id, merge); err != nil {
		return "", err
	}
	ch.redirect(lose.id, keep.id)
	return merge, ch.recordMerge(ctx, merge, keep, lose, cause, u)
}

func (ch *change) recordMerge(ctx context.Context, id string, keep, lose *record, cause string, u undo) error {
	text, err := json.Marshal(u)
	if err != nil {
		return err
	}
	if _, err := ch.tx.Exec(ctx, `INSERT INTO graph_merge (id, survivor, merged, cause, at, by_whom, undo, undone_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
		id, keep.id, lose.id, cause, ch.at, ch.actor.ID, string(text)); err != nil {
		return err
	}
	if err := ch.settleDuplicates(ctx, keep.id, lose.id); err != nil {
		return err
	}
	return ch.tell(ctx, "graph.item.merged", keep, fmt.Sprintf("Merged %s into %s", lose.name, keep.name),
		map[string]string{"merge": id, "survivor": keep.id, "merged": lose.id}, lose.id)
}

func family(ch *change, class string) string {
	if r, ok := ch.catalogue.Class(class); ok {
		return r.Family
	}
	return ""
}

func (ch *change) redirect(from, to string) {
	if ch.redirects == nil {
		ch.redirects = map[string]string{}
	}
	ch.redirects[from] = to
	ch.restated = true
}

// moveObservations gives what sources said of one item to another.
func (ch *change) moveObservations(ctx context.Context, from, to string) (keys []string, speakers [][2]string, err error) {
	stored, err := observationsOf(ctx, ch.tx, []string{from, to})
	if err != nil {
		return nil, nil, err
	}
	keys = []string{}
	for _, o := range stored[from] {
		keys = append(keys, o.key)
		if !slices.ContainsFunc(stored[to], func(other *observation) bool { return other.source == o.source && other.scope == o.scope }) {
			speakers = append(speakers, [2]string{o.source, o.scope})
		}
	}
	_, err = ch.tx.Exec(ctx, "UPDATE graph_observation SET item = $1 WHERE item = $2", to, from)
	return keys, speakers, err
}

// moveRelations ends the relations of one item and begins them at another.
func (ch *change) moveRelations(ctx context.Context, from, to string) ([]undoRelation, error) {
	w := &edges{change: ch, held: map[edgeKey]*edge{}}
	if err := w.loadAround(ctx, from); err != nil {
		return nil, err
	}
	moving := w.list()
	slices.SortFunc(moving, func(a, b *edge) int {
		return slices.Compare([]string{a.from, a.kind, a.to}, []string{b.from, b.kind, b.to})
	})
	if err := w.loadAround(ctx, to); err != nil {
		return nil, err
	}
	list, ends := []undoRelation{}, []string{to}
	for _, e := range moving {
		ends = append(ends, e.from)
		next := e.key()
		if next.from == from {
			next.from = to
		}
		if next.to == from {
			next.to = to
		}
		_, both := w.held[next]
		list = append(list, undoRelation{e.from, e.kind, e.to, e.group, e.attributes, e.sources, !both})
		w.end(e)
		if next.from == next.to {
			continue
		}
		for _, who := range e.sources {
			w.assert(next, e.group, e.attributes, who)
		}
	}
	return list, errors.Join(w.write(ctx), ch.doubt(ctx, ends))
}

// mergeParts gives the parts of a merged item to the survivor, and merges
// those that the survivor has too.
func (ch *change) mergeParts(ctx context.Context, keep, lose, cause string) ([]string, error) {
	scan := func(rows *sqldb.Rows) (item string, err error) { return item, rows.Scan(&item) }
	rows, err := ch.tx.Query(ctx, "SELECT item FROM graph_identity WHERE kind = 'parent' AND value = $1 ORDER BY item", lose)
	parts, err := sqldb.Collect(rows, err, scan)
	if err != nil || len(parts) == 0 {
		return nil, err
	}
	if err := ch.reparent(ctx, parts, lose, keep); err != nil {
		return nil, err
	}
	rows, err = ch.tx.Query(ctx, "SELECT item FROM graph_identity WHERE kind = 'parent' AND value = $1 ORDER BY item", keep)
	all, err := sqldb.Collect(rows, err, scan)
	if err != nil {
		return nil, err
	}
	facts, err := identitiesOf(ctx, ch.tx, all)
	if err != nil {
		return nil, err
	}
	found, err := records(ctx, ch.tx, all)
	if err != nil {
		return nil, err
	}
	var merges []string
	for _, part := range parts {
		class, ok := ch.catalogue.Class(found[part].class)
		if !ok {
			continue
		}
		var candidates []candidate
		for _, other := range all {
			if !slices.Contains(parts, other) && family(ch, found[other].class) == class.Family {
				candidates = append(candidates, candidate{other, facts[other]})
			}
		}
		if v := (matcher{class.Identification, ch.catalogue}).decide(facts[part], candidates); v.winner != "" {
			id, err := ch.merge(ctx, v.winner, part, cause)
			if err != nil {
				return nil, err
			}
			merges = append(merges, id)
		}
	}
	return merges, nil
}

// reparent rewrites the parent that parts are known by.
func (ch *change) reparent(ctx context.Context, parts []string, from, to string) error {
	stored, err := observationsOf(ctx, ch.tx, parts)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, list := range stored {
		for _, o := range list {
			for n, i := range o.identities {
				if i == (identity{"parent", from}) {
					o.identities[n].value = to
					o.hash = "" // its key is of another parent: identified anew next time
				}
			}
			rows = append(rows, o.row())
		}
	}
	if err := ch.putObservations(ctx, rows); err != nil {
		return err
	}
	_, err = ch.redress(ctx, parts, SourcePerson)
	return err
}
