package processing

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/expression"
	"mainstay/internal/platform/sqldb"
)

// reloadEvery is how soon rules that another process changed are heeded.
const reloadEvery = 5 * time.Second

// keyName is the sealed key of the hashes of masked values.
const keyName = "log-masking"

// Component processes. It is safe for concurrent use.
type Component struct {
	deps     Dependencies
	store    *store
	language *expression.Language
	key      []byte
	names    *names

	loading sync.Mutex
	stage   atomic.Pointer[stage]
	passed  atomic.Int64

	stop context.CancelFunc
	done sync.WaitGroup
}

// New makes it. Until Start, records pass the default rules.
func New(deps Dependencies) (*Component, error) {
	language, err := newLanguage()
	if err != nil {
		return nil, err
	}
	// Before Start the key is one of its own: values that are masked then are
	// joined with no others.
	key := make([]byte, 32)
	rand.Read(key)
	c := &Component{deps: deps, store: &store{deps.DB, deps.Ledger, deps.Clock}, language: language, key: key, names: &names{}}
	return c, c.use(nil)
}

// Start reads the key, which it makes the first time, and the rules. The tables
// must be migrated and the secrets started.
func (c *Component) Start(ctx context.Context) error {
	if err := c.readKey(ctx); err != nil {
		return err
	}
	if err := c.load(ctx); err != nil {
		return err
	}
	run, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	c.done.Go(func() { c.watch(run) })
	return nil
}

// Stop ends the looking for changes; records pass on.
func (c *Component) Stop(context.Context) error {
	if c.stop != nil {
		c.stop()
	}
	c.done.Wait()
	return nil
}

func (c *Component) readKey(ctx context.Context) error {
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		key, err := c.deps.Keys.GetInternal(ctx, tx, keyName)
		if core.CodeOf(err) == core.CodeNotFound {
			key = make([]byte, 32)
			rand.Read(key)
			err = c.deps.Keys.PutInternal(ctx, tx, keyName, key)
		}
		if err == nil {
			c.loading.Lock()
			c.key = key
			c.loading.Unlock()
		}
		return err
	})
}

func (c *Component) watch(ctx context.Context) {
	for {
		timer := c.deps.Clock.NewTimer(reloadEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C():
		}
		if err := c.load(ctx); err != nil && ctx.Err() == nil {
			c.deps.Log.Warn("rules of log processing cannot be read; those that are known stay", "error", err)
		}
	}
}

// load reads the rules.
func (c *Component) load(ctx context.Context) error {
	stored, err := c.store.rules(ctx, c.deps.DB)
	if err != nil {
		return err
	}
	return c.use(stored)
}

// use makes rules hold. One that this version cannot read is told and left out;
// one that has not changed keeps its counts.
func (c *Component) use(stored []storedRule) error {
	c.loading.Lock()
	defer c.loading.Unlock()
	with := &compiler{language: c.language, key: c.key, names: c.names}
	next := &stage{language: c.language}
	before := map[string]*rule{}
	if s := c.stage.Load(); s != nil {
		for _, r := range s.rules {
			before[r.name] = r
		}
	}
	rest := builtin()
	add := func(name string, spec Spec, declared bool) {
		r, err := compile(name, spec, with)
		if err != nil {
			c.deps.Log.Error("a rule of log processing cannot be read; it is left out", "rule", name, "error", err)
			return
		}
		r.declared = declared
		if old := before[name]; old != nil {
			r.counts = old.counts
		}
		next.rules = append(next.rules, r)
	}
	for _, s := range stored {
		delete(rest, s.name)
		if !s.spec.Disabled {
			add(s.name, s.spec, true)
		}
	}
	for name, spec := range rest {
		add(name, spec, false)
	}
	slices.SortFunc(next.rules, inOrder)
	c.stage.Store(next)
	return nil
}

// inOrder is the order in which rules are tried.
func inOrder(a, b *rule) int {
	if a.order != b.order {
		return a.order - b.order
	}
	if a.name < b.name {
		return -1
	}
	return 1
}
