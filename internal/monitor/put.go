package monitor

import (
	"context"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
)

func permission(resource, verb string) auth.Permission { return auth.Permission(resource + ":" + verb) }

// PutRule declares a metric rule: a new one, or a change of the one with its name.
func (c *Component) PutRule(ctx context.Context, name string, spec RuleSpec, ifMatch string) (rule *Rule, changed bool, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		rule, changed, err = c.applyRule(ctx, tx, name, spec, ifMatch)
		return err
	})
	return rule, changed, err
}

func (c *Component) applyRule(ctx context.Context, tx *sqldb.Tx, name string, spec RuleSpec, ifMatch string) (*Rule, bool, error) {
	if err := spec.validate(name, c.cfg); err != nil {
		return nil, false, err
	}
	if err := c.selects(ctx, spec.Items); err != nil {
		return nil, false, err
	}
	list, err := c.store.rulesWhere(ctx, tx, "name = $1", name)
	switch {
	case err != nil:
		return nil, false, err
	case len(list) == 0:
		fresh := &Rule{ID: c.deps.IDs.New(), Name: name, Spec: spec}
		return fresh, true, c.store.saveRule(ctx, tx, fresh)
	}
	old := list[0]
	if old.File != "" {
		return nil, false, ofFile(old)
	}
	if err := httpapi.Match(ifMatch, old.Version); err != nil {
		return nil, false, err
	}
	if sameJSON(old.Spec, spec) {
		return old, false, nil
	}
	old.Spec = spec
	return old, true, c.store.saveRule(ctx, tx, old)
}

// ofFile says why a rule cannot be changed by itself.
func ofFile(r *Rule) error {
	return core.Errorf(core.CodeConflict, "the rule belongs to the rule file %s: change the document RuleFile of that name", r.File)
}

// DeleteRule removes a rule by its id or name; alerts it has open end.
func (c *Component) DeleteRule(ctx context.Context, ref, ifMatch string) error {
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		r, err := c.store.ruleBy(ctx, tx, ref)
		if err != nil {
			return err
		}
		if r.File != "" {
			return ofFile(r)
		}
		if err := httpapi.Match(ifMatch, r.Version); err != nil {
			return err
		}
		return c.store.deleteRule(ctx, tx, r)
	})
}

// PutWindow declares a maintenance window: a new one, or a change of the one with its name.
func (c *Component) PutWindow(ctx context.Context, name string, spec WindowSpec, ifMatch string) (w *Window, changed bool, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		w, changed, err = c.applyWindow(ctx, tx, name, spec, ifMatch)
		return err
	})
	if err == nil && changed {
		err = c.windows.load(ctx) // at once here; other processes hear of it
	}
	return w, changed, err
}

func (c *Component) applyWindow(ctx context.Context, tx *sqldb.Tx, name string, spec WindowSpec, ifMatch string) (*Window, bool, error) {
	spec.Start = core.FromMicros(core.Micros(spec.Start))
	if err := spec.validate(name); err != nil {
		return nil, false, err
	}
	if spec.Selector != "" {
		if _, err := c.deps.Items.Select(ctx, spec.Selector); core.CodeOf(err) == core.CodeInvalid {
			return nil, false, core.Invalid("spec.selector", ruleOf(err))
		}
	}
	list, err := c.store.windowsWhere(ctx, tx, "name = $1", name)
	switch {
	case err != nil:
		return nil, false, err
	case len(list) == 0:
		fresh := &Window{ID: c.deps.IDs.New(), Name: name, Spec: spec}
		return fresh, true, c.store.saveWindow(ctx, tx, fresh)
	}
	old := list[0]
	if err := old.ofChange(); err != nil {
		return nil, false, err
	}
	if err := httpapi.Match(ifMatch, old.Version); err != nil {
		return nil, false, err
	}
	if sameJSON(old.Spec, spec) {
		return old, false, nil
	}
	old.Spec = spec
	return old, true, c.store.saveWindow(ctx, tx, old)
}

// DeleteWindow removes a window by its id or name.
func (c *Component) DeleteWindow(ctx context.Context, ref, ifMatch string) error {
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		w, err := c.store.windowBy(ctx, tx, ref)
		if err != nil {
			return err
		}
		if err := w.ofChange(); err != nil {
			return err
		}
		if err := httpapi.Match(ifMatch, w.Version); err != nil {
			return err
		}
		return c.store.deleteWindow(ctx, tx, w)
	})
	if err != nil {
		return err
	}
	return c.windows.load(ctx)
}
