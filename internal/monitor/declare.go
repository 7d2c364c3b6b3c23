package monitor

import (
	"context"
	"fmt"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
)

// PutCheck declares a check: a new one, or a change of the one with its name.
// ifMatch, when given, is the version that is changed.
func (c *Component) PutCheck(ctx context.Context, name string, spec CheckSpec, ifMatch string) (check *Check, changed bool, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		check, changed, err = c.applyCheck(ctx, tx, name, spec, ifMatch)
		return err
	})
	return check, changed, err
}

func (c *Component) applyCheck(ctx context.Context, tx *sqldb.Tx, name string, spec CheckSpec, ifMatch string) (*Check, bool, error) {
	if err := spec.validate(name, c.cfg); err != nil {
		return nil, false, err
	}
	if err := c.readable(ctx, &spec); err != nil {
		return nil, false, err
	}
	if err := c.store.checkCycle(ctx, tx, name, spec.DependsOn); err != nil {
		return nil, false, err
	}
	old, err := c.store.checkNamed(ctx, tx, name)
	switch {
	case err != nil:
		return nil, false, err
	case spec.startsPrograms() && (old == nil || !sameJSON(old.Spec.programs(), spec.programs())) && !auth.From(ctx).Can("checks:admin"):
		return nil, false, core.Errorf(core.CodeForbidden, "a command on the server needs the permission checks:admin; with runOn: agent it runs on the item's host")
	case old == nil:
		fresh := &Check{ID: c.deps.IDs.New(), Name: name, Spec: spec}
		return fresh, true, c.store.saveCheck(ctx, tx, fresh)
	}
	if err := httpapi.Match(ifMatch, old.Version); err != nil {
		return nil, false, err
	}
	if sameJSON(old.Spec, spec) {
		return old, false, nil
	}
	old.Spec = spec
	return old, true, c.store.saveCheck(ctx, tx, old)
}

// readable asks the graph whether it can read the selectors.
func (c *Component) readable(ctx context.Context, spec *CheckSpec) error {
	selectors := map[string]string{"spec.selector": spec.Selector, "spec.locationSelector": spec.Places}
	for i, o := range spec.Overrides {
		selectors[fmt.Sprintf("spec.overrides[%d].selector", i)] = o.Selector
	}
	for field, selector := range selectors {
		if selector == "" {
			continue
		}
		if _, err := c.deps.Items.Select(ctx, selector); core.CodeOf(err) == core.CodeInvalid {
			return core.Invalid(field, ruleOf(err))
		}
	}
	return nil
}

// DeleteCheck removes a check by its id or name; an alert it has open ends.
func (c *Component) DeleteCheck(ctx context.Context, ref, ifMatch string) error {
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		check, err := c.store.checkBy(ctx, tx, ref)
		if err != nil {
			return err
		}
		if err := httpapi.Match(ifMatch, check.Version); err != nil {
			return err
		}
		return c.store.deleteCheck(ctx, tx, check)
	})
}

func (s *store) checkNamed(ctx context.Context, q sqldb.Querier, name string) (*Check, error) {
	rows, err := q.Query(ctx, "SELECT "+checkColumns+" FROM monitor_check WHERE name = $1", name)
	list, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (*Check, error) { return scanCheck(r.Scan) })
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// checkCycle refuses dependencies that lead back to the check.
func (s *store) checkCycle(ctx context.Context, q sqldb.Querier, name string, dependsOn []string) error {
	if len(dependsOn) == 0 {
		return nil
	}
	var failure error
	path := cycle(name, func(at string) []string {
		if at == name {
			return dependsOn
		}
		check, err := s.checkNamed(ctx, q, at)
		if err != nil {
			failure = err
		}
		if check == nil {
			return nil
		}
		return check.Spec.DependsOn
	})
	if path != nil {
		return core.Invalid("spec.dependsOn", "leads in a circle: "+strings.Join(path, " needs "))
	}
	return failure
}

// ruleOf is the rule that an error of one field names.
func ruleOf(err error) string {
	if e, ok := err.(*core.Error); ok && len(e.Details) > 0 {
		return e.Details[0].Rule
	}
	return message(err)
}
