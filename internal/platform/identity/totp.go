package identity

import (
	"context"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// Enrolment is what an authenticator application is given.
type enrolment struct {
	Secret string `json:"secret"`
	URI    string `json:"uri" doc:"otpauth://, for a QR code"`
}

func totpName(user string) string { return "totp/" + user }

// enrolTOTP makes a shared secret. The second factor is needed from the moment
// it is confirmed with a code.
func (c *Component) enrolTOTP(ctx context.Context, user string) (e enrolment, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		a, err := accountByID(ctx, tx, user)
		if err != nil {
			return err
		}
		if a.TOTP {
			return core.Errorf(core.CodeConflict, "a second factor is set up already; remove it first")
		}
		secret := newTOTPSecret()
		e = enrolment{secret, totpURI("Mainstay", a.Username, secret)}
		return c.deps.Sealed.PutInternal(ctx, tx, totpName(user), []byte(secret))
	})
	return e, err
}

// confirmTOTP switches the second factor on and returns the recovery codes,
// which are shown this once.
func (c *Component) confirmTOTP(ctx context.Context, user, code string) (codes []string, err error) {
	err = c.write(ctx, func(tx *sqldb.Tx) error {
		a, err := accountByID(ctx, tx, user)
		if err != nil {
			return err
		}
		if a.TOTP {
			return core.Errorf(core.CodeConflict, "a second factor is set up already")
		}
		if err := c.useCode(ctx, tx, a, code); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE auth_user SET totp = $2 WHERE id = $1`, user, true); err != nil {
			return err
		}
		codes = newRecoveryCodes()
		rows := make([][]any, len(codes))
		for i, code := range codes {
			rows[i] = []any{user, fingerprint(plainRecoveryCode(code))}
		}
		if err := sqldb.Insert(ctx, tx, `INSERT INTO auth_recovery (user_id, hash) VALUES`, 2, rows, ""); err != nil {
			return err
		}
		return c.record(ctx, tx, "totp.enabled", userRef(user), "set up a second factor", nil)
	})
	return codes, err
}

// removeTOTP needs a code, so that a session left open is not enough.
func (c *Component) removeTOTP(ctx context.Context, user, code string) error {
	return c.write(ctx, func(tx *sqldb.Tx) error {
		a, err := accountByID(ctx, tx, user)
		if err != nil {
			return err
		}
		if !a.TOTP {
			return core.Errorf(core.CodeConflict, "no second factor is set up")
		}
		if err := c.useSecondFactor(ctx, tx, a, code); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE auth_user SET totp = $2 WHERE id = $1`, user, false); err != nil {
			return err
		}
		if err := c.forgetTOTP(ctx, tx, user); err != nil {
			return err
		}
		return c.record(ctx, tx, "totp.disabled", userRef(user), "removed the second factor", nil)
	})
}

// useSecondFactor takes a code of the authenticator or a recovery code, each once.
func (c *Component) useSecondFactor(ctx context.Context, tx *sqldb.Tx, a account, code string) error {
	if plain := plainRecoveryCode(code); len(plain) == 16 {
		n, err := sqldb.Affected(tx.Exec(ctx, `DELETE FROM auth_recovery WHERE user_id = $1 AND hash = $2`, a.ID, fingerprint(plain)))
		if err != nil {
			return err
		}
		if n == 0 {
			return errCode("is wrong or was used already")
		}
		return c.record(ctx, tx, "totp.recovered", userRef(a.ID), "used a recovery code", nil)
	}
	return c.useCode(ctx, tx, a, code)
}

func (c *Component) useCode(ctx context.Context, tx *sqldb.Tx, a account, code string) error {
	secret, err := c.deps.Sealed.GetInternal(ctx, tx, totpName(a.ID))
	if core.CodeOf(err) == core.CodeNotFound {
		return core.Errorf(core.CodeConflict, "no second factor was enrolled")
	}
	if err != nil {
		return err
	}
	step := matchTOTP(string(secret), code, a.totpStep, c.deps.Clock.Now())
	if step == 0 {
		return errCode("is wrong or was used already")
	}
	// The condition makes two requests with one code race for it in SQL.
	n, err := sqldb.Affected(tx.Exec(ctx, `UPDATE auth_user SET totp_step = $2 WHERE id = $1 AND totp_step < $2`, a.ID, step))
	if err == nil && n == 0 {
		return errCode("is wrong or was used already")
	}
	return err
}

func (c *Component) forgetTOTP(ctx context.Context, tx *sqldb.Tx, user string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM auth_recovery WHERE user_id = $1`, user); err != nil {
		return err
	}
	return c.deps.Sealed.DeleteInternal(ctx, tx, totpName(user))
}
