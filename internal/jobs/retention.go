package jobs

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

const (
	purgePiece = 200 // records of one transaction: others write in between
	purgePause = time.Hour
)

// purge forgets runs and decisions that were over long ago, with their steps
// and output. The ledger keeps its own account of them.
func (c *Component) purge(ctx context.Context, _ tasks.Task) error {
	before := core.Micros(c.deps.Clock.Now().Add(-c.cfg.Retention))
	for _, statement := range []string{
		`DELETE FROM jobs_run WHERE id IN (SELECT id FROM jobs_run WHERE finished_at <> 0 AND finished_at < $1 ORDER BY finished_at LIMIT $2)`,
		`DELETE FROM jobs_decision WHERE id IN (SELECT id FROM jobs_decision WHERE NOT active AND created_at < $1 ORDER BY created_at LIMIT $2)`,
	} {
		for n := int64(purgePiece); n == purgePiece; {
			err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) (err error) {
				n, err = sqldb.Affected(tx.Exec(ctx, statement, before, purgePiece))
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return tasks.Snooze(purgePause)
}
