package identity

import (
	"context"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
)

// CreateUser makes a user. The one who acts in ctx must hold every permission
// that the grants give.
func (c *Component) CreateUser(ctx context.Context, in NewUser) (User, error) {
	in.normalise()
	if err := in.validate(); err != nil {
		return User{}, err
	}
	a := account{User: User{ID: c.deps.IDs.New(), Kind: in.Kind, Username: in.Username, Name: in.Name, Email: in.Email,
		Active: true, Created: c.deps.Clock.Now()}}
	if in.Password != "" {
		var err error
		if a.password, err = c.hasher.Hash(ctx, in.Password); err != nil {
			return User{}, err
		}
	}
	err := c.write(ctx, func(tx *sqldb.Tx) (err error) {
		if err := c.mayGrant(ctx, tx, in.Grants); err != nil {
			return err
		}
		if err := c.insertUser(ctx, tx, a, in.Grants); err != nil {
			return err
		}
		a, err = accountByID(ctx, tx, a.ID)
		return err
	})
	return a.User, err
}

func (c *Component) insertUser(ctx context.Context, tx *sqldb.Tx, a account, grants []Grant) error {
	if err := insertAccount(ctx, tx, a); err != nil {
		return err
	}
	if err := replaceGrants(ctx, tx, a.ID, sourceLocal, grants); err != nil {
		return err
	}
	return c.record(ctx, tx, "user.created", userRef(a.ID), "created the user "+a.Username,
		map[string]any{"username": a.Username, "kind": a.Kind, "grants": grants})
}

// ChangeUser changes a user when match finds nothing against it as it is now.
func (c *Component) ChangeUser(ctx context.Context, id string, match func(User) error, change UserChange) (User, error) {
	var hash string
	if change.Password != nil {
		current, err := accountByID(ctx, c.deps.DB, id)
		if err != nil {
			return User{}, err
		}
		if current.Kind != auth.KindUser {
			return User{}, core.Invalid("password", "a service has tokens, not a password")
		}
		if err := ValidatePassword("password", *change.Password, current.Username); err != nil {
			return User{}, err
		}
		if hash, err = c.hasher.Hash(ctx, *change.Password); err != nil {
			return User{}, err
		}
	}
	var a account
	err := c.write(ctx, func(tx *sqldb.Tx) (err error) {
		if a, err = accountByID(ctx, tx, id); err != nil {
			return err
		}
		if err := match(a.User); err != nil {
			return err
		}
		if err := c.mayTouch(ctx, tx, a); err != nil {
			return err
		}
		changed, err := c.applyChange(ctx, tx, &a, change, hash)
		if err != nil {
			return err
		}
		if err := updateAccount(ctx, tx, a, core.Micros(c.deps.Clock.Now())); err != nil {
			return err
		}
		if err := keepAdministrator(ctx, tx); err != nil {
			return err
		}
		if err := c.record(ctx, tx, "user.changed", userRef(id), "changed the user "+a.Username, changed); err != nil {
			return err
		}
		a, err = accountByID(ctx, tx, id)
		return err
	})
	return a.User, err
}

// applyChange returns what is recorded of the change: never a password.
func (c *Component) applyChange(ctx context.Context, tx *sqldb.Tx, a *account, change UserChange, hash string) (map[string]any, error) {
	changed := map[string]any{}
	if change.Name != nil {
		a.Name, changed["name"] = *change.Name, *change.Name
	}
	if change.Email != nil {
		a.Email, changed["email"] = *change.Email, *change.Email
	}
	if err := core.InvalidAll(personDetails(a.Name, a.Email)); err != nil {
		return nil, err
	}
	if hash != "" {
		a.password, changed["password"] = hash, true
	}
	if change.Active != nil {
		a.Active, changed["active"] = *change.Active, *change.Active
	}
	if hash != "" || !a.Active {
		if err := deleteSessions(ctx, tx, a.ID, ""); err != nil {
			return nil, err
		}
	}
	if change.ResetTOTP {
		a.TOTP, changed["totp"] = false, false
		if err := c.forgetTOTP(ctx, tx, a.ID); err != nil {
			return nil, err
		}
	}
	if change.Grants != nil {
		if err := c.mayGrant(ctx, tx, *change.Grants); err != nil {
			return nil, err
		}
		changed["grants"] = *change.Grants
		if err := replaceGrants(ctx, tx, a.ID, sourceLocal, *change.Grants); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

// DeleteUser removes a user with their sessions and tokens. What they did stays
// in the ledger under their name.
func (c *Component) DeleteUser(ctx context.Context, id string) error {
	return c.write(ctx, func(tx *sqldb.Tx) error {
		a, err := accountByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := c.mayTouch(ctx, tx, a); err != nil {
			return err
		}
		if err := c.forgetTOTP(ctx, tx, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM auth_user WHERE id = $1`, id); err != nil {
			return err
		}
		if err := keepAdministrator(ctx, tx); err != nil {
			return err
		}
		return c.record(ctx, tx, "user.deleted", userRef(id), "deleted the user "+a.Username, nil)
	})
}

// User returns one user.
func (c *Component) User(ctx context.Context, id string) (User, error) {
	a, err := accountByID(ctx, c.deps.DB, id)
	return a.User, err
}

// UserNamed returns the user with a user name.
func (c *Component) UserNamed(ctx context.Context, username string) (User, error) {
	a, err := accountByUsername(ctx, c.deps.DB, normalUsername(username))
	return a.User, err
}

// PrincipalNow is what a user may do now; nil when they may not sign in.
func (c *Component) PrincipalNow(ctx context.Context, id string) (*auth.Principal, error) {
	return c.activePrincipal(ctx, id)
}

func (c *Component) mayGrant(ctx context.Context, tx *sqldb.Tx, grants []Grant) error {
	roles, err := readRoles(ctx, tx)
	if err != nil {
		return err
	}
	teams, err := teamNames(ctx, tx)
	if err != nil {
		return err
	}
	return checkGrants(auth.From(ctx), roles, teams, grants)
}

// mayTouch refuses to change someone who may do more than the one who acts:
// whoever sets a password can become its owner.
func (c *Component) mayTouch(ctx context.Context, tx *sqldb.Tx, a account) error {
	target, err := c.principalOf(ctx, tx, a.User)
	if err != nil {
		return err
	}
	mine, _ := auth.From(ctx).Permissions()
	everywhere, teams := target.Permissions()
	allowed := mine.Contains(everywhere)
	for _, set := range teams {
		allowed = allowed && mine.Contains(set)
	}
	if !allowed {
		return core.Errorf(core.CodeForbidden, "%s holds permissions that you do not hold", a.Username)
	}
	return nil
}

func (c *Component) principalOf(ctx context.Context, q sqldb.Querier, u User) (*auth.Principal, error) {
	roles, err := readRoles(ctx, q)
	if err != nil {
		return nil, err
	}
	grants := make([]auth.Grant, len(u.Grants))
	for i, g := range u.Grants {
		grants[i] = auth.Grant{Role: g.Role, Team: g.Team}
	}
	return auth.NewPrincipal(u.Kind, u.ID, u.Name, roles, grants...), nil
}

func keepAdministrator(ctx context.Context, q sqldb.Querier) error {
	n, err := administrators(ctx, q)
	if err == nil && n == 0 {
		return core.Errorf(core.CodeConflict, "the last administrator cannot be removed, blocked or demoted")
	}
	return err
}

func userRef(id string) core.Ref { return core.Ref{Kind: "user", ID: id} }
