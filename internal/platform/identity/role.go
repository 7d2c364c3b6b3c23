package identity

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
)

// Role is a named set of permissions.
type Role struct {
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Permissions []auth.Permission `json:"permissions" nullable:"false" doc:"resource:verb, each side may be *"`
	Builtin     bool              `json:"builtin" doc:"cannot be changed"`
}

// RoleInput is what is said of a role.
type RoleInput struct {
	Description string            `json:"description,omitempty" maxLength:"1000"`
	Permissions []auth.Permission `json:"permissions"`
}

// Roles returns all roles, the built-in ones first.
func (c *Component) Roles(ctx context.Context) ([]Role, error) {
	found, err := readRoles(ctx, c.deps.DB)
	if err != nil {
		return nil, err
	}
	roles := make([]Role, 0, len(found))
	for r := range maps.Values(found) {
		roles = append(roles, Role{r.Name, r.Description, r.Permissions.Patterns(), r.Builtin})
	}
	slices.SortFunc(roles, func(a, b Role) int {
		if a.Builtin != b.Builtin {
			if a.Builtin {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return roles, nil
}

// PutRole makes a role or changes it, for everyone who has it.
func (c *Component) PutRole(ctx context.Context, name string, in RoleInput) (Role, error) {
	if !regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`).MatchString(name) {
		return Role{}, core.Invalid("name", "must be 1 to 63 of a-z 0-9 -, beginning with a letter")
	}
	permissions := auth.NewSet(in.Permissions...)
	if err := permissions.Validate(); err != nil {
		return Role{}, err
	}
	if mine, _ := auth.From(ctx).Permissions(); !mine.Contains(permissions) {
		return Role{}, core.Errorf(core.CodeForbidden, "the role holds permissions that you do not hold")
	}
	text, err := json.Marshal(permissions)
	if err != nil {
		return Role{}, err
	}
	now := core.Micros(c.deps.Clock.Now())
	err = c.changeRole(ctx, name, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO auth_role (name, description, permissions, created, changed) VALUES ($1, $2, $3, $4, $4)
			ON CONFLICT (name) DO UPDATE SET description = excluded.description, permissions = excluded.permissions, changed = excluded.changed`,
			name, in.Description, string(text), now); err != nil {
			return err
		}
		return c.record(ctx, tx, "role.changed", core.Ref{Kind: "role", ID: name}, "changed the role "+name, in)
	})
	return Role{Name: name, Description: in.Description, Permissions: permissions.Patterns()}, err
}

// DeleteRole removes a role that nobody has.
func (c *Component) DeleteRole(ctx context.Context, name string) error {
	return c.changeRole(ctx, name, func(tx *sqldb.Tx) error {
		var holders int
		if err := tx.QueryRow(ctx, `SELECT COUNT(DISTINCT user_id) FROM auth_grant WHERE role = $1`, name).Scan(&holders); err != nil {
			return err
		}
		if holders > 0 {
			return core.Errorf(core.CodeConflict, "%d users have the role %q", holders, name)
		}
		n, err := sqldb.Affected(tx.Exec(ctx, `DELETE FROM auth_role WHERE name = $1`, name))
		if err != nil {
			return err
		}
		if n == 0 {
			return core.NotFound("role", name)
		}
		return c.record(ctx, tx, "role.deleted", core.Ref{Kind: "role", ID: name}, "deleted the role "+name, nil)
	})
}

// changeRole refuses to touch a built-in role, or one that holds more than the
// one who acts.
func (c *Component) changeRole(ctx context.Context, name string, fn func(tx *sqldb.Tx) error) error {
	return c.write(ctx, func(tx *sqldb.Tx) error {
		roles, err := readRoles(ctx, tx)
		if err != nil {
			return err
		}
		mine, _ := auth.From(ctx).Permissions()
		switch current := roles[name]; {
		case current.Builtin:
			return core.Errorf(core.CodeConflict, "the role %q is built in and cannot be changed", name)
		case !mine.Contains(current.Permissions):
			return core.Errorf(core.CodeForbidden, "the role %q holds permissions that you do not hold", name)
		}
		return fn(tx)
	})
}
