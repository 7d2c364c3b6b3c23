package graph

import (
	"context"
	"slices"
	"strings"

	"mainstay/internal/platform/sqldb"
)

// edge is one row of graph_relation.
type edge struct {
	from, kind, to  string
	validFrom       int64
	validTo         int64
	group           string
	attributes      string
	sources         []string
	fresh, modified bool
}

type edgeKey struct{ from, kind, to string }

func (e *edge) key() edgeKey { return edgeKey{e.from, e.kind, e.to} }

const edgeColumns = "from_item, type, to_item, valid_from, valid_to, grp, attributes, sources"

func scanEdge(rows *sqldb.Rows) (*edge, error) {
	var e edge
	var sources string
	err := rows.Scan(&e.from, &e.kind, &e.to, &e.validFrom, &e.validTo, &e.group, &e.attributes, &sources)
	e.sources = strings.Split(sources, "\n")
	return &e, err
}

// speaker names who asserts a relation: a source in a scope.
func speaker(source, scope string) string {
	if scope == "" {
		return source
	}
	return source + "|" + strings.ReplaceAll(scope, "\n", " ")
}

// edges is the work on relations within a change: what holds now of the items
// at hand, and what is to hold.
type edges struct {
	*change
	held    map[edgeKey]*edge
	added   []*edge
	removed []*edge
}

// newEdges loads the relations that start at the items.
func (ch *change) newEdges(ctx context.Context, from []string) (*edges, error) {
	w := &edges{change: ch, held: map[edgeKey]*edge{}}
	slices.Sort(from)
	return w, w.load(ctx, "from_item", slices.Compact(from))
}

func (w *edges) load(ctx context.Context, column string, items []string) error {
	return byKey(w.tx, edgeColumns, "graph_relation", "valid_to = $1", column, 2, items, func(query string, part []any) error {
		rows, err := w.tx.Query(ctx, query, append([]any{forever}, part...)...)
		list, err := sqldb.Collect(rows, err, scanEdge)
		for _, e := range list {
			if w.held[e.key()] == nil {
				w.held[e.key()] = e
			}
		}
		return err
	})
}

// assert makes a relation hold, said by who. A relation whose group or
// attributes differ ends and begins anew.
func (w *edges) assert(k edgeKey, group, attributes, who string) {
	e := w.held[k]
	if e == nil {
		e = &edge{from: k.from, kind: k.kind, to: k.to, validFrom: w.at, validTo: forever, group: group, attributes: attributes, sources: []string{who}, fresh: true}
		w.held[k] = e
		w.added = append(w.added, e)
		return
	}
	if !slices.Contains(e.sources, who) {
		e.sources = append(e.sources, who)
		e.modified = true
	}
	if (e.group != group || e.attributes != attributes) && !e.fresh {
		sources := e.sources
		w.end(e)
		next := &edge{from: k.from, kind: k.kind, to: k.to, validFrom: w.at, validTo: forever, group: group, attributes: attributes, sources: sources, fresh: true}
		w.held[k] = next
		w.added = append(w.added, next)
	}
}

// withdraw takes back what who said; the relation ends when nobody says it any more.
func (w *edges) withdraw(e *edge, who string) {
	n := slices.Index(e.sources, who)
	if n < 0 {
		return
	}
	if len(e.sources) == 1 {
		w.end(e)
		return
	}
	e.sources = slices.Delete(slices.Clone(e.sources), n, n+1)
	e.modified = true
}

func (w *edges) end(e *edge) {
	delete(w.held, e.key())
	if e.fresh {
		w.added = slices.DeleteFunc(w.added, func(a *edge) bool { return a == e })
		return
	}
	e.validTo = w.at
	w.removed = append(w.removed, e)
}

// write puts the relations into the store.
func (w *edges) write(ctx context.Context) error {
	var rows [][]any
	put := func(e *edge) {
		rows = append(rows, []any{e.from, e.kind, e.to, e.validFrom, e.validTo, e.group, e.attributes, strings.Join(e.sources, "\n"), w.version})
	}
	for _, e := range w.removed {
		put(e)
		w.indexRelation(e.from, e.kind, e.to, e.group, true)
	}
	for _, e := range w.held {
		if e.modified && !e.fresh {
			put(e)
		}
	}
	for _, e := range w.added {
		put(e)
		w.indexRelation(e.from, e.kind, e.to, e.group, false)
	}
	return sqldb.Insert(ctx, w.tx, "INSERT INTO graph_relation ("+edgeColumns+", version) VALUES", 9, rows,
		"ON CONFLICT (from_item, type, to_item, valid_from) DO UPDATE SET valid_to = excluded.valid_to, sources = excluded.sources, version = excluded.version")
}

// RelationChange is the data of graph.relation.changed entries.
type RelationChange struct {
	Item    string        `json:"item"`
	Source  string        `json:"source,omitempty"`
	Added   []RelationEnd `json:"added,omitempty"`
	Removed []RelationEnd `json:"removed,omitempty"`
}

// RelationEnd is a relation as seen from its source.
type RelationEnd struct {
	Type  string `json:"type"`
	To    string `json:"to"`
	Group string `json:"group,omitempty"`
}

// tell appends one entry for each item whose relations changed, but not for
// items that were created by the same change: their creation says it.
func (w *edges) tell(ctx context.Context, by string, created map[string]bool) error {
	changes := map[string]*RelationChange{}
	var order []string
	of := func(e *edge) *RelationChange {
		if changes[e.from] == nil {
			changes[e.from] = &RelationChange{Item: e.from, Source: by}
			order = append(order, e.from)
		}
		return changes[e.from]
	}
	for _, e := range w.added {
		if !created[e.from] {
			c := of(e)
			c.Added = append(c.Added, RelationEnd{e.kind, e.to, e.group})
		}
	}
	for _, e := range w.removed {
		c := of(e)
		c.Removed = append(c.Removed, RelationEnd{e.kind, e.to, e.group})
	}
	found, err := records(ctx, w.tx, order)
	if err != nil {
		return err
	}
	for _, item := range order {
		c := changes[item]
		var related []string
		for _, end := range slices.Concat(c.Added, c.Removed) {
			related = append(related, end.To)
		}
		slices.Sort(related)
		related = slices.Compact(related)
		if len(related) > 100 {
			related = related[:100]
		}
		r := found[item]
		if r == nil {
			continue
		}
		if err := w.change.tell(ctx, "graph.relation.changed", r, "Relations of "+r.name+" changed", c, related...); err != nil {
			return err
		}
	}
	return nil
}
