package secrets

import (
	"context"
	"errors"
	"fmt"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Change is a new value of a secret, and what is said about it.
type Change struct {
	Value       string
	Description string
	Team        string
}

// Put stores a new version, and makes the secret when it is not there.
func (c *Component) Put(ctx context.Context, name string, change Change) (Secret, error) {
	if err := validateName(name); err != nil {
		return Secret{}, err
	}
	if change.Value == "" || len(change.Value) > MaxValue {
		return Secret{}, core.Invalid("value", fmt.Sprintf("must have from 1 to %d bytes", MaxValue))
	}
	var secret Secret
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		created, err := c.put(ctx, tx, name, []byte(change.Value), change, false)
		if err != nil {
			return err
		}
		verb, words := "changed", "changed the secret "
		if created {
			verb, words = "created", "created the secret "
		}
		if secret, err = read(ctx, tx, name); err != nil {
			return err
		}
		return c.record(ctx, tx, verb, secret.Name, secret.Team, words+name)
	})
	return secret, err
}

// Delete removes a secret and all its versions.
func (c *Component) Delete(ctx context.Context, name string) error {
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		secret, err := read(ctx, tx, name)
		if err != nil {
			return err
		}
		if err := remove(ctx, tx, name, false); err != nil {
			return err
		}
		return c.record(ctx, tx, "deleted", name, secret.Team, "deleted the secret "+name)
	})
}

// PutInternal stores a value that Mainstay keeps for itself, in the caller's
// transaction: it is in no list and cannot be referred to.
func (c *Component) PutInternal(ctx context.Context, tx *sqldb.Tx, name string, value []byte) error {
	_, err := c.put(ctx, tx, "~"+name, value, Change{}, true)
	return err
}

// GetInternal returns a value stored with PutInternal.
func (c *Component) GetInternal(ctx context.Context, q sqldb.Querier, name string) ([]byte, error) {
	stored, err := readVersion(ctx, q, "~"+name, 0)
	if err != nil {
		return nil, err
	}
	return c.open(stored)
}

// DeleteInternal removes a value stored with PutInternal; it need not be there.
func (c *Component) DeleteInternal(ctx context.Context, tx *sqldb.Tx, name string) error {
	err := remove(ctx, tx, "~"+name, true)
	if core.CodeOf(err) == core.CodeNotFound {
		return nil
	}
	return err
}

func (c *Component) put(ctx context.Context, tx *sqldb.Tx, name string, value []byte, change Change, internal bool) (created bool, err error) {
	now := core.Micros(c.deps.Clock.Now())
	var version int64
	err = tx.QueryRow(ctx, `SELECT current FROM secrets_secret WHERE name = $1`, name).Scan(&version)
	created = errors.Is(err, sqldb.ErrNoRows)
	if err != nil && !created {
		return false, err
	}
	version++
	if created {
		_, err = tx.Exec(ctx, `INSERT INTO secrets_secret (name, description, team, internal, current, created, changed, uses, used, used_by)
			VALUES ($1, $2, $3, $4, $5, $6, $6, 0, 0, '')`, name, change.Description, change.Team, internal, version, now)
	} else {
		_, err = tx.Exec(ctx, `UPDATE secrets_secret SET description = $2, team = $3, current = $4, changed = $5 WHERE name = $1`,
			name, change.Description, change.Team, version, now)
	}
	if err != nil {
		return false, err
	}
	k, err := c.activeKey(ctx, tx)
	if err != nil {
		return false, err
	}
	by := ""
	if p := auth.From(ctx); p != nil {
		by = p.Kind + "/" + p.ID
	}
	if _, err := tx.Exec(ctx, `INSERT INTO secrets_version (name, version, key_id, sealed, created, created_by)
		VALUES ($1, $2, $3, $4, $5, $6)`, name, version, k.id, k.seal(value, bound(name, version)), now, by); err != nil {
		return false, err
	}
	keep := int64(c.cfg.Versions)
	if internal {
		keep = 1
	}
	_, err = tx.Exec(ctx, `DELETE FROM secrets_version WHERE name = $1 AND version <= $2`, name, version-keep)
	return created, err
}

func (c *Component) record(ctx context.Context, tx *sqldb.Tx, verb, name, team, summary string) error {
	actor := ledger.System("secrets")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "secrets", Type: "secrets.secret." + verb,
		Subject: core.Ref{Kind: "secret", ID: name}, Team: team, Summary: summary})
	return err
}
