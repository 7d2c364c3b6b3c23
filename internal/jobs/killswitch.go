package jobs

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// KillSwitch holds back every remediation while it is on. Runs that are under
// way go on, unless they are to be cancelled too.
type KillSwitch struct {
	On        bool       `json:"on"`
	By        string     `json:"by,omitempty"`
	At        *time.Time `json:"at,omitempty"`
	Running   int        `json:"running" doc:"Runs of remediations that are not over"`
	Cancelled int        `json:"cancelled,omitempty" doc:"How many of them this call has told to stop"`
}

// killSwitch says whether all remediation is switched off, and by whom.
func killSwitch(ctx context.Context, q sqldb.Querier) (on bool, by string, err error) {
	s, err := loadSwitch(ctx, q)
	return s.On, s.By, err
}

func loadSwitch(ctx context.Context, q sqldb.Querier) (s KillSwitch, err error) {
	rows, err := q.Query(ctx, "SELECT value, updated_by, updated_at FROM jobs_setting WHERE name = 'killSwitch'")
	_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (struct{}, error) {
		var value string
		var at int64
		err := r.Scan(&value, &s.By, &at)
		s.On, s.At = value == "on", core.Moment(at)
		return struct{}{}, err
	})
	return s, err
}

// countRunning fills in how many runs of remediations are not over.
func (s *KillSwitch) countRunning(ctx context.Context, q sqldb.Querier) error {
	return q.QueryRow(ctx, "SELECT COUNT(*) FROM jobs_run WHERE decision <> '' AND state IN ('queued', 'running', 'cancelling')").Scan(&s.Running)
}

// SetKillSwitch turns all remediation off or on again. With cancel, what
// remediations have under way is cancelled.
func (c *Component) SetKillSwitch(ctx context.Context, on, cancel bool) (s KillSwitch, err error) {
	if cancel && !on {
		return s, core.Invalid("cancelRunning", "goes with on: true")
	}
	actor := actorOf(ctx)
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if s, err = loadSwitch(ctx, tx); err != nil {
			return err
		}
		if s.On != on || s.At == nil {
			if err := c.flipSwitch(ctx, tx, &s, on, actor); err != nil {
				return err
			}
		}
		if cancel {
			if s.Cancelled, err = c.cancelRemediation(ctx, tx, actor); err != nil {
				return err
			}
		}
		return s.countRunning(ctx, tx)
	})
	return s, err
}

func (c *Component) flipSwitch(ctx context.Context, tx *sqldb.Tx, s *KillSwitch, on bool, actor ledger.Actor) error {
	value := "off"
	if on {
		value = "on"
	}
	now := c.deps.Clock.Now()
	_, err := tx.Exec(ctx, `INSERT INTO jobs_setting (name, value, updated_by, updated_at) VALUES ('killSwitch', $1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_by = excluded.updated_by, updated_at = excluded.updated_at`,
		value, actor.Name, core.Micros(now))
	if err == nil && !on {
		err = c.reconsiderBlocked(ctx, tx, guardKillSwitch)
	}
	if err != nil {
		return err
	}
	s.On, s.By, s.At = on, actor.Name, at(now)
	return c.note(ctx, tx, "jobs.remediation.switched", core.Ref{Kind: "setting", ID: "killSwitch"}, "",
		"the kill switch of remediation is "+value, []byte(marshal(map[string]any{"on": on, "by": s.By, "at": s.At})))
}

// cancelRemediation cancels every run that a remediation has started.
func (c *Component) cancelRemediation(ctx context.Context, tx *sqldb.Tx, actor ledger.Actor) (cancelled int, err error) {
	rows, err := tx.Query(ctx, "SELECT id FROM jobs_run WHERE decision <> '' AND state IN ('queued', 'running') ORDER BY id")
	return c.stopRuns(ctx, tx, rows, err, actor, "remediation was switched off by "+actor.Name, func(*Run) bool { return true })
}
