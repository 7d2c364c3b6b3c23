package graph

import (
	"context"
	"errors"

	"mainstay/internal/platform/sqldb"
)

// errPreviewed takes a merge back that was only to be looked at.
var errPreviewed = errors.New("graph: nothing of a preview is kept")

// PreviewMerge tells what an item would be with its duplicates merged into it.
// The merge is made and taken back: what it shows is what Merge would do.
func (c *Component) PreviewMerge(ctx context.Context, into string, duplicates []string) (Details, error) {
	var after Details
	err := c.db.Write(ctx, func(tx *sqldb.Tx) error {
		ch, err := c.change(ctx, tx)
		if err != nil {
			return err
		}
		for _, id := range duplicates {
			if _, err := ch.merge(ctx, into, id, ""); err != nil {
				return err
			}
		}
		if after, err = c.details(ctx, tx, into); err != nil {
			return err
		}
		return errPreviewed
	})
	if errors.Is(err, errPreviewed) {
		err = nil
	}
	return after, err
}
