package secrets

import (
	"context"
	"fmt"

	"mainstay/internal/platform/sqldb"
)

// Rotate seals every value again under a new key and forgets the old ones. The
// key file first holds both, then only the new key, so it may be interrupted
// anywhere and run again. With keys from the environment the first of them is
// the new one, and the operator removes the others afterwards.
func (c *Component) Rotate(ctx context.Context) (resealed int, err error) {
	if c.ring.path != "" {
		if err := c.ring.reload(); err != nil {
			return 0, err
		}
		if err := c.ring.replace(append([]key{newKey()}, c.ring.all()...)); err != nil {
			return 0, err
		}
	}
	current := c.ring.all()[0]
	if resealed, err = c.reseal(ctx, current); err != nil {
		return 0, err
	}
	if c.ring.path != "" {
		err = c.ring.replace([]key{current})
	}
	return resealed, err
}

func (c *Component) reseal(ctx context.Context, to key) (resealed int, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		resealed = 0
		if _, err := c.activeKey(ctx, tx); err != nil {
			return err
		}
		if err := setActiveKey(ctx, tx, to.id); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, versionColumns+` WHERE v.key_id <> $1 ORDER BY v.name, v.version`, to.id)
		stored, err := sqldb.Collect(rows, err, scanVersion)
		if err != nil {
			return err
		}
		for _, v := range stored {
			value, err := c.open(v)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE secrets_version SET key_id = $3, sealed = $4 WHERE name = $1 AND version = $2`,
				v.name, v.version, to.id, to.seal(value, bound(v.name, v.version))); err != nil {
				return err
			}
			resealed++
		}
		return c.record(ctx, tx, "rotated", "*", "", "made a new key and sealed all secrets with it")
	})
	return resealed, err
}

// Redactor masks every value that is stored, of all versions. It is made anew
// when a secret has changed.
func (c *Component) Redactor(ctx context.Context) (*Redactor, error) {
	known, err := c.fingerprint(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.redactor != nil && c.known == known {
		return c.redactor, nil
	}
	rows, err := c.deps.DB.Query(ctx, versionColumns)
	stored, err := sqldb.Collect(rows, err, scanVersion)
	if err != nil {
		return nil, err
	}
	var values []string
	for _, v := range stored {
		value, err := c.open(v)
		if err != nil {
			return nil, err
		}
		values = append(values, string(value))
	}
	c.redactor, c.known = NewRedactor(values...), known
	return c.redactor, nil
}

// fingerprint changes whenever a version is added or removed.
func (c *Component) fingerprint(ctx context.Context) (string, error) {
	var count, sum, changed int64
	err := c.deps.DB.QueryRow(ctx, `SELECT COUNT(*), CAST(COALESCE(SUM(version), 0) AS BIGINT), COALESCE(MAX(created), 0) FROM secrets_version`).
		Scan(&count, &sum, &changed)
	return fmt.Sprint(count, sum, changed), err
}
