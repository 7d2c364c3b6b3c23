package monitor

import (
	"context"
	"errors"

	"mainstay/internal/platform/sqldb"
)

// CheckNames returns the names of checks by their ids or the ids of their
// targets; unknown ids are left out.
func (c *Component) CheckNames(ctx context.Context, ids []string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	for _, id := range ids {
		var name string
		err := c.deps.DB.QueryRow(ctx, `SELECT name FROM monitor_check
			WHERE id = $1 OR id = (SELECT check_id FROM monitor_target WHERE id = $1)`, id).Scan(&name)
		if errors.Is(err, sqldb.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		names[id] = name
	}
	return names, nil
}

// Watches says whether a check is about the item.
func (c *Component) Watches(ctx context.Context, item string) (bool, error) {
	var one int
	err := c.deps.DB.QueryRow(ctx, "SELECT 1 FROM monitor_target WHERE item = $1 LIMIT 1", item).Scan(&one)
	if errors.Is(err, sqldb.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Watched lists the items that checks watch, each once.
func (c *Component) Watched(ctx context.Context) ([]string, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT DISTINCT item FROM monitor_target WHERE item <> ''")
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (id string, err error) { return id, r.Scan(&id) })
}
