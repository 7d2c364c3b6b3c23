package wire

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/backup"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/version"
)

// The directories and stores of a backup, by the names they have in it, and
// their places in the data directory.
var (
	backupDirectories = map[string]string{"attachments": "attachments", "keys": "keys"}
	backupStores      = map[string]string{"metrics": "metrics", "logs": "logs", "traces": "traces"}
)

// backupRequest is the body of POST /api/v1/backup.
type backupRequest struct {
	Passphrase string `json:"passphrase"` // seals the key of the secrets; without one it is left out
}

// backupWithin bounds one backup.
const backupWithin = 2 * time.Hour

// serveBackup writes a backup beside the data, so that nothing is sent before
// it is complete and verified, and then sends it.
func (s *System) serveBackup(w http.ResponseWriter, r *http.Request) {
	var request backupRequest
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&request); err != nil && err != io.EOF {
		httpapi.WriteProblem(w, s.log, core.Errorf(core.CodeMalformed, "the body must be an object with a passphrase, or empty"))
		return
	}
	dir, err := os.MkdirTemp(s.cfg.Data, "backup-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = s.createBackup(r.Context(), filepath.Join(dir, "backup.tar.zst"), request.Passphrase)
	}
	if err != nil {
		httpapi.WriteProblem(w, s.log, err)
		return
	}
	w.Header().Set("Content-Type", "application/zstd")
	w.Header().Set("Content-Disposition", `attachment; filename="mainstay-`+s.clock.Now().Format("20060102-150405")+`.tar.zst"`)
	http.ServeFile(w, r, filepath.Join(dir, "backup.tar.zst"))
}

func (s *System) createBackup(ctx context.Context, path, passphrase string) error {
	ctx, cancel := context.WithTimeout(ctx, backupWithin)
	defer cancel()
	source := backup.Source{
		Database:    sqldb.Config{Path: s.dir.join("mainstay.db"), DSN: s.cfg.Database.DSN},
		Directories: map[string]string{"attachments": s.cfg.Desk.Attachments, "keys": s.dir.join("keys")},
		Stores:      map[string]backup.Snapshotter{},
		KeyFile:     s.cfg.Secrets.KeyFile, Version: version.String(), Clock: s.clock,
	}
	if embedded, ok := s.metrics.(backup.Snapshotter); ok {
		source.Stores["metrics"] = embedded
	}
	if s.records.Embedded() {
		source.Stores["logs"] = s.records
	}
	if s.spans.Embedded() {
		source.Stores["traces"] = s.spans
	}
	_, err := backup.Create(ctx, path, source, backup.Options{Passphrase: passphrase,
		Progress: func(step string) { s.log.Info("backup", "step", step) }})
	return err
}

// Restore puts a backup into the empty data directory that cfg names, and into
// the empty PostgreSQL schema of its DSN if the backup is of one.
func Restore(ctx context.Context, cfg Configuration, path, passphrase string, progress func(string)) (backup.Restored, error) {
	return backup.Restore(ctx, path, backup.Target{
		Dir: cfg.Data, Database: "mainstay.db", DSN: cfg.Database.DSN,
		Directories: backupDirectories, Stores: backupStores, KeyFile: "secret.key",
	}, backup.Options{Passphrase: passphrase, Progress: progress})
}
