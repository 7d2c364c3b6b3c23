package wire

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/identity"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/secrets"
	"mainstay/internal/platform/sqldb"
)

// Offline is an installation's operational store as a command works on it,
// whether or not the server runs.
type Offline struct {
	db     *sqldb.DB
	ledger *ledger.Ledger
	auth   *identity.Component
}

// OpenOffline opens the store that cfg names; it must exist.
func OpenOffline(ctx context.Context, cfg Configuration, log *slog.Logger) (*Offline, error) {
	path := filepath.Join(cfg.Data, "mainstay.db")
	if cfg.Database.DSN == "" {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, core.Errorf(core.CodeNotFound, "there is no installation in %s: start it once with mainstay serve", cfg.Data)
		}
	}
	db, err := sqldb.Open(ctx, sqldb.Config{Path: path, DSN: cfg.Database.DSN, Readers: 2})
	if err != nil {
		return nil, err
	}
	o := &Offline{db: db}
	clock := core.SystemClock{}
	ids := core.NewIDs(clock, nil)
	signer, err := loadSigner(filepath.Join(cfg.Data, "keys", "ledger.key"))
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	o.ledger = ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: ids, Log: log, Signer: signer})
	sealed, err := secrets.New(cfg.Secrets, secrets.Dependencies{DB: db, Ledger: o.ledger, Clock: clock, Log: log})
	if err == nil {
		o.auth, err = identity.New(cfg.Auth, identity.Dependencies{DB: db, Ledger: o.ledger, Sealed: sealed, Clock: clock, IDs: ids, Log: log})
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return o, nil
}

// CreateToken makes an API token and returns its secret.
func (o *Offline) CreateToken(ctx context.Context, request identity.TokenRequest) (string, error) {
	_, secret, err := o.auth.CreateToken(auth.With(ctx, auth.System("command line")), request)
	return secret, err
}

// VerifyLedger recomputes the hash chain.
func (o *Offline) VerifyLedger(ctx context.Context) (ledger.Verification, error) {
	return o.ledger.Verify(ctx)
}

// Close closes the store.
func (o *Offline) Close() error { return o.db.Close() }
