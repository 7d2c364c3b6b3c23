package identity

import (
	"context"
	"encoding/json"
	"fmt"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
)

const accountSelect = `u.id, u.kind, u.username, u.name, u.email, u.active, u.password, u.totp, u.totp_step,
	u.issuer, u.subject, u.created, u.changed, u.signed_in, u.revision`

const accountColumns = "SELECT " + accountSelect + " FROM auth_user u"

func scanAccount(scan func(dest ...any) error) (a account, err error) {
	var created, changed, signedIn int64
	err = scan(&a.ID, &a.Kind, &a.Username, &a.Name, &a.Email, &a.Active, &a.password, &a.TOTP, &a.totpStep,
		&a.issuer, &a.subject, &created, &changed, &signedIn, &a.Revision)
	a.Created, a.Changed, a.SignedIn = core.FromMicros(created), core.FromMicros(changed), core.FromMicros(signedIn)
	a.External = a.subject != ""
	return a, err
}

// findAccount returns the account that where describes, or code not_found
// naming id; its grants are read too.
func findAccount(ctx context.Context, q sqldb.Querier, id, where string, args ...any) (account, error) {
	rows, err := q.Query(ctx, accountColumns+" WHERE "+where, args...)
	found, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (account, error) { return scanAccount(rows.Scan) })
	if err != nil {
		return account{}, err
	}
	if len(found) == 0 {
		return account{}, core.NotFound("user", id)
	}
	err = readGrants(ctx, q, &found[0].User)
	return found[0], err
}

func accountByID(ctx context.Context, q sqldb.Querier, id string) (account, error) {
	return findAccount(ctx, q, id, "u.id = $1", id)
}

func accountByUsername(ctx context.Context, q sqldb.Querier, username string) (account, error) {
	return findAccount(ctx, q, username, "u.username = $1", username)
}

// readGrants fills in the grants of users, in one query.
func readGrants(ctx context.Context, q sqldb.Querier, users ...*User) error {
	byID := make(map[string]*User, len(users))
	args := make([]any, 0, len(users))
	for _, u := range users {
		u.Grants = []Grant{}
		byID[u.ID] = u
		args = append(args, u.ID)
	}
	if len(args) == 0 {
		return nil
	}
	rows, err := q.Query(ctx, `SELECT user_id, role, team, source FROM auth_grant
		WHERE user_id IN (`+sqldb.In(len(args), 1)+`) ORDER BY user_id, team, role, source`, args...)
	_, err = sqldb.Collect(rows, err, func(rows *sqldb.Rows) (struct{}, error) {
		var user string
		var g Grant
		err := rows.Scan(&user, &g.Role, &g.Team, &g.Source)
		if u := byID[user]; err == nil && u != nil {
			u.Grants = append(u.Grants, g)
		}
		return struct{}{}, err
	})
	return err
}

func insertAccount(ctx context.Context, tx *sqldb.Tx, a account) error {
	_, err := tx.Exec(ctx, `INSERT INTO auth_user (id, kind, username, name, email, active, password, password_changed, totp, totp_step,
		issuer, subject, created, changed, signed_in, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $8, $8, 0, 1)`,
		a.ID, a.Kind, a.Username, a.Name, a.Email, a.Active, a.password, core.Micros(a.Created), false, a.issuer, a.subject)
	if sqldb.IsUnique(err) {
		return core.Errorf(core.CodeConflict, "there is a user %q already", a.Username)
	}
	return err
}

func updateAccount(ctx context.Context, tx *sqldb.Tx, a account, now int64) error {
	_, err := tx.Exec(ctx, `UPDATE auth_user SET name = $2, email = $3, active = $4, password = $5, totp = $6, issuer = $7, subject = $8,
		changed = $9, revision = revision + 1 WHERE id = $1`, a.ID, a.Name, a.Email, a.Active, a.password, a.TOTP, a.issuer, a.subject, now)
	return err
}

// replaceGrants sets the grants that come from source.
func replaceGrants(ctx context.Context, tx *sqldb.Tx, user, source string, grants []Grant) error {
	if _, err := tx.Exec(ctx, `DELETE FROM auth_grant WHERE user_id = $1 AND source = $2`, user, source); err != nil {
		return err
	}
	rows := make([][]any, len(grants))
	for i, g := range grants {
		rows[i] = []any{user, g.Role, g.Team, source}
	}
	return sqldb.Insert(ctx, tx, `INSERT INTO auth_grant (user_id, role, team, source) VALUES`, 4, rows, `ON CONFLICT DO NOTHING`)
}

// administrators counts the people who can sign in and may do everything.
func administrators(ctx context.Context, q sqldb.Querier) (n int, err error) {
	err = q.QueryRow(ctx, `SELECT COUNT(DISTINCT u.id) FROM auth_user u JOIN auth_grant g ON g.user_id = u.id
		WHERE u.active AND u.kind = $1 AND g.role = $2 AND g.team = ''`, auth.KindUser, auth.Administrator).Scan(&n)
	return n, err
}

// readRoles returns the built-in roles and those of the installation.
func readRoles(ctx context.Context, q sqldb.Querier) (auth.Roles, error) {
	roles := auth.BuiltinRoles()
	rows, err := q.Query(ctx, `SELECT name, description, permissions FROM auth_role`)
	custom, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (r auth.Role, err error) {
		var permissions string
		if err = rows.Scan(&r.Name, &r.Description, &permissions); err == nil {
			err = json.Unmarshal([]byte(permissions), &r.Permissions)
		}
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("identity: roles: %w", err)
	}
	for _, r := range custom {
		if _, builtin := roles[r.Name]; !builtin {
			roles[r.Name] = r
		}
	}
	return roles, nil
}

// teamNames maps the ids of all teams to their names.
func teamNames(ctx context.Context, q sqldb.Querier) (map[string]string, error) {
	rows, err := q.Query(ctx, `SELECT id, name FROM auth_team`)
	names := map[string]string{}
	_, err = sqldb.Collect(rows, err, func(rows *sqldb.Rows) (struct{}, error) {
		var id, name string
		err := rows.Scan(&id, &name)
		names[id] = name
		return struct{}{}, err
	})
	return names, err
}
