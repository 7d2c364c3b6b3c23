package secrets_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/secrets"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

type bundle struct {
	*secrets.Component
	db    *sqldb.DB
	cfg   secrets.Configuration
	deps  secrets.Dependencies
	clock *coretest.Clock
}

func setup(t *testing.T, db *sqldb.DB) *bundle {
	t.Helper()
	ctx := context.Background()
	for name, files := range map[string]fs.FS{"ledger": ledger.Migrations(), "secrets": secrets.Migrations()} {
		if err := sqldb.Migrate(ctx, db, name, files); err != nil {
			t.Fatal(err)
		}
	}
	clock := coretest.NewClock(time.Unix(1_800_000_000, 0))
	b := &bundle{db: db, clock: clock, cfg: secrets.Defaults()}
	b.cfg.KeyFile = filepath.Join(t.TempDir(), "secret.key")
	b.deps = secrets.Dependencies{DB: db, Clock: clock, Ledger: ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: core.NewIDs(clock, nil)})}
	b.Component = b.reopen(t)
	return b
}

// reopen is what another process sees.
func (b *bundle) reopen(t *testing.T) *secrets.Component {
	t.Helper()
	c, err := secrets.New(b.cfg, b.deps)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (b *bundle) put(t *testing.T, name, value string) secrets.Secret {
	t.Helper()
	s, err := b.Put(context.Background(), name, secrets.Change{Value: value})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func wantValue(t *testing.T, c *secrets.Component, reference, want string) {
	t.Helper()
	got, err := c.Resolve(context.Background(), reference, secrets.Use{By: core.Ref{Kind: "check", ID: "c1"}})
	if err != nil || got != want {
		t.Fatalf("%s is %q (%v), not %q", reference, got, err, want)
	}
}

func TestVersionsAndReferences(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b, ctx := setup(t, db), context.Background()
		b.put(t, "db/password", "first-value")
		if s := b.put(t, "db/password", "second-value"); s.Version != 2 {
			t.Fatalf("version %d", s.Version)
		}
		wantValue(t, b.Component, "secret:db/password", "second-value")
		wantValue(t, b.Component, "secret:db/password@1", "first-value")
		wantValue(t, b.Component, "plain text", "plain text")
		for range 5 {
			b.put(t, "db/password", "later-value")
		}
		if _, err := b.Resolve(ctx, "secret:db/password@1", secrets.Use{}); core.CodeOf(err) != core.CodeNotFound {
			t.Fatalf("an old version is kept: %v", err)
		}
		for _, bad := range []string{"secret:", "secret:A", "secret:a@0", "secret:a@x", "secret:../a"} {
			if _, err := b.Resolve(ctx, bad, secrets.Use{}); core.CodeOf(err) != core.CodeInvalid {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if err := b.Delete(ctx, "db/password"); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Resolve(ctx, "secret:db/password", secrets.Use{}); core.CodeOf(err) != core.CodeNotFound {
			t.Fatalf("a deleted secret: %v", err)
		}
	})
}

func TestTheDatabaseHoldsNoValue(t *testing.T) {
	t.Parallel()
	db := sqldbtest.SQLite(t)
	b := setup(t, db)
	b.put(t, "token", "needle-in-the-file")
	var sealed []byte
	if err := db.QueryRow(context.Background(), `SELECT sealed FROM secrets_version`).Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(sealed), "needle") {
		t.Fatal("the value is stored in the clear")
	}
	info, err := os.Stat(b.cfg.KeyFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("key file: %v %v", info.Mode(), err)
	}
	os.Chmod(b.cfg.KeyFile, 0o644)
	if _, err := secrets.New(b.cfg, b.deps); core.CodeOf(err) != core.CodeInvalid {
		t.Fatalf("a key file that others can read: %v", err)
	}
}

// A sealed value that is put in another's place does not open there.
func TestASealedValueIsBoundToItsPlace(t *testing.T) {
	t.Parallel()
	db := sqldbtest.SQLite(t)
	b, ctx := setup(t, db), context.Background()
	b.put(t, "harmless", "harmless-value")
	b.put(t, "precious", "precious-value")
	if err := db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE secrets_version SET sealed = (SELECT sealed FROM secrets_version WHERE name = 'precious') WHERE name = 'harmless'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if value, err := b.Resolve(ctx, "secret:harmless", secrets.Use{}); err == nil {
		t.Fatalf("moved, it opened to %q", value)
	}
}

func TestTeamsUseTheirOwnSecrets(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t, sqldbtest.SQLite(t)), context.Background()
	if _, err := b.Put(ctx, "web/key", secrets.Change{Value: "of-web", Team: "web"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Resolve(ctx, "secret:web/key", secrets.Use{Team: "db"}); core.CodeOf(err) != core.CodeForbidden {
		t.Fatalf("another team's secret: %v", err)
	}
	if v, err := b.Resolve(ctx, "secret:web/key", secrets.Use{Team: "web"}); err != nil || v != "of-web" {
		t.Fatal(v, err)
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b, ctx := setup(t, db), context.Background()
		b.put(t, "one", "value-one")
		b.put(t, "two", "value-two")
		other := b.reopen(t) // holds the old key in memory
		before, _ := os.ReadFile(b.cfg.KeyFile)
		if n, err := b.Rotate(ctx); err != nil || n != 2 {
			t.Fatalf("resealed %d: %v", n, err)
		}
		after, _ := os.ReadFile(b.cfg.KeyFile)
		if string(before) == string(after) || strings.Count(string(after), "mainstay-key-1:") != 1 {
			t.Fatalf("the key file after rotation: %d bytes", len(after))
		}
		wantValue(t, other, "secret:one", "value-one")
		if _, err := other.Put(ctx, "three", secrets.Change{Value: "value-three"}); err != nil {
			t.Fatal(err)
		}
		wantValue(t, b.reopen(t), "secret:three", "value-three")
		os.WriteFile(b.cfg.KeyFile, before, 0o600)
		if err := b.reopen(t).Start(ctx); core.CodeOf(err) != core.CodeUnavailable {
			t.Fatalf("starting with the forgotten key: %v", err)
		}
	})
}

// While a key is rotated, nothing is sealed under the key that is forgotten.
func TestRotationAmongWriters(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b, ctx := setup(t, db), context.Background()
		b.put(t, "s0", "value-of-s0")
		var writers sync.WaitGroup
		for i := range 4 {
			c := b.reopen(t)
			writers.Go(func() {
				for range 10 {
					if _, err := c.Put(ctx, "s"+string(rune('0'+i)), secrets.Change{Value: "value-of-it"}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 5 {
			if _, err := b.Rotate(ctx); err != nil {
				t.Error(err)
			}
		}
		writers.Wait()
		for i := range 4 {
			wantValue(t, b.reopen(t), "secret:s"+string(rune('0'+i)), "value-of-it")
		}
		if err := b.reopen(t).Start(ctx); err != nil {
			t.Fatal(err)
		}
	})
}

func TestALostKeyIsNoticed(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t, sqldbtest.SQLite(t)), context.Background()
	b.put(t, "one", "value-one")
	kept, _ := os.ReadFile(b.cfg.KeyFile)
	os.Remove(b.cfg.KeyFile)
	if err := b.reopen(t).Start(ctx); core.CodeOf(err) != core.CodeUnavailable {
		t.Fatalf("started without the key: %v", err)
	}
	if err := os.WriteFile(b.cfg.KeyFile, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	wantValue(t, b.reopen(t), "secret:one", "value-one")
}

func TestUseIsRecordedAndRedactorFollows(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b, ctx := setup(t, db), context.Background()
		b.put(t, "one", "value-one")
		wantValue(t, b.Component, "secret:one", "value-one")
		wantValue(t, b.Component, "secret:one", "value-one")
		if err := b.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		var uses int64
		var by string
		if err := db.QueryRow(ctx, `SELECT uses, used_by FROM secrets_secret WHERE name = 'one'`).Scan(&uses, &by); err != nil || uses != 2 || by != "check/c1" {
			t.Fatalf("%d uses by %s (%v)", uses, by, err)
		}
		for _, value := range []string{"value-one", "value-two"} {
			b.clock.Advance(time.Second)
			b.put(t, "one", value)
			r, err := b.Redactor(ctx)
			if err != nil || r.String("is "+value) != "is "+secrets.Mask {
				t.Fatalf("%s is not masked (%v)", value, err)
			}
		}
	})
}
