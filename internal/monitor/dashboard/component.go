package dashboard

import (
	"context"
	"encoding/json"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
)

// Component keeps and makes dashboards. It does nothing by itself: there is
// nothing to start.
type Component struct {
	deps    Dependencies
	store   *store
	layouts []layout
}

// New reads the layouts and does nothing else.
func New(deps Dependencies) (*Component, error) {
	layouts, err := readLayouts(layoutText)
	if err != nil {
		return nil, err
	}
	return &Component{deps: deps, layouts: layouts, store: &store{db: deps.DB, ledger: deps.Ledger, clock: deps.Clock}}, nil
}

// Put declares a dashboard: a new one, or a change of the one with its name.
// ifMatch, when given, is the version that is changed.
func (c *Component) Put(ctx context.Context, name string, spec Spec, ifMatch string) (d *Dashboard, changed bool, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		d, changed, err = c.apply(ctx, tx, name, spec, ifMatch)
		return err
	})
	return d, changed, err
}

func (c *Component) apply(ctx context.Context, tx *sqldb.Tx, name string, spec Spec, ifMatch string) (*Dashboard, bool, error) {
	if err := c.check(ctx, name, spec); err != nil {
		return nil, false, err
	}
	old, err := c.store.named(ctx, tx, name)
	if err != nil {
		return nil, false, err
	}
	if old == nil {
		fresh := &Dashboard{ID: c.deps.IDs.New(), Name: name, Spec: spec}
		return fresh, true, c.store.save(ctx, tx, fresh)
	}
	if err := httpapi.Match(ifMatch, old.Version); err != nil {
		return nil, false, err
	}
	if same(old.Spec, spec) {
		return old, false, nil
	}
	old.Spec = spec
	return old, true, c.store.save(ctx, tx, old)
}

// check validates a document, its selectors included.
func (c *Component) check(ctx context.Context, name string, spec Spec) error {
	if err := spec.Validate(name); err != nil {
		return err
	}
	var bad faults
	for field, selector := range spec.selectors() {
		if _, err := c.deps.Items.Select(ctx, selector); core.CodeOf(err) == core.CodeInvalid {
			bad.add(field, ruleOf(err))
		}
	}
	return core.InvalidAll(bad)
}

// Delete removes a dashboard by its id or name, with everybody's mark on it.
func (c *Component) Delete(ctx context.Context, ref, ifMatch string) error {
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		d, err := c.store.by(ctx, tx, ref)
		if err != nil {
			return err
		}
		if err := httpapi.Match(ifMatch, d.Version); err != nil {
			return err
		}
		return c.store.remove(ctx, tx, d)
	})
}

// same compares what two specs are stored as.
func same(a, b Spec) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// ruleOf is the rule that an error of one field names.
func ruleOf(err error) string {
	if e, ok := err.(*core.Error); ok && len(e.Details) > 0 {
		return e.Details[0].Rule
	}
	return err.Error()
}

// allowed says whether the caller has the permission for a dashboard of team;
// what may not be seen is not there.
func allowed(ctx context.Context, permission auth.Permission, team, ref string) error {
	if auth.From(ctx).Scope(permission).Allows(team) {
		return nil
	}
	if permission.Verb() == auth.Read {
		return core.NotFound("dashboard", ref)
	}
	return core.Errorf(core.CodeForbidden, "this dashboard belongs to another team")
}
