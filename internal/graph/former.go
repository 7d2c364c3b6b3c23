package graph

import (
	"context"

	"mainstay/internal/platform/sqldb"
)

// maxFormer bounds how many ids of merged items are told with their survivor.
const maxFormer = 100

// former returns the ids of the items that were merged into one, also by way of
// others: what was recorded under them is its.
func former(ctx context.Context, q sqldb.Querier, id string) ([]string, error) {
	rows, err := q.Query(ctx, `WITH RECURSIVE was(id) AS (
		SELECT merged FROM graph_merge WHERE survivor = $1 AND undone_at = 0
		UNION SELECT m.merged FROM graph_merge m JOIN was ON m.survivor = was.id WHERE m.undone_at = 0)
		SELECT id FROM was ORDER BY id LIMIT $2`, id, maxFormer)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (was string, err error) { return was, r.Scan(&was) })
}
