package engine

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/app/vlinsert"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vlinsert/insertutil"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vlselect"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vlstorage"
	"github.com/VictoriaMetrics/VictoriaMetrics/lib/fs"
	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logger"
	"github.com/VictoriaMetrics/metrics"

	"mainstay/internal/core"
	"mainstay/internal/platform/footprint"
	"mainstay/internal/platform/logstore"
)

// Run opens the dataset, listens on its socket or address and serves until ctx ends or
// lifeline does (the parent holds its other end, and is gone). When Run returns
// nil, every record it accepted is on disk. With cfg.Erase it does that instead.
func Run(ctx context.Context, cfg logstore.ChildConfig, lifeline io.Reader) error {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return err
	}
	if cfg.Erase != "" {
		return Erase(ctx, cfg, os.Stdout)
	}
	work := filepath.Join(filepath.Dir(filepath.Clean(cfg.Dir)), workDir)
	if err := (eraser{dir: filepath.Clean(cfg.Dir), work: work}).recover(); err != nil {
		return err
	}
	if err := setFlags(cfg); err != nil {
		return err
	}
	debug.SetMemoryLimit(cfg.Memory)
	debug.SetGCPercent(50)
	logger.InitNoLogFlags()

	// The storage takes the lock of its directory before the socket appears, so
	// a predecessor that is still closing keeps its own.
	vlstorage.Init()
	vlselect.Init()
	insertutil.SetLogRowsStorage(&vlstorage.Storage{})
	vlinsert.Init()
	defer func() {
		vlinsert.Stop()
		vlselect.Stop()
		vlstorage.Stop()
		fs.MustStopDirRemover()
	}()
	go func() {
		if err := footprint.TrimLater(ctx, core.SystemClock{}); err != nil {
			logger.Warnf("memory of the start is not given back: %s", err)
		}
	}()
	return serve(ctx, cfg, lifeline)
}

func serve(ctx context.Context, cfg logstore.ChildConfig, lifeline io.Reader) error {
	listener, err := listen(cfg)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if lifeline != nil {
		go func() {
			_, _ = io.Copy(io.Discard, lifeline)
			stop()
		}()
	}
	server := &http.Server{
		Handler:           handler(strconv.FormatInt(time.Now().UnixNano(), 10)),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return server.Close()
	}
	return nil
}

func listen(cfg logstore.ChildConfig) (net.Listener, error) {
	if cfg.Listen != "" {
		return net.Listen("tcp", cfg.Listen)
	}
	if err := os.Remove(cfg.Socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	listener, err := net.Listen("unix", cfg.Socket)
	if err != nil {
		return nil, err
	}
	return listener, os.Chmod(cfg.Socket, 0o600)
}

// handler serves the API of VictoriaLogs, and its metrics with one more that
// tells processes apart.
func handler(epoch string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metrics" {
			w.Header().Set("Content-Type", "text/plain; version=0.0.4")
			metrics.WritePrometheus(w, false)
			fmt.Fprintf(w, "%s{epoch=%q} 1\n", logstore.EpochMetric, epoch)
			return
		}
		if !vlinsert.RequestHandler(w, r) && !vlselect.RequestHandler(w, r) && !vlstorage.RequestHandler(w, r) {
			http.NotFound(w, r)
		}
	})
}

// setFlags gives the engine's libraries their settings, which they read from
// the global flag set alone.
func setFlags(cfg logstore.ChildConfig) error {
	if err := flag.CommandLine.Parse(nil); err != nil {
		return err
	}
	settings := map[string]string{
		"storageDataPath":                  filepath.Clean(cfg.Dir),
		"retentionPeriod":                  strconv.FormatInt(int64((cfg.Retention+time.Hour-1)/time.Hour), 10) + "h",
		"futureRetention":                  "1d",
		"retention.maxDiskSpaceUsageBytes": strconv.FormatInt(cfg.MaxDisk, 10),
		"storage.minFreeDiskSpaceBytes":    strconv.FormatInt(cfg.MinFree, 10),
		"memory.allowedBytes":              strconv.FormatInt(cfg.Memory/2, 10),
		"inmemoryDataFlushInterval":        "1s",
		"search.maxQueryDuration":          "5m",
		"loggerFormat":                     "json",
		"loggerLevel":                      "INFO",
	}
	for name, value := range settings {
		if err := flag.CommandLine.Set(name, value); err != nil {
			return fmt.Errorf("logstore: engine flag %s: %w", name, err)
		}
	}
	return nil
}
