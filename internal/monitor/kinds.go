package monitor

import (
	"bytes"
	"context"
	"encoding/json"

	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
)

// Kinds are the documents of this module.
func (c *Component) Kinds() []declare.Kind {
	return []declare.Kind{c.checkKind(), c.ruleKind(), c.ruleFileKind(), c.windowKind()}
}

// sameJSON compares what two values are stored as.
func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func (c *Component) checkKind() declare.Kind {
	return declare.Kind{
		Name: "Check", Summary: "Something measured on purpose", Order: 50, Resource: "checks", Spec: CheckSpec{},
		Apply: func(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
			var spec CheckSpec
			if err := declare.Decode(raw, &spec); err != nil {
				return false, err
			}
			if err := c.teamAllowed(ctx, "checks", spec.Team, func() (string, error) {
				old, err := c.store.checkNamed(ctx, tx, name)
				if old == nil {
					return spec.Team, err
				}
				return old.Spec.Team, err
			}); err != nil {
				return false, err
			}
			_, changed, err := c.applyCheck(ctx, tx, name, spec, "")
			return changed, err
		},
		Get: func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
			return specOf(ctx, q, "monitor_check", "1 = 1", name)
		},
		List: func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
			return documents(ctx, q, "Check", "monitor_check")
		},
		Delete: func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
			check, err := c.store.checkNamed(ctx, tx, name)
			if err != nil || check == nil {
				return false, err
			}
			return true, c.store.deleteCheck(ctx, tx, check)
		},
	}
}

func (c *Component) ruleKind() declare.Kind {
	return declare.Kind{
		Name: "MetricRule", Summary: "A PromQL expression whose series are faults, or are recorded", Order: 55, Resource: "checks", Spec: RuleSpec{},
		Apply: func(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
			var spec RuleSpec
			if err := declare.Decode(raw, &spec); err != nil {
				return false, err
			}
			if err := c.teamAllowed(ctx, "checks", spec.Team, func() (string, error) {
				old, err := c.store.rulesWhere(ctx, tx, "file = '' AND name = $1", name)
				if len(old) == 0 {
					return spec.Team, err
				}
				return old[0].Spec.Team, err
			}); err != nil {
				return false, err
			}
			_, changed, err := c.applyRule(ctx, tx, name, spec, "")
			return changed, err
		},
		Get: func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
			return specOf(ctx, q, "monitor_rule", "file = ''", name)
		},
		List: func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
			return documents(ctx, q, "MetricRule", "monitor_rule WHERE file = ''")
		},
		Delete: func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
			list, err := c.store.rulesWhere(ctx, tx, "file = '' AND name = $1", name)
			if err != nil || len(list) == 0 {
				return false, err
			}
			return true, c.store.deleteRule(ctx, tx, list[0])
		},
	}
}

func (c *Component) windowKind() declare.Kind {
	return declare.Kind{
		Name: "MaintenanceWindow", Summary: "When items are worked on and faults are expected", Order: 60, Resource: "maintenance", Spec: WindowSpec{},
		Apply: func(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
			var spec WindowSpec
			if err := declare.Decode(raw, &spec); err != nil {
				return false, err
			}
			if err := c.teamAllowed(ctx, "maintenance", spec.Team, func() (string, error) {
				old, err := c.store.windowsWhere(ctx, tx, "name = $1", name)
				if len(old) == 0 {
					return spec.Team, err
				}
				return old[0].Spec.Team, err
			}); err != nil {
				return false, err
			}
			_, changed, err := c.applyWindow(ctx, tx, name, spec, "")
			return changed, err
		},
		Get: func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
			return specOf(ctx, q, "monitor_window", "change_id = ''", name)
		},
		List: func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
			return documents(ctx, q, "MaintenanceWindow", "monitor_window WHERE change_id = ''")
		},
		Delete: func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
			list, err := c.store.windowsWhere(ctx, tx, "change_id = '' AND name = $1", name)
			if err != nil || len(list) == 0 {
				return false, err
			}
			return true, c.store.deleteWindow(ctx, tx, list[0])
		},
	}
}

// teamAllowed says whether the caller may write for the team a document has
// and for the one it gets.
func (c *Component) teamAllowed(ctx context.Context, resource, team string, before func() (string, error)) error {
	old, err := before()
	if err != nil {
		return err
	}
	for _, t := range []string{team, old} {
		if err := allowed(ctx, permission(resource, "write"), t, "document", ""); err != nil {
			return err
		}
	}
	return nil
}

func specOf(ctx context.Context, q sqldb.Querier, table, where, name string) (json.RawMessage, bool, error) {
	var spec string
	err := q.QueryRow(ctx, "SELECT spec FROM "+table+" WHERE "+where+" AND name = $1", name).Scan(&spec)
	if err == sqldb.ErrNoRows {
		return nil, false, nil
	}
	return json.RawMessage(spec), err == nil, err
}

func documents(ctx context.Context, q sqldb.Querier, kind, table string) ([]declare.Document, error) {
	rows, err := q.Query(ctx, "SELECT name, spec FROM "+table+" ORDER BY name")
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (declare.Document, error) {
		var name, spec string
		err := r.Scan(&name, &spec)
		return declare.Document{Kind: kind, Name: name, Spec: json.RawMessage(spec)}, err
	})
}
