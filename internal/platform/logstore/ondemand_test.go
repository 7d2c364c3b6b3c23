package logstore_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/logstore"
)

// An engine on demand does not run before it is used; once used it starts by
// itself, and whatever was written is there.
func TestAnEngineOnDemand(t *testing.T) {
	t.Parallel()
	var cfg logstore.Configuration
	store, _ := setup(t, func(c *logstore.Configuration) {
		c.OnDemand = true
		cfg = *c
	})
	copied := t.TempDir()
	if err := store.Snapshot(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(copied, "data")); err != nil {
		t.Fatal(err)
	}
	if store.ChildPID() != 0 {
		t.Fatal("the engine runs though nothing was asked of it")
	}
	if _, err := store.Write(t.Context(), []logstore.Record{{Time: time.Now(), Message: "hello there", App: "shop"}}); err != nil {
		t.Fatal(err)
	}
	if got := count(t, store, "hello", 1); got != 1 {
		t.Fatalf("%d records", got)
	}
	if err := store.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}

	again, err := logstore.New(cfg, logstore.Dependencies{Clock: core.SystemClock{}, Log: slog.New(slog.DiscardHandler), Command: []string{os.Args[0], "logstore"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Stop(context.Background()) })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := again.Ready(ctx); err != nil {
		t.Fatal("the engine of a dataset that holds records waits:", err)
	}
}

// A question is answered although the engine did not run.
func TestAQuestionStartsAnEngineOnDemand(t *testing.T) {
	t.Parallel()
	store, _ := setup(t, func(c *logstore.Configuration) { c.OnDemand = true })
	for _, err := range store.Query(t.Context(), logstore.Query{Expr: "*"}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Hits(t.Context(), logstore.Query{Expr: "*"}, time.Hour); err != nil {
		t.Fatal(err)
	}
}
