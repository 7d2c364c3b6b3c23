package traps

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// TestModulesAreReadAgainWhenTheyChange looks again after each change of the
// directory and of what people added, and after none.
func TestModulesAreReadAgainWhenTheyChange(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		if err := sqldb.Migrate(ctx, db, "traps", Migrations()); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile("mib/testdata/ACME-FANS-MIB.txt")
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		c := &Component{cfg: Configuration{MIBs: dir}, deps: Dependencies{DB: db, Log: slog.New(slog.DiscardHandler)}}
		path, at := filepath.Join(dir, "fans"), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		write := func(text []byte, at time.Time) error {
			return errors.Join(os.WriteFile(path, text, 0o600), os.Chtimes(path, at, at))
		}
		add := func(at time.Time) error {
			return db.Write(ctx, func(tx *sqldb.Tx) error {
				_, err := tx.Exec(ctx, "INSERT INTO traps_mib (name, body, added_at, added_by) VALUES ('added', $1, $2, 'ann') ON CONFLICT (name) DO UPDATE SET added_at = excluded.added_at", string(text), core.Micros(at))
				return err
			})
		}
		gone := filepath.Join(dir, "link")
		for _, step := range []struct {
			what   string
			change func() error
			files  int
			again  bool
		}{
			{"an empty directory", func() error { return nil }, 0, true},
			{"nothing", func() error { return nil }, 0, false},
			{"a file", func() error { return write(text, at) }, 1, true},
			{"no change", func() error { return nil }, 1, false},
			{"another text of the same length", func() error { return write(text, at.Add(time.Millisecond)) }, 1, true},
			{"a longer text of the same time", func() error { return write(append(text, '\n'), at.Add(time.Millisecond)) }, 1, true},
			{"one that was added", func() error { return add(at) }, 2, true},
			{"no change to both", func() error { return nil }, 2, false},
			{"one that was added again", func() error { return add(at.Add(time.Second)) }, 2, true},
			{"a link to nothing", func() error { return os.Symlink("nowhere", gone) }, 2, false},
			{"a link to a file", func() error { return errors.Join(os.Remove(gone), os.Symlink("fans", gone)) }, 3, true},
			{"both files gone", func() error { return errors.Join(os.Remove(gone), os.Remove(path)) }, 1, true},
		} {
			before := c.modules.Load()
			if err := step.change(); err != nil {
				t.Fatal(err)
			}
			if err := c.loadModules(ctx); err != nil {
				t.Fatal(err)
			}
			after := c.modules.Load()
			if len(after.files) != step.files || (after != before) != step.again {
				t.Errorf("after %s: %d files, read again: %v", step.what, len(after.files), after != before)
			}
		}
	})
}
