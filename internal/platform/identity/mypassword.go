package identity

import (
	"context"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// changeOwnPassword needs the current one, and ends all other sessions.
func (c *Component) changeOwnPassword(ctx context.Context, in passwordChange) error {
	p, err := person(ctx)
	if err != nil {
		return err
	}
	return c.guarded(ctx, p, func() error {
		a, err := accountByID(ctx, c.deps.DB, p.ID)
		if err != nil {
			return err
		}
		if a.password == "" {
			return core.Errorf(core.CodeConflict, "you sign in through the OpenID provider and have no password here")
		}
		match, _, err := c.hasher.Verify(ctx, a.password, in.Current)
		if err != nil {
			return err
		}
		if !match {
			return core.Invalid("current", "is wrong")
		}
		if err := ValidatePassword("new", in.New, a.Username); err != nil {
			return err
		}
		hash, err := c.hasher.Hash(ctx, in.New)
		if err != nil {
			return err
		}
		return c.write(ctx, func(tx *sqldb.Tx) error {
			n, err := sqldb.Affected(tx.Exec(ctx, `UPDATE auth_user SET password = $3, password_changed = $4 WHERE id = $1 AND password = $2`,
				a.ID, a.password, hash, core.Micros(c.deps.Clock.Now())))
			if err != nil {
				return err
			}
			if n == 0 {
				return core.Errorf(core.CodeConflict, "the password was changed in the meantime")
			}
			if err := deleteSessions(ctx, tx, a.ID, p.Session); err != nil {
				return err
			}
			return c.record(ctx, tx, "password.changed", userRef(a.ID), "changed their password", nil)
		})
	})
}
