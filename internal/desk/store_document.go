package desk

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"mainstay/internal/platform/sqldb"
)

// document reads one stored spec.
func (s store) document(ctx context.Context, q sqldb.Querier, kind, name string) (json.RawMessage, bool, error) {
	var spec string
	err := q.QueryRow(ctx, "SELECT spec FROM desk_document WHERE kind = $1 AND name = $2", kind, name).Scan(&spec)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, false, nil
	}
	return json.RawMessage(spec), err == nil, err
}

// named is a stored spec and its name.
type named struct {
	name string
	spec json.RawMessage
}

func (s store) documents(ctx context.Context, q sqldb.Querier, kind string) ([]named, error) {
	rows, err := q.Query(ctx, "SELECT name, spec FROM desk_document WHERE kind = $1 ORDER BY name", kind)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (named, error) {
		var n named
		var spec string
		err := r.Scan(&n.name, &spec)
		n.spec = json.RawMessage(spec)
		return n, err
	})
}

// saveDocument stores the canonical form of value and says whether it differs.
func (s store) saveDocument(ctx context.Context, tx *sqldb.Tx, kind, name string, value any) (changed bool, err error) {
	spec, err := json.Marshal(value)
	if err != nil {
		return false, err
	}
	before, found, err := s.document(ctx, tx, kind, name)
	if err != nil || found && bytes.Equal(before, spec) {
		return false, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO desk_document (kind, name, spec) VALUES ($1, $2, $3)
		ON CONFLICT (kind, name) DO UPDATE SET spec = excluded.spec`, kind, name, string(spec))
	return true, err
}

func (s store) deleteDocument(ctx context.Context, tx *sqldb.Tx, kind, name string) (bool, error) {
	n, err := sqldb.Affected(tx.Exec(ctx, "DELETE FROM desk_document WHERE kind = $1 AND name = $2", kind, name))
	return n > 0, err
}

type namedLevel struct {
	ServiceLevel
	name string
}

// serviceLevels returns them in the order they are tried.
func (s store) serviceLevels(ctx context.Context, q sqldb.Querier) ([]namedLevel, error) {
	docs, err := s.documents(ctx, q, kindServiceLevel)
	if err != nil {
		return nil, err
	}
	var out []namedLevel
	for _, d := range docs {
		level := namedLevel{name: d.name}
		if err := json.Unmarshal(d.spec, &level.ServiceLevel); err != nil {
			return nil, err
		}
		out = append(out, level)
	}
	slices.SortStableFunc(out, func(a, b namedLevel) int { return cmp.Compare(a.Order, b.Order) })
	return out, nil
}

type namedRule struct {
	AssignmentRule
	name string
}

// assignmentRules returns them in the order they are tried.
func (s store) assignmentRules(ctx context.Context, q sqldb.Querier) ([]namedRule, error) {
	docs, err := s.documents(ctx, q, kindAssignmentRule)
	if err != nil {
		return nil, err
	}
	var out []namedRule
	for _, d := range docs {
		rule := namedRule{name: d.name}
		if err := json.Unmarshal(d.spec, &rule.AssignmentRule); err != nil {
			return nil, err
		}
		out = append(out, rule)
	}
	slices.SortStableFunc(out, func(a, b namedRule) int { return cmp.Compare(a.Order, b.Order) })
	return out, nil
}

func (s store) calendars(ctx context.Context, q sqldb.Querier) (map[string]*Calendar, error) {
	docs, err := s.documents(ctx, q, kindCalendar)
	out := make(map[string]*Calendar, len(docs))
	for _, d := range docs {
		if out[d.name], err = ParseCalendar(d.spec); err != nil {
			return nil, err
		}
	}
	return out, err
}
