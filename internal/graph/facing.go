package graph

import (
	"context"

	"mainstay/internal/platform/sqldb"
)

// Facing returns the ids of the active items that the business sees, in order.
func (c *Component) Facing(ctx context.Context) ([]string, error) {
	var classes []any
	for _, class := range c.Catalogue().Classes() {
		if class.BusinessFacing {
			classes = append(classes, class.Name)
		}
	}
	if len(classes) == 0 {
		return nil, nil
	}
	rows, err := c.db.Query(ctx, "SELECT id FROM graph_item WHERE state = 'active' AND class IN "+sqldb.Values(1, len(classes), 1)+" ORDER BY id", classes...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (id string, err error) { return id, r.Scan(&id) })
}
