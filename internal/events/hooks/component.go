package hooks

import (
	"context"
	"crypto/rsa"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
)

// Component is the room. Make it with New, run it between Start and Stop.
type Component struct {
	cfg     Configuration
	deps    Dependencies
	mapper  *mapper
	notary  *notary
	sources listening
	kept    keeper
	mail    *postOffice // nil when no mail is taken

	stop context.CancelFunc
	done sync.WaitGroup
}

// New checks its arguments and does nothing else.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.DB == nil || deps.Ledger == nil || deps.Clock == nil || deps.IDs == nil || deps.Events == nil || deps.Receivers == nil {
		return nil, core.Errorf(core.CodeInternal, "hooks: DB, Ledger, Clock, IDs, Events and Receivers are needed")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Client == nil {
		deps.Client = &http.Client{Timeout: 10 * time.Second}
	}
	m, err := newMapper()
	if err != nil {
		return nil, err
	}
	c := &Component{cfg: cfg, deps: deps, mapper: m, notary: &notary{client: deps.Client, keys: map[string]*rsa.PublicKey{}}, kept: keeper{last: map[string]time.Time{}}}
	c.sources.registry = deps.Receivers
	return c, nil
}

// Start loads the sources and follows their changes, also those that other
// replicas made. The tables must be migrated.
func (c *Component) Start(ctx context.Context) error {
	if err := c.load(ctx); err != nil {
		return err
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = cancel
	head, err := c.deps.Ledger.Head(ctx)
	if err != nil {
		cancel()
		return err
	}
	c.done.Go(func() { // what is declared
		c.deps.Ledger.KeepFollowing(run, "event sources", head, func(entry *ledger.Entry) bool { return strings.HasPrefix(entry.Type, changed) },
			func(ledger.Entry) error { return c.load(run) })
	})
	return c.listenMail()
}

// Stop takes no more mail, and ends following.
func (c *Component) Stop(ctx context.Context) (err error) {
	if c.mail != nil {
		err = c.mail.stop(ctx)
		c.mail = nil
	}
	if c.stop != nil {
		c.stop()
		c.done.Wait()
		c.sources.set(nil)
	}
	return err
}
