package identity

import (
	"context"
	"net/http"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// setupFor is how long a link for the first administrator is good.
const setupFor = 24 * time.Hour

// SetupLink returns the path of the console where the first administrator is
// made, with a token good for one day and one use, or "" when there is an
// administrator. A new link replaces the one before. The token is in the
// fragment, which browsers send to nobody.
func (c *Component) SetupLink(ctx context.Context) (string, error) {
	token, link := newSecret(), ""
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		link = ""
		if n, err := administrators(ctx, tx); err != nil || n > 0 {
			return err
		}
		link = strings.TrimSuffix(c.cfg.PublicURL, "/") + "/setup#token=" + token
		_, err := tx.Exec(ctx, `INSERT INTO auth_setup (id, hash, expires) VALUES (1, $1, $2)
			ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, expires = excluded.expires`,
			fingerprint(token), core.Micros(c.deps.Clock.Now().Add(setupFor)))
		return err
	})
	return link, err
}

// setupInput makes the first administrator.
type setupInput struct {
	Token    string `json:"token" maxLength:"100"`
	Username string `json:"username"`
	Name     string `json:"name,omitempty"`
	Email    string `json:"email,omitempty"`
	Password string `json:"password"`
}

// setUp makes the first administrator and signs them in.
func (c *Component) setUp(ctx context.Context, in setupInput) (u User, s session, cookie *http.Cookie, err error) {
	from := callerFrom(ctx)
	if err := c.throttle.Take("", from.address); err != nil {
		return u, s, nil, err
	}
	person := NewUser{Kind: auth.KindUser, Username: in.Username, Name: in.Name, Email: in.Email, Password: in.Password}
	person.normalise()
	if err := person.validate(); err != nil {
		return u, s, nil, err
	}
	if in.Password == "" {
		return u, s, nil, ValidatePassword("password", "", "")
	}
	if err := c.checkSetupToken(ctx, c.deps.DB, in.Token); err != nil {
		return u, s, nil, err
	}
	hash, err := c.hasher.Hash(ctx, in.Password)
	if err != nil {
		return u, s, nil, err
	}
	err = c.write(ctx, func(tx *sqldb.Tx) (err error) {
		if err := c.checkSetupToken(ctx, tx, in.Token); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM auth_setup WHERE id = 1`); err != nil {
			return err
		}
		if u, err = c.insertAdministrator(ctx, tx, person, hash); err != nil {
			return err
		}
		s, cookie, err = c.enter(ctx, tx, u, "setup")
		return err
	})
	if err == nil {
		c.throttle.Refund("", from.address)
	}
	return u, s, cookie, err
}

func (c *Component) checkSetupToken(ctx context.Context, q sqldb.Querier, token string) error {
	n, err := administrators(ctx, q)
	if err != nil {
		return err
	}
	if n > 0 {
		return core.Errorf(core.CodeConflict, "there is an administrator already; sign in")
	}
	var found int
	if err := q.QueryRow(ctx, `SELECT COUNT(*) FROM auth_setup WHERE hash = $1 AND expires > $2`,
		fingerprint(token), core.Micros(c.deps.Clock.Now())).Scan(&found); err != nil {
		return err
	}
	if found == 0 {
		return core.Errorf(core.CodeForbidden, "the set-up link is wrong, used or too old; the log of a restarted server shows a new one")
	}
	return nil
}

func (c *Component) insertAdministrator(ctx context.Context, tx *sqldb.Tx, person NewUser, hash string) (User, error) {
	a := account{User: User{ID: c.deps.IDs.New(), Kind: auth.KindUser, Username: person.Username, Name: person.Name,
		Email: person.Email, Active: true, Created: c.deps.Clock.Now()}, password: hash}
	if err := insertAccount(ctx, tx, a); err != nil {
		return User{}, err
	}
	if err := replaceGrants(ctx, tx, a.ID, sourceLocal, []Grant{{Role: auth.Administrator}}); err != nil {
		return User{}, err
	}
	if err := c.recordAs(ctx, tx, ledger.System("setup"), "user.created", userRef(a.ID), "created the first administrator "+a.Username,
		map[string]any{"username": a.Username}); err != nil {
		return User{}, err
	}
	a, err := accountByID(ctx, tx, a.ID)
	return a.User, err
}

// preset makes the user admin of an installation that has no administrator.
// Where there is one, the preset changes nothing: the password is theirs.
func (c *Component) preset(ctx context.Context) error {
	if c.cfg.AdminPassword == "" {
		return nil
	}
	if n, err := administrators(ctx, c.deps.DB); err != nil || n > 0 {
		return err
	}
	hash, err := c.hasher.Hash(ctx, c.cfg.AdminPassword)
	if err != nil {
		return err
	}
	return c.write(ctx, func(tx *sqldb.Tx) error {
		if n, err := administrators(ctx, tx); err != nil || n > 0 {
			return err
		}
		_, err := c.insertAdministrator(ctx, tx, NewUser{Username: presetUser, Name: "Administrator"}, hash)
		return err
	})
}
