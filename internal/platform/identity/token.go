package identity

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
)

// Token is an API token without its secret.
type Token struct {
	ID      string            `json:"id"`
	User    string            `json:"user" doc:"id of the person or service it acts as"`
	Name    string            `json:"name"`
	Hint    string            `json:"hint" doc:"its last four characters"`
	Scopes  []auth.Permission `json:"scopes" nullable:"false" doc:"what it may do at most"`
	Created time.Time         `json:"created"`
	Expires time.Time         `json:"expires,omitzero"`
	Used    time.Time         `json:"used,omitzero"`
	Address string            `json:"address,omitempty" doc:"where it was used last"`
}

// TokenRequest asks for a token.
type TokenRequest struct {
	User    string            `json:"user,omitempty" doc:"id or user name; empty: the caller"`
	Name    string            `json:"name" minLength:"1" maxLength:"100"`
	Scopes  []auth.Permission `json:"scopes,omitempty" doc:"resource:verb, each side may be *; empty: everything its user may do"`
	Expires time.Time         `json:"expires,omitzero" doc:"empty: never"`
}

// CreateToken makes a token and returns its secret, which is shown this once.
// It acts as its user, within its scopes. Making one for somebody else needs
// users:admin. It needs no running component, so a command can call it on the
// store of a running server.
func (c *Component) CreateToken(ctx context.Context, in TokenRequest) (Token, string, error) {
	caller, now := auth.From(ctx), c.deps.Clock.Now()
	t := Token{ID: c.deps.IDs.New(), Name: strings.TrimSpace(in.Name), Created: now, Expires: in.Expires}
	limit, err := tokenLimit(caller, in, now)
	if err != nil {
		return Token{}, "", err
	}
	t.Scopes = limit.Patterns()
	secret := newToken()
	t.Hint = secret[len(secret)-4:]
	err = c.write(ctx, func(tx *sqldb.Tx) error {
		who := in.User
		if who == "" {
			who = caller.ID
		}
		a, err := findAccount(ctx, tx, who, "u.id = $1 OR u.username = $2", who, normalUsername(who))
		if err != nil {
			return err
		}
		if a.ID != caller.ID {
			if !caller.Can("users:admin") {
				return core.Errorf(core.CodeForbidden, "a token for somebody else needs users:admin")
			}
			if err := c.mayTouch(ctx, tx, a); err != nil {
				return err
			}
		}
		t.User = a.ID
		if err := insertToken(ctx, tx, t, fingerprint(secret)); err != nil {
			return err
		}
		return c.record(ctx, tx, "token.created", core.Ref{Kind: "token", ID: t.ID}, "created the API token "+t.Name+" of "+a.Username,
			map[string]any{"name": t.Name, "user": t.User, "scopes": t.Scopes, "expires": t.Expires})
	})
	return t, secret, err
}

// tokenLimit is the scopes of the new token: never more than those of the
// token that asks for it.
func tokenLimit(caller *auth.Principal, in TokenRequest, now time.Time) (auth.Set, error) {
	if caller == nil {
		return auth.Set{}, core.Errorf(core.CodeUnauthenticated, "sign in first")
	}
	if strings.TrimSpace(in.Name) == "" {
		return auth.Set{}, core.Invalid("name", "must not be empty")
	}
	if !in.Expires.IsZero() && !in.Expires.After(now) {
		return auth.Set{}, core.Invalid("expires", "must be in the future")
	}
	scopes := auth.NewSet(in.Scopes...)
	if len(in.Scopes) == 0 {
		scopes = auth.NewSet("*:*")
	}
	if err := scopes.Validate(); err != nil {
		return auth.Set{}, core.Invalid("scopes", err.(*core.Error).Details[0].Rule)
	}
	if limit, limited := caller.Limit(); limited {
		scopes = scopes.Intersect(limit)
		if len(scopes.Patterns()) == 0 {
			return auth.Set{}, core.Errorf(core.CodeForbidden, "the scopes are beyond those of the token that asks")
		}
	}
	return scopes, nil
}

func insertToken(ctx context.Context, tx *sqldb.Tx, t Token, hash string) error {
	scopes, err := json.Marshal(t.Scopes)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO auth_token (id, user_id, name, hash, hint, scopes, created, expires, used, address)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '')`, t.ID, t.User, t.Name, hash, t.Hint, string(scopes), core.Micros(t.Created), core.Micros(t.Expires))
	return err
}

const (
	tokenSelect  = `t.id, t.user_id, t.name, t.hint, t.scopes, t.created, t.expires, t.used, t.address`
	tokenColumns = "SELECT " + tokenSelect + " FROM auth_token t"
)

func scanToken(scan func(dest ...any) error) (t Token, err error) {
	var scopes string
	var created, expires, used int64
	if err = scan(&t.ID, &t.User, &t.Name, &t.Hint, &scopes, &created, &expires, &used, &t.Address); err == nil {
		err = json.Unmarshal([]byte(scopes), &t.Scopes)
	}
	t.Created, t.Expires, t.Used = core.FromMicros(created), core.FromMicros(expires), core.FromMicros(used)
	return t, err
}

// findToken returns the token of a hash, or nil when none is good.
func (c *Component) findToken(ctx context.Context, hash string) (*Token, error) {
	return c.findTokenWhere(ctx, "t.hash = $1", hash)
}

func (c *Component) findTokenWhere(ctx context.Context, where string, args ...any) (*Token, error) {
	rows, err := c.deps.DB.Query(ctx, tokenColumns+" WHERE "+where, args...)
	found, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (Token, error) { return scanToken(rows.Scan) })
	if err != nil || len(found) == 0 {
		return nil, err
	}
	if t := found[0]; t.Expires.IsZero() || c.deps.Clock.Now().Before(t.Expires) {
		return &t, nil
	}
	return nil, nil
}

// RevokeToken ends a token: the caller's own, or anyone's with users:admin.
func (c *Component) RevokeToken(ctx context.Context, id string) error {
	caller := auth.From(ctx)
	return c.write(ctx, func(tx *sqldb.Tx) error {
		rows, err := tx.Query(ctx, tokenColumns+` WHERE t.id = $1`, id)
		found, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (Token, error) { return scanToken(rows.Scan) })
		if err != nil {
			return err
		}
		if len(found) == 0 || found[0].User != caller.ID && !caller.Can("users:admin") {
			return core.NotFound("token", id)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM auth_token WHERE id = $1`, id); err != nil {
			return err
		}
		return c.record(ctx, tx, "token.revoked", core.Ref{Kind: "token", ID: id}, "revoked the API token "+found[0].Name, nil)
	})
}
