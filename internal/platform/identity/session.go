package identity

import (
	"context"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// session is one browser that is signed in.
type session struct {
	ID      string    `json:"id"`
	User    string    `json:"-"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`
	Expires time.Time `json:"expires"`
	Address string    `json:"address"`
	Agent   string    `json:"agent"`
	Method  string    `json:"method" enum:"password,oidc,setup"`
	Current bool      `json:"current" doc:"the session of this request"`

	rotated time.Time
	stale   bool // it was found by the value before the last rotation
}

// previousFor is how long a replaced value still signs in: requests that were
// under way when the cookie was replaced carry the old one.
const previousFor = time.Minute

// The cookie of a session. The prefix makes browsers refuse it from another
// host or over plain HTTP (RFC 6265bis, 4.1.3).
const (
	cookieName       = "mainstay_session"
	secureCookieName = "__Host-mainstay_session"
)

func sessionCookieName(secure bool) string {
	if secure {
		return secureCookieName
	}
	return cookieName
}

func sessionCookie(from caller, value string, expires time.Time) *http.Cookie {
	return &http.Cookie{Name: sessionCookieName(from.secure), Value: value, Path: "/", Expires: expires,
		HttpOnly: true, Secure: from.secure, SameSite: http.SameSiteLaxMode}
}

func expiredCookie(name string, from caller) *http.Cookie {
	return &http.Cookie{Name: name, Path: "/", MaxAge: -1, HttpOnly: true, Secure: from.secure, SameSite: http.SameSiteLaxMode}
}

// openSession stores a new session and returns it with its cookie.
func (c *Component) openSession(ctx context.Context, tx *sqldb.Tx, user User, method string) (session, *http.Cookie, error) {
	from, now, secret := callerFrom(ctx), c.deps.Clock.Now(), newSecret()
	s := session{ID: c.deps.IDs.New(), User: user.ID, Created: now, Seen: now, Expires: now.Add(c.cfg.Session.Absolute),
		Address: from.address.String(), Agent: from.agent, Method: method, rotated: now, Current: true}
	if _, err := tx.Exec(ctx, `INSERT INTO auth_session (id, user_id, hash, previous, created, rotated, seen, expires, address, agent, method)
		VALUES ($1, $2, $3, '', $4, $4, $4, $5, $6, $7, $8)`, s.ID, s.User, fingerprint(secret), core.Micros(now),
		core.Micros(s.Expires), s.Address, s.Agent, s.Method); err != nil {
		return session{}, nil, err
	}
	_, err := tx.Exec(ctx, `UPDATE auth_user SET signed_in = $2 WHERE id = $1`, user.ID, core.Micros(now))
	return s, sessionCookie(from, secret, s.Expires), err
}

const sessionColumns = `SELECT id, user_id, created, rotated, seen, expires, address, agent, method FROM auth_session`

func scanSession(scan func(dest ...any) error) (s session, err error) {
	var created, rotated, seen, expires int64
	err = scan(&s.ID, &s.User, &created, &rotated, &seen, &expires, &s.Address, &s.Agent, &s.Method)
	s.Created, s.rotated, s.Seen, s.Expires = core.FromMicros(created), core.FromMicros(rotated), core.FromMicros(seen), core.FromMicros(expires)
	return s, err
}

// findSession returns the session of a cookie's hash, or nil when there is
// none that is still good.
func (c *Component) findSession(ctx context.Context, hash string) (*session, error) {
	s, err := c.goodSession(ctx, ` WHERE hash = $1`, hash)
	if err != nil || s != nil {
		return s, err
	}
	s, err = c.goodSession(ctx, ` WHERE previous = $1 AND rotated > $2`, hash, core.Micros(c.deps.Clock.Now().Add(-previousFor)))
	if s != nil {
		s.stale = true
	}
	return s, err
}

// goodSession returns the session that where describes, unless it is over.
func (c *Component) goodSession(ctx context.Context, where string, args ...any) (*session, error) {
	rows, err := c.deps.DB.Query(ctx, sessionColumns+where, args...)
	found, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (session, error) { return scanSession(rows.Scan) })
	if err != nil || len(found) == 0 {
		return nil, err
	}
	s, now := &found[0], c.deps.Clock.Now()
	s.Seen = c.touched.latest(s.ID, s.Seen)
	if now.Before(s.Expires) && now.Before(s.Seen.Add(c.cfg.Session.Idle)) {
		return s, nil
	}
	return nil, nil
}

// rotate gives the session a new secret, when nobody else just did.
func (c *Component) rotate(ctx context.Context, s *session, hash string) (secret string, err error) {
	secret = newSecret()
	var won int64
	err = c.write(ctx, func(tx *sqldb.Tx) (err error) {
		won, err = sqldb.Affected(tx.Exec(ctx, `UPDATE auth_session SET hash = $3, previous = hash, rotated = $4 WHERE id = $1 AND hash = $2`,
			s.ID, hash, fingerprint(secret), core.Micros(c.deps.Clock.Now())))
		return err
	})
	if err != nil || won == 0 {
		return "", err
	}
	return secret, nil
}

// Sessions lists where a user is signed in, the latest first.
func (c *Component) sessions(ctx context.Context, user, current string) ([]session, error) {
	now := c.deps.Clock.Now()
	rows, err := c.deps.DB.Query(ctx, sessionColumns+` WHERE user_id = $1 AND expires > $2 ORDER BY created DESC, id`, user, core.Micros(now))
	found, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (session, error) { return scanSession(rows.Scan) })
	live := found[:0]
	for _, s := range found {
		s.Seen = c.touched.latest(s.ID, s.Seen)
		s.Current = s.ID == current
		if now.Before(s.Seen.Add(c.cfg.Session.Idle)) {
			live = append(live, s)
		}
	}
	return live, err
}

// deleteSessions ends the sessions of a user, but for the one called except.
func deleteSessions(ctx context.Context, tx *sqldb.Tx, user, except string) error {
	_, err := tx.Exec(ctx, `DELETE FROM auth_session WHERE user_id = $1 AND id <> $2`, user, except)
	return err
}

// endSession ends one session of a user.
func (c *Component) endSession(ctx context.Context, user, id, what string) error {
	return c.write(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Affected(tx.Exec(ctx, `DELETE FROM auth_session WHERE user_id = $1 AND id = $2`, user, id))
		if err != nil {
			return err
		}
		if n == 0 {
			return core.NotFound("session", id)
		}
		return c.record(ctx, tx, what, userRef(user), "ended a session", map[string]any{"session": id})
	})
}

func deleteExpired(ctx context.Context, tx *sqldb.Tx, now, idleSince int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM auth_session WHERE expires <= $1 OR seen <= $2`, now, idleSince)
	return err
}
