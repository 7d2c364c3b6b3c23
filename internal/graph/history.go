package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// Moment is one step in the history of an item.
type Moment struct {
	At      time.Time         `json:"at"`
	Kind    string            `json:"kind" enum:"created,changed,related,unrelated"`
	By      string            `json:"by,omitempty" doc:"The source behind it"`
	Changes []FieldChange     `json:"changes,omitempty"`
	Related *HistoricRelation `json:"relation,omitempty"`
}

// FieldChange is a field with its value before and after.
type FieldChange struct {
	Field  string `json:"field"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

// HistoricRelation is a relation that began or ended.
type HistoricRelation struct {
	Type      string  `json:"type"`
	Direction string  `json:"direction" enum:"out,in"`
	Item      ItemRef `json:"item"`
}

// AsOf returns an item as it was at a moment; ids of merged items are not followed.
func (c *Component) AsOf(ctx context.Context, id string, at time.Time) (Item, error) {
	found, err := c.versions(ctx, id, core.Micros(at)+1, 1)
	if err != nil {
		return Item{}, err
	}
	if len(found) == 0 {
		return Item{}, core.Errorf(core.CodeNotFound, "there was no item %q at %s", id, at.Format(time.RFC3339))
	}
	return found[0].item(), nil
}

// pastColumns are recordColumns of graph_past.
const pastColumns = "id, class, name, state, team, site, criticality, attributes, redundancy, survivor, changed_by, revision, created_at, valid_from, 0"

// History returns what happened to an item before a moment (the zero time is
// now), newest first.
func (c *Component) History(ctx context.Context, id string, before time.Time, limit int) ([]Moment, error) {
	until := c.moment(before)
	versions, err := c.versions(ctx, id, until, limit+1)
	if err != nil {
		return nil, err
	}
	moments := make([]Moment, 0, len(versions))
	for n, v := range versions {
		m := Moment{At: core.FromMicros(v.updatedAt), Kind: "changed", By: v.changedBy}
		switch {
		case n+1 < len(versions):
			m.Changes = fieldChanges(versions[n+1], v)
		case v.updatedAt == v.createdAt:
			m.Kind, m.Changes = "created", fieldChanges(&record{}, v)
		default:
			continue // what it was before is on the next page
		}
		moments = append(moments, m)
	}
	related, err := c.relationHistory(ctx, id, until, limit)
	if err != nil {
		return nil, err
	}
	moments = append(moments, related...)
	slices.SortStableFunc(moments, func(a, b Moment) int { return cmp.Compare(b.At.UnixMicro(), a.At.UnixMicro()) })
	return moments[:min(len(moments), limit)], nil
}

// versionsQuery walks from a version to the one before it, which ended when it
// began. It begins from the oldest that is indexed by item and is not older
// than the moment, or from now. CROSS JOIN keeps SQLite from reading the whole
// past instead.
const versionsQuery = `WITH RECURSIVE chain (starts, ends, n) AS (
		SELECT COALESCE((SELECT MIN(valid_from) FROM graph_past WHERE id = $1 AND valid_from >= $2 AND revision % 16 = 0),
			(SELECT updated_at FROM graph_item WHERE id = $3)), CAST($4 AS BIGINT), CAST(0 AS BIGINT)
		UNION ALL
		SELECT p.valid_from, p.valid_to, CASE WHEN p.valid_from < $5 THEN chain.n + 1 ELSE 0 END
		FROM chain CROSS JOIN graph_past AS p
		WHERE chain.starts < chain.ends AND chain.n < $6 AND p.valid_to = chain.starts AND p.id = $7)
	SELECT * FROM (SELECT ` + recordColumns + ` FROM graph_item WHERE id = $8
		UNION ALL SELECT ` + pastColumns + ` FROM chain CROSS JOIN graph_past WHERE valid_to = ends AND id = $9 AND valid_from = starts) AS v
	WHERE updated_at < $10 ORDER BY updated_at DESC, revision DESC LIMIT $11`

// versions returns what an item was before a moment, newest first, most at the most.
func (c *Component) versions(ctx context.Context, id string, until int64, most int) ([]*record, error) {
	rows, err := c.db.Query(ctx, versionsQuery, id, until, id, forever, until, most, id, id, id, until, most)
	return sqldb.Collect(rows, err, func(rows *sqldb.Rows) (*record, error) { return scanRecord(rows.Scan) })
}

func fieldChanges(before, after *record) []FieldChange {
	fields, was, is := compareRecords(before, after)
	var old, new map[string]any
	_ = json.Unmarshal(was, &old) // written by us
	_ = json.Unmarshal(is, &new)
	changes := make([]FieldChange, len(fields))
	for n, field := range fields {
		changes[n] = FieldChange{Field: field, Before: old[field], After: new[field]}
	}
	return changes
}

func (c *Component) relationHistory(ctx context.Context, id string, until int64, limit int) ([]Moment, error) {
	query := func(column string) string {
		return "SELECT " + edgeColumns + " FROM graph_relation WHERE " + column + " = $1 AND valid_from < $2"
	}
	rows, err := c.db.Query(ctx, query("from_item")+" UNION ALL SELECT "+edgeColumns+" FROM graph_relation WHERE to_item = $3 AND valid_from < $4 ORDER BY 4 DESC LIMIT $5",
		id, until, id, until, limit)
	list, err := sqldb.Collect(rows, err, scanEdge)
	if err != nil {
		return nil, err
	}
	var others []string
	for _, e := range list {
		others = append(others, other(e, id))
	}
	found, err := records(ctx, c.db, others)
	if err != nil {
		return nil, err
	}
	var moments []Moment
	for n, e := range list {
		r := found[others[n]]
		if r == nil {
			continue
		}
		relation := &HistoricRelation{Type: e.kind, Direction: "out", Item: r.ref()}
		if e.from != id {
			relation.Direction = "in"
		}
		moments = append(moments, Moment{At: core.FromMicros(e.validFrom), Kind: "related", By: e.sources[0], Related: relation})
		if e.validTo < until {
			moments = append(moments, Moment{At: core.FromMicros(e.validTo), Kind: "unrelated", By: e.sources[0], Related: relation})
		}
	}
	return moments, nil
}
