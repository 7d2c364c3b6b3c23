package peers

import (
	"os"
	"testing"

	"mainstay/internal/platform/sqldb/sqldbtest"
)

// PostgreSQL is a server of its own, which a test may stop and start again: for
// a store that the whole package shares, see sqldbtest.
type PostgreSQL struct {
	*sqldbtest.Server
	t testing.TB
}

// StartPostgreSQL starts an empty server, as an unprivileged user.
func StartPostgreSQL(t testing.TB) *PostgreSQL {
	t.Helper()
	dir, err := os.MkdirTemp("", "mainstay-peer-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	server, err := sqldbtest.NewServer(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return &PostgreSQL{server, t}
}

// StartAgain starts it after Stop, on the same port with the same data.
func (p *PostgreSQL) StartAgain() {
	p.t.Helper()
	if err := p.Server.Start(); err != nil {
		p.t.Fatal(err)
	}
}
