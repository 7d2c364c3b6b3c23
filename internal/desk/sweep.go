package desk

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"mainstay/internal/platform/sqldb"
)

const (
	filesEvery = time.Hour
	// orphanAge is how old a file must be that no incident has: a request that
	// brought it may not have ended, and whoever started on the wrong store
	// should have a day to notice.
	orphanAge = 24 * time.Hour
)

func (c *Component) keepSweeping(ctx context.Context) {
	for {
		if n, err := c.SweepFiles(ctx); err != nil && ctx.Err() == nil {
			c.deps.Log.Warn("attached files that belong to nothing could not be looked for; tried again later", "error", err)
		} else if n > 0 {
			c.deps.Log.Info("files that belonged to no incident were removed", "count", n)
		}
		timer := c.deps.Clock.NewTimer(filesEvery)
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// SweepFiles removes files that no incident has: what was stored for a request
// that failed afterwards, and what a crash left half written.
func (c *Component) SweepFiles(ctx context.Context) (removed int, err error) {
	err = filepath.WalkDir(c.files.dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var one int
		err = c.deps.DB.QueryRow(ctx, "SELECT 1 FROM desk_attachment WHERE sha256 = $1 LIMIT 1", d.Name()).Scan(&one)
		if !errors.Is(err, sqldb.ErrNoRows) {
			return err
		}
		gone, err := c.files.sweep(path)
		if gone {
			removed++
		}
		return err
	})
	return removed, err
}

// sweep removes a file unless it is young.
func (f files) sweep(path string) (gone bool, err error) {
	f.busy.Lock()
	defer f.busy.Unlock()
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && f.clock.Now().Sub(info.ModTime()) < orphanAge {
		return false, nil
	}
	if err == nil {
		err = os.Remove(path)
	}
	return err == nil, err
}
