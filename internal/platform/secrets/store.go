package secrets

import (
	"context"
	"errors"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

type storedVersion struct {
	name     string
	version  int64
	keyID    string
	sealed   []byte
	team     string
	internal bool
}

const versionColumns = `SELECT v.name, v.version, v.key_id, v.sealed, s.team, s.internal
	FROM secrets_version v JOIN secrets_secret s ON s.name = v.name`

func scanVersion(rows *sqldb.Rows) (v storedVersion, err error) {
	err = rows.Scan(&v.name, &v.version, &v.keyID, &v.sealed, &v.team, &v.internal)
	return v, err
}

// readVersion returns one version of a secret; version 0 is the current one.
func readVersion(ctx context.Context, q sqldb.Querier, name string, version int64) (storedVersion, error) {
	rows, err := q.Query(ctx, versionColumns+` WHERE v.name = $1 AND v.version = CASE WHEN CAST($2 AS BIGINT) = 0 THEN s.current ELSE $2 END`, name, version)
	found, err := sqldb.Collect(rows, err, scanVersion)
	if err != nil {
		return storedVersion{}, err
	}
	if len(found) == 0 {
		return storedVersion{}, core.NotFound("secret", name)
	}
	return found[0], nil
}

const secretSelect = `name, description, team, current, created, changed, uses, used, used_by`

func scanSecret(scan func(dest ...any) error) (s Secret, err error) {
	var created, changed, used int64
	err = scan(&s.Name, &s.Description, &s.Team, &s.Version, &created, &changed, &s.Uses, &used, &s.UsedBy)
	s.Created, s.Changed, s.Used = core.FromMicros(created), core.FromMicros(changed), core.FromMicros(used)
	return s, err
}

func read(ctx context.Context, q sqldb.Querier, name string) (Secret, error) {
	rows, err := q.Query(ctx, `SELECT `+secretSelect+` FROM secrets_secret WHERE name = $1 AND NOT internal`, name)
	found, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (Secret, error) { return scanSecret(rows.Scan) })
	if err != nil {
		return Secret{}, err
	}
	if len(found) == 0 {
		return Secret{}, core.NotFound("secret", name)
	}
	return found[0], nil
}

func remove(ctx context.Context, tx *sqldb.Tx, name string, internal bool) error {
	n, err := sqldb.Affected(tx.Exec(ctx, `DELETE FROM secrets_secret WHERE name = $1 AND internal = $2`, name, internal))
	if err == nil && n == 0 {
		return core.NotFound("secret", name)
	}
	return err
}

func (c *Component) keysInUse(ctx context.Context, q sqldb.Querier) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT key_id FROM secrets_version`)
	return sqldb.Collect(rows, err, func(rows *sqldb.Rows) (id string, err error) {
		err = rows.Scan(&id)
		return id, err
	})
}

// activeKey returns the key that seals now, and keeps Rotate out until the
// transaction ends: nothing may be sealed under a key that is being forgotten.
func (c *Component) activeKey(ctx context.Context, tx *sqldb.Tx) (key, error) {
	lock := ""
	if tx.Dialect() == sqldb.PostgreSQL {
		lock = " FOR UPDATE"
	}
	var id string
	if err := tx.QueryRow(ctx, `SELECT active FROM secrets_key WHERE id = 1`+lock).Scan(&id); err != nil {
		return key{}, err
	}
	if id != "" {
		return c.ring.require(id)
	}
	first := c.ring.all()[0]
	return first, setActiveKey(ctx, tx, first.id)
}

func setActiveKey(ctx context.Context, tx *sqldb.Tx, id string) error {
	_, err := tx.Exec(ctx, `UPDATE secrets_key SET active = $1 WHERE id = 1`, id)
	return err
}

// usage is what happened to a secret since it was last written down.
type usage struct {
	count int64
	last  int64
	by    string
}

func (c *Component) noteUse(name string, by core.Ref) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used[name] = usage{c.used[name].count + 1, core.Micros(c.deps.Clock.Now()), by.String()}
}

func (c *Component) writeUsage(ctx context.Context) error {
	c.mu.Lock()
	used := c.used
	c.used = map[string]usage{}
	c.mu.Unlock()
	if len(used) == 0 {
		return nil
	}
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		for name, u := range used {
			if _, err := tx.Exec(ctx, `UPDATE secrets_secret SET uses = uses + $2, used = $3, used_by = $4 WHERE name = $1`,
				name, u.count, u.last, u.by); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		c.log.Warn("the use of secrets could not be recorded", "error", err)
	}
	return err
}
