package monitor

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the module's tables; migrate them under the name "monitor".
func Migrations() fs.FS { return migrations }

// store reads and writes the module's tables.
type store struct {
	db     *sqldb.DB
	ledger *ledger.Ledger
	ids    *core.IDs
	clock  core.Clock
}

const checkColumns = "id, name, spec, version, created_at, updated_at"

func scanCheck(scan func(...any) error) (*Check, error) {
	var c Check
	var spec string
	var created, updated int64
	if err := scan(&c.ID, &c.Name, &spec, &c.Version, &created, &updated); err != nil {
		return nil, err
	}
	c.CreatedAt, c.UpdatedAt = core.FromMicros(created), core.FromMicros(updated)
	return &c, json.Unmarshal([]byte(spec), &c.Spec)
}

// checkBy reads a check by its id, name or the id of one of its targets.
func (s *store) checkBy(ctx context.Context, q sqldb.Querier, ref string) (*Check, error) {
	rows, err := q.Query(ctx, "SELECT "+checkColumns+" FROM monitor_check WHERE id = $1 OR name = $1 OR id = (SELECT check_id FROM monitor_target WHERE id = $1)", ref)
	list, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (*Check, error) { return scanCheck(r.Scan) })
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		if c.ID == ref || len(list) == 1 {
			return c, nil
		}
	}
	return nil, core.NotFound("check", ref)
}

func (s *store) checks(ctx context.Context) ([]*Check, error) {
	rows, err := s.db.Query(ctx, "SELECT "+checkColumns+" FROM monitor_check ORDER BY id")
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (*Check, error) { return scanCheck(r.Scan) })
}

// saveCheck inserts (version 0) or replaces a check and tells the ledger.
func (s *store) saveCheck(ctx context.Context, tx *sqldb.Tx, c *Check) error {
	spec, err := json.Marshal(c.Spec)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	c.UpdatedAt = core.FromMicros(core.Micros(now))
	verb := "updated"
	if c.Version == 0 {
		verb, c.Version, c.CreatedAt = "created", 1, c.UpdatedAt
		_, err = tx.Exec(ctx, "INSERT INTO monitor_check (id, name, kind, team, disabled, spec, version, created_at, updated_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
			c.ID, c.Name, c.Spec.Kind(), c.Spec.Team, c.Spec.Disabled, string(spec), c.Version, core.Micros(c.CreatedAt), core.Micros(c.UpdatedAt))
		if sqldb.IsUnique(err) {
			return core.Errorf(core.CodeConflict, "there is already a check named %q", c.Name)
		}
	} else {
		c.Version++
		_, err = tx.Exec(ctx, "UPDATE monitor_check SET kind = $2, team = $3, disabled = $4, spec = $5, version = $6, updated_at = $7 WHERE id = $1",
			c.ID, c.Spec.Kind(), c.Spec.Team, c.Spec.Disabled, string(spec), c.Version, core.Micros(c.UpdatedAt))
	}
	if err != nil {
		return err
	}
	return s.note(ctx, tx, "monitor.check."+verb, core.Ref{Kind: "check", ID: c.ID}, c.Spec.Item, c.Spec.Team, "check "+c.Name+" "+verb)
}

// deleteCheck removes a check with its targets and results, and ends its alerts.
func (s *store) deleteCheck(ctx context.Context, tx *sqldb.Tx, c *Check) error {
	targets, err := s.targetRows(ctx, tx, "check_id = $1", c.ID)
	if err != nil {
		return err
	}
	for _, t := range targets {
		if err := s.deleteTarget(ctx, tx, c, t, "the check was deleted"); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, "DELETE FROM monitor_check WHERE id = $1", c.ID); err != nil {
		return err
	}
	return s.note(ctx, tx, "monitor.check.deleted", core.Ref{Kind: "check", ID: c.ID}, c.Spec.Item, c.Spec.Team, "check "+c.Name+" deleted")
}

// targetRow is a target as it is stored.
type targetRow struct {
	ID, CheckID, Item string
	CheckedAt         time.Time
	Disabled          bool
	Overridden        bool
	State             State
}

func (s *store) targetRows(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]targetRow, error) {
	rows, err := q.Query(ctx, "SELECT id, check_id, item, checked_at, disabled, overridden, state FROM monitor_target WHERE "+where+" ORDER BY id", args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (t targetRow, err error) {
		var at int64
		var state string
		if err := r.Scan(&t.ID, &t.CheckID, &t.Item, &at, &t.Disabled, &t.Overridden, &state); err != nil {
			return t, err
		}
		t.CheckedAt = core.FromMicros(at)
		return t, json.Unmarshal([]byte(state), &t.State)
	})
}

func (s *store) insertTarget(ctx context.Context, tx *sqldb.Tx, id string, check *Check, item string) error {
	_, err := tx.Exec(ctx, `INSERT INTO monitor_target (id, check_id, item, status, hard, severity, since, checked_at, duration, output, state, disabled, overridden)
		VALUES ($1,$2,$3,$4,FALSE,0,0,0,0,'','{}',$5,$6) ON CONFLICT DO NOTHING`, id, check.ID, item, string(Pending), check.Spec.Disabled, len(check.overridden) > 0)
	return err
}

// deleteTarget removes a target; an alert it has open is cleared.
func (s *store) deleteTarget(ctx context.Context, tx *sqldb.Tx, c *Check, t targetRow, why string) error {
	if err := s.endAlert(ctx, tx, c, t, why); err != nil {
		return err
	}
	for _, table := range []string{"monitor_result WHERE target", "monitor_screenshot WHERE target", "monitor_ping WHERE target", "monitor_token WHERE target", "monitor_target WHERE id"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+table+" = $1", t.ID); err != nil {
			return err
		}
	}
	return nil
}

// resetTarget forgets what a target's results added up to.
func (s *store) resetTarget(ctx context.Context, tx *sqldb.Tx, c *Check, t targetRow, why string) error {
	if err := s.endAlert(ctx, tx, c, t, why); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "UPDATE monitor_target SET status = $2, hard = FALSE, severity = 0, since = 0, state = '{}' WHERE id = $1", t.ID, string(Pending))
	return err
}

func (s *store) endAlert(ctx context.Context, tx *sqldb.Tx, c *Check, t targetRow, why string) error {
	if !t.State.Told.failing() {
		return nil
	}
	return s.enqueue(ctx, tx, core.Event{
		ID: s.ids.New(), At: s.clock.Now(), Source: "check", Kind: core.Cleared, Severity: core.Clear,
		Key: "check:" + t.ID, Title: c.Name + ": " + why, Item: t.Item, Check: t.ID, Labels: eventLabels(c),
	})
}

// enqueue puts an event into the outbox.
func (s *store) enqueue(ctx context.Context, tx sqldb.Execer, e core.Event) error {
	raw, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO monitor_outbox (id, event) VALUES ($1,$2)", e.ID, string(raw))
	return err
}

// note appends a ledger entry about a document.
func (s *store) note(ctx context.Context, tx *sqldb.Tx, kind string, subject core.Ref, item, team, summary string) error {
	_, err := s.ledger.Append(ctx, tx, ledger.Entry{
		Actor: actor(ctx), Module: "monitor", Type: kind, Subject: subject, Item: item, Team: team, Summary: summary,
	})
	return err
}
