package identity

import (
	"context"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// credentials are what a person types to sign in.
type credentials struct {
	Username string `json:"username" maxLength:"200"`
	Password string `json:"password" maxLength:"1024"`
	Code     string `json:"code,omitempty" maxLength:"64" doc:"of the second factor, or a recovery code"`
}

// The two things a refused sign-in can say. Needing a code is said only to
// someone who knows the password.
func errRefused() error {
	return core.Errorf(core.CodeUnauthenticated, "the user name or the password is wrong")
}

func errCode(rule string) error {
	return &core.Error{Code: core.CodeUnauthenticated, Message: "a second factor is needed",
		Details: []core.Detail{{Field: "code", Rule: rule}}}
}

// signIn verifies a password and, where one is set up, the second factor.
func (c *Component) signIn(ctx context.Context, in credentials) (User, session, *http.Cookie, error) {
	from, username := callerFrom(ctx), normalUsername(in.Username)
	if err := c.throttle.Take(username, from.address); err != nil {
		return User{}, session{}, nil, err
	}
	a, err := accountByUsername(ctx, c.deps.DB, username)
	if err != nil && core.CodeOf(err) != core.CodeNotFound {
		return User{}, session{}, nil, err
	}
	hash := ""
	if a.Active && a.Kind == auth.KindUser {
		hash = a.password
	}
	match, outdated, err := c.hasher.Verify(ctx, hash, in.Password)
	if err != nil {
		return User{}, session{}, nil, err
	}
	if !match {
		c.failures.note(a.ID, from.address)
		return User{}, session{}, nil, errRefused()
	}
	if a.TOTP && in.Code == "" {
		c.throttle.Refund(username, from.address)
		return User{}, session{}, nil, errCode("must be given")
	}
	if outdated {
		if a.password, err = c.hasher.Hash(ctx, in.Password); err != nil {
			return User{}, session{}, nil, err
		}
	}
	s, cookie, err := c.admit(ctx, a, in.Code, outdated)
	if err != nil {
		if core.CodeOf(err) == core.CodeUnauthenticated {
			c.failures.note(a.ID, from.address)
		}
		return User{}, session{}, nil, err
	}
	c.throttle.Refund(username, from.address)
	return a.User, s, cookie, nil
}

// admit opens the session of someone whose password was right. The account is
// read again, since it may have changed while the password was verified.
func (c *Component) admit(ctx context.Context, verified account, code string, rehashed bool) (s session, cookie *http.Cookie, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		a, err := accountByID(ctx, tx, verified.ID)
		if err != nil || !a.Active || !rehashed && a.password != verified.password {
			return errRefused()
		}
		if a.TOTP {
			if err := c.useSecondFactor(ctx, tx, a, code); err != nil {
				return err
			}
		}
		if rehashed {
			if _, err := tx.Exec(ctx, `UPDATE auth_user SET password = $2 WHERE id = $1`, a.ID, verified.password); err != nil {
				return err
			}
		}
		s, cookie, err = c.enter(ctx, tx, a.User, "password")
		return err
	})
	return s, cookie, err
}

// enter opens a session and records the sign-in.
func (c *Component) enter(ctx context.Context, tx *sqldb.Tx, u User, method string) (session, *http.Cookie, error) {
	s, cookie, err := c.openSession(ctx, tx, u, method)
	if err != nil {
		return s, nil, err
	}
	err = c.recordAs(ctx, tx, ledger.Actor{Kind: u.Kind, ID: u.ID, Name: u.Name}, "login", userRef(u.ID), "signed in",
		map[string]any{"method": method, "address": s.Address, "agent": s.Agent, "session": s.ID})
	return s, cookie, err
}
