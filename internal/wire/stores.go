package wire

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/desk"
	"mainstay/internal/desk/changes"
	"mainstay/internal/events"
	"mainstay/internal/events/health"
	"mainstay/internal/events/hooks"
	"mainstay/internal/events/mailbox"
	"mainstay/internal/events/oncall"
	"mainstay/internal/events/pipeline"
	"mainstay/internal/events/traps"
	"mainstay/internal/graph"
	"mainstay/internal/jobs"
	"mainstay/internal/logs/datasets"
	"mainstay/internal/logs/logrules"
	"mainstay/internal/logs/mining"
	"mainstay/internal/logs/processing"
	"mainstay/internal/logs/searches"
	"mainstay/internal/logs/sources"
	"mainstay/internal/monitor"
	"mainstay/internal/monitor/availability"
	"mainstay/internal/monitor/dashboard"
	"mainstay/internal/monitor/foresight"
	"mainstay/internal/monitor/scraping"
	"mainstay/internal/monitor/statuspage"
	"mainstay/internal/platform/agents"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/identity"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/reportmail"
	"mainstay/internal/platform/secrets"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// migrations lists the tables of every component, in the order they are made.
func migrations() []struct {
	module string
	files  fs.FS
} {
	return []struct {
		module string
		files  fs.FS
	}{
		{"ledger", ledger.Migrations()},
		{"tasks", tasks.Migrations()},
		{"httpapi", httpapi.Migrations()},
		{"secrets", secrets.Migrations()},
		{"declare", declare.Migrations()},
		{"identity", identity.Migrations()},
		{"agents", agents.Migrations()},
		{"graph", graph.Migrations()},
		{"monitor", monitor.Migrations()},
		{"availability", availability.Migrations()},
		{"statuspage", statuspage.Migrations()},
		{"scraping", scraping.Migrations()},
		{"foresight", foresight.Migrations()},
		{"dashboard", dashboard.Migrations()},
		{"events", events.Migrations()},
		{"eventpipeline", pipeline.Migrations()},
		{"hooks", hooks.Migrations()},
		{"mailbox", mailbox.Migrations()},
		{"traps", traps.Migrations()},
		{"oncall", oncall.Migrations()},
		{"servicehealth", health.Migrations()},
		{"desk", desk.Migrations()},
		{"changes", changes.Migrations()},
		{"jobs", jobs.Migrations()},
		{"logmining", mining.Migrations()},
		{"logrules", logrules.Migrations()},
		{"logdatasets", datasets.Migrations()},
		{"logprocessing", processing.Migrations()},
		{"logsources", sources.Migrations()},
		{"reportmail", reportmail.Migrations()},
		{"logsearches", searches.Migrations()},
	}
}

func migrate(ctx context.Context, db *sqldb.DB) error {
	for _, m := range migrations() {
		if err := sqldb.Migrate(ctx, db, m.module, m.files); err != nil {
			return err
		}
	}
	return nil
}

const signerType = "MAINSTAY LEDGER SEED"

// loadSigner reads the key that signs the ledger's checkpoints, and makes it
// the first time.
func loadSigner(path string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		seed := make([]byte, ed25519.SeedSize)
		rand.Read(seed)
		text = pem.EncodeToMemory(&pem.Block{Type: signerType, Bytes: seed})
		err = writeNew(path, text)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != signerType || len(block.Bytes) != ed25519.SeedSize {
		return nil, fmt.Errorf("%s holds no ledger key", path)
	}
	return ed25519.NewKeyFromSeed(block.Bytes), nil
}

// nodeName is the stable name of this data directory among the processes that
// share a store.
func nodeName(path string, ids *core.IDs) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text = []byte(ids.New() + "\n")
		err = writeNew(path, text)
	}
	return strings.TrimSpace(string(text)), err
}

// writeNew writes a small file that must be whole or not there.
func writeNew(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	part := path + ".new"
	if err := os.WriteFile(part, text, 0o600); err != nil {
		return err
	}
	return os.Rename(part, path)
}
