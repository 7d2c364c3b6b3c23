package monitor

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// bench is everything a test of the component needs.
type bench struct {
	t       testing.TB
	db      *sqldb.DB
	ledger  *ledger.Ledger
	metrics metricstore.Store
	events  *inbox
	items   *graph
	deps    Dependencies
	c       *Component
}

// inbox accepts events and remembers them by id.
type inbox struct {
	mu     sync.Mutex
	refuse error
	seen   map[string]bool
	got    []core.Event
	news   chan struct{}
}

func (i *inbox) Accept(_ context.Context, events []core.Event) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.refuse != nil {
		return i.refuse
	}
	for _, e := range events {
		if !i.seen[e.ID] {
			i.seen[e.ID] = true
			i.got = append(i.got, e)
		}
	}
	select {
	case i.news <- struct{}{}:
	default:
	}
	return nil
}

func (i *inbox) all() []core.Event {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]core.Event(nil), i.got...)
}

// wait returns the events once there are n.
func (b *bench) wait(n int) []core.Event {
	b.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		if got := b.events.all(); len(got) >= n {
			return got
		}
		select {
		case <-b.events.news:
		case <-deadline:
			b.t.Fatalf("%d events came, not %d: %+v", len(b.events.all()), n, b.events.all())
		}
	}
}

// graph is a small set of items.
type graph struct {
	mu    sync.Mutex
	items map[string]Item
	names map[string]string // identity value to id
}

func (g *graph) ItemOf(_ context.Context, ids []core.Identity) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, id := range ids {
		if item := g.names[id.Value]; item != "" {
			return item, nil
		}
	}
	return "", core.NotFound("item", "of these identities")
}

func (g *graph) Item(_ context.Context, id string) (Item, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i, ok := g.items[id]; ok {
		return i, nil
	}
	return Item{}, core.NotFound("item", id)
}

func (g *graph) Select(_ context.Context, selector string) ([]string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if selector == "bad" {
		return nil, core.Invalid("selector", "cannot be read")
	}
	var out []string
	for id, i := range g.items {
		if i.Class == selector {
			out = append(out, id)
		}
	}
	return out, nil
}

func (g *graph) put(i Item) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.items[i.ID] = i
	g.names[i.Name] = i.ID
}

func newBench(t testing.TB, db *sqldb.DB) *bench {
	t.Helper()
	ctx := context.Background()
	clock := core.SystemClock{}
	b := &bench{t: t, db: db, events: &inbox{seen: map[string]bool{}, news: make(chan struct{}, 1)}, items: &graph{items: map[string]Item{}, names: map[string]string{}}}
	for module, files := range map[string]func() error{
		"ledger":  func() error { return sqldb.Migrate(ctx, db, "ledger", ledger.Migrations()) },
		"monitor": func() error { return sqldb.Migrate(ctx, db, "monitor", Migrations()) },
	} {
		if err := files(); err != nil {
			t.Fatal(module, err)
		}
	}
	ids := core.NewIDs(clock, nil)
	b.ledger = ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: ids})
	if err := b.ledger.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.ledger.Stop(ctx) })
	cfg := metricstore.Defaults()
	cfg.Directory, cfg.MinFree = t.TempDir(), 1
	var err error
	if b.metrics, err = metricstore.Open(cfg, metricstore.Dependencies{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.metrics.Close() })
	b.deps = Dependencies{DB: db, Ledger: b.ledger, Metrics: b.metrics, Events: b.events, Items: b.items, Clock: clock, IDs: ids}
	return b
}

func quick() Configuration {
	cfg := Defaults()
	cfg.MinInterval, cfg.FirstRun, cfg.Flush, cfg.RestoreGrace, cfg.RuleTimeout = 10*time.Millisecond, 10*time.Millisecond, 2*time.Millisecond, 0, time.Second
	return cfg
}

func (b *bench) start() {
	b.t.Helper()
	c, err := New(quick(), b.deps)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := c.Start(context.Background()); err != nil {
		b.t.Fatal(err)
	}
	b.c = c
	// PostgreSQL may take a moment to give back the lock of the process before.
	for wait := time.Now(); time.Since(wait) < 10*time.Second && c.leader.Load() == nil; {
		time.Sleep(5 * time.Millisecond)
	}
	b.t.Cleanup(func() { _ = c.Stop(context.Background()) })
}

func (b *bench) check(name string, spec CheckSpec) *Check {
	b.t.Helper()
	c, _, err := b.c.PutCheck(context.Background(), name, spec, "")
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// server is a port that can be closed and opened again.
type server struct {
	t       testing.TB
	address string
	l       net.Listener
}

func listen(t testing.TB) *server {
	t.Helper()
	port, err := coretest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return listenOn(t, fmt.Sprintf("127.0.0.1:%d", port))
}

func listenOn(t testing.TB, address string) *server {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	s := &server{t: t, address: l.Addr().String(), l: l}
	t.Cleanup(func() { _ = l.Close() })
	return s
}

func (s *server) down()       { _ = coretest.Shut(s.l) }
func (s *server) up() *server { return listenOn(s.t, s.address) }

func tcp(address string) CheckSpec {
	retries := 1
	return CheckSpec{
		Spec:     probe.Spec{TCP: &probe.TCP{Address: address}, Timeout: probe.Duration(time.Second)},
		Interval: probe.Duration(40 * time.Millisecond), RetryInterval: probe.Duration(20 * time.Millisecond), Retries: &retries,
	}
}

const itemID = "01arz3ndektsv4rrffq69g5fav"

func eventLine(e core.Event) string { return fmt.Sprintf("%s %s", e.Kind, e.Key) }
