package graph

import (
	"context"
	"errors"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// The states of an item.
const (
	Active  = "active"
	Missing = "missing" // no source sees it any more
	Retired = "retired" // missing for long
	Deleted = "deleted" // by a person
	Merged  = "merged"  // into the survivor
)

// gone says that an item of this state is no part of the living graph.
func gone(state string) bool { return state == Retired || state == Deleted || state == Merged }

// record is one row of graph_item.
type record struct {
	id, class, name, state, team, site string
	criticality                        int64
	values                             values
	redundancy, survivor, changedBy    string
	revision                           int64
	createdAt, updatedAt, missingAt    int64
	encoded                            string // values as JSON, or ""
}

// text returns the values as JSON.
func (r *record) text() string {
	if r.encoded == "" {
		r.encoded = r.values.text()
	}
	return r.encoded
}

const recordColumns = "id, class, name, state, team, site, criticality, attributes, redundancy, survivor, changed_by, revision, created_at, updated_at, missing_at"

// scanRecord reads recordColumns with any scanner.
func scanRecord(scan func(dest ...any) error) (*record, error) {
	var r record
	var attributes string
	if err := scan(&r.id, &r.class, &r.name, &r.state, &r.team, &r.site, &r.criticality, &attributes, &r.redundancy, &r.survivor,
		&r.changedBy, &r.revision, &r.createdAt, &r.updatedAt, &r.missingAt); err != nil {
		return nil, err
	}
	var err error
	r.values, err = parseValues(attributes)
	r.encoded = attributes
	return &r, err
}

func (r *record) row(version int64) []any {
	return []any{r.id, r.class, r.name, r.state, r.team, r.site, r.criticality, r.text(), r.redundancy, r.survivor, r.changedBy,
		r.revision, r.createdAt, r.updatedAt, r.missingAt, version}
}

// wear puts what is shown on the record and says whether anything differs.
func (r *record) wear(s shown) bool {
	same := r.class == s.class && r.name == s.name && r.team == s.team && r.site == s.site &&
		r.criticality == s.criticality && r.redundancy == s.redundancy && r.values.equal(s.values)
	r.class, r.name, r.team, r.site, r.criticality, r.redundancy, r.values = s.class, s.name, s.team, s.site, s.criticality, s.redundancy, s.values
	r.encoded = s.encoded
	return !same
}

// records loads items by id.
func records(ctx context.Context, q sqldb.Querier, ids []string) (map[string]*record, error) {
	out := make(map[string]*record, len(ids))
	err := byKey(q, recordColumns, "graph_item", "TRUE", "id", 1, ids, func(query string, part []any) error {
		rows, err := q.Query(ctx, query, part...)
		list, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (*record, error) { return scanRecord(rows.Scan) })
		for _, r := range list {
			out[r.id] = r
		}
		return err
	})
	return out, err
}

// holding is what a store holds of an item.
type holding struct {
	*record
	identities, observations int // how many
}

// holdings loads items by id, and counts what is known of them.
func holdings(ctx context.Context, q sqldb.Querier, ids []string) (map[string]holding, error) {
	const columns = recordColumns + `, (SELECT COUNT(*) FROM graph_identity AS i WHERE i.item = graph_item.id) AS identities,
		(SELECT COUNT(*) FROM graph_observation AS o WHERE o.item = graph_item.id) AS observations`
	out := make(map[string]holding, len(ids))
	err := byKey(q, columns, "graph_item", "TRUE", "id", 1, ids, func(query string, part []any) error {
		rows, err := q.Query(ctx, query, part...)
		list, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (h holding, err error) {
			h.record, err = scanRecord(func(dest ...any) error { return rows.Scan(append(dest, &h.identities, &h.observations)...) })
			return h, err
		})
		for _, h := range list {
			out[h.id] = h
		}
		return err
	})
	return out, err
}

// survivor follows merges from an id to the item it is now.
func survivor(ctx context.Context, q sqldb.Querier, id string) (*record, error) {
	for range 100 { // merges of merges; a circle cannot be made, this only bounds damage
		found, err := records(ctx, q, []string{id})
		if err != nil {
			return nil, err
		}
		r := found[id]
		if r == nil {
			return nil, core.NotFound("item", id)
		}
		if r.survivor == "" {
			return r, nil
		}
		id = r.survivor
	}
	return nil, core.Errorf(core.CodeInternal, "item %s was merged in a circle", id)
}

// put writes changed and new items and keeps what they were.
func (ch *change) put(ctx context.Context, changed []*record, before map[string]*record) error {
	if len(changed) == 0 {
		return nil
	}
	var past []string
	var fresh, alike, others [][]any
	for _, r := range changed {
		old := before[r.id]
		if old != nil {
			past = append(past, r.id)
			ch.restated = ch.restated || gone(old.state) != gone(r.state) || old.class != r.class
		}
		if old == nil || old.name != r.name {
			ch.touchName(old, r)
		}
		r.updatedAt = ch.at
		r.revision++
		switch row := r.row(ch.version); {
		case old == nil:
			fresh = append(fresh, row)
		case old.class == r.class && old.name == r.name && old.missingAt == r.missingAt:
			alike = append(alike, row)
		default:
			others = append(others, row)
		}
		ch.indexItem(r)
	}
	const kept = `id, updated_at, CAST($1 AS BIGINT) AS valid_to, class, name, state, team, site, criticality, attributes,
		redundancy, survivor, changed_by, revision, created_at`
	err := byKey(ch.tx, kept, "graph_item", "TRUE", "id", 2, past, func(query string, part []any) error {
		_, err := ch.tx.Exec(ctx, `INSERT INTO graph_past (id, valid_from, valid_to, class, name, state, team, site, criticality, attributes,
			redundancy, survivor, changed_by, revision, created_at) `+query, append([]any{ch.at}, part...)...)
		return err
	})
	if err != nil {
		return err
	}
	// Indexes of columns that are not set are not touched.
	const set = `ON CONFLICT (id) DO UPDATE SET state = excluded.state, team = excluded.team, site = excluded.site, criticality = excluded.criticality,
		attributes = excluded.attributes, redundancy = excluded.redundancy, survivor = excluded.survivor, changed_by = excluded.changed_by,
		revision = excluded.revision, updated_at = excluded.updated_at, version = excluded.version`
	const setAll = set + ", class = excluded.class, name = excluded.name, missing_at = excluded.missing_at"
	insert := func(rows [][]any, tail string) error {
		return sqldb.Insert(ctx, ch.tx, "INSERT INTO graph_item ("+recordColumns+", version) VALUES", 16, rows, tail)
	}
	return errors.Join(insert(fresh, ""), insert(alike, set), insert(others, setAll))
}

// touchName notes that answers which rest on the names may differ.
func (ch *change) touchName(records ...*record) {
	for _, r := range records {
		if r == nil {
			continue
		}
		for _, kind := range []string{"name", "hostname", "fqdn", "declared"} {
			ch.touched = append(ch.touched, identity{kind, r.name})
		}
	}
}
