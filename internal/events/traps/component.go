package traps

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/traps/mib"
	"mainstay/internal/platform/receivers"
)

// reloadEvery is how soon rules that another process changed are heeded.
const reloadEvery = 10 * time.Second

// Component is the listener and its rules. Make it with New, run it between
// Start and Stop.
type Component struct {
	cfg   Configuration
	deps  Dependencies
	rules atomic.Pointer[[]*rule]
	kick  chan struct{}

	modules atomic.Pointer[modules] // nil before they were read

	conn   *net.UDPConn
	meter  *receivers.Meter
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// New checks its arguments and does nothing else.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.DB == nil || deps.Ledger == nil || deps.Events == nil || deps.Logs == nil || deps.Items == nil || deps.Receivers == nil || deps.Clock == nil || deps.IDs == nil {
		return nil, core.Errorf(core.CodeInternal, "traps: all dependencies but Reveal, Node and Log are needed")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Reveal == nil {
		deps.Reveal = func(_ context.Context, text string) (string, error) { return text, nil }
	}
	c := &Component{cfg: cfg, deps: deps, kick: make(chan struct{}, 1)}
	rules := standard()
	c.rules.Store(&rules)
	return c, nil
}

// Start reads the rules and listens, where an address is configured. A user
// whose secret is not there cannot send; that is told and stops nothing else.
func (c *Component) Start(ctx context.Context) error {
	if err := c.loadModules(ctx); err != nil {
		return fmt.Errorf("traps: %w", err)
	}
	if c.cfg.Listen == "" {
		return nil
	}
	if err := c.load(ctx); err != nil {
		return fmt.Errorf("traps: %w", err)
	}
	decode, err := c.decoder(ctx)
	if err != nil {
		return fmt.Errorf("traps: %w", err)
	}
	conn, err := net.ListenPacket("udp", c.cfg.Listen)
	if err != nil {
		return fmt.Errorf("traps: %w", err)
	}
	c.conn = conn.(*net.UDPConn)
	receivers.Enlarge(c.conn, c.cfg.Buffer)
	c.meter = c.deps.Receivers.Add(receivers.About{Name: "snmp-traps", Protocol: "SNMP traps and informs", Address: c.conn.LocalAddr().String(), Feeds: "events"})
	run, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	queue := make(chan arrived, c.cfg.Queue)
	c.done.Go(func() { c.read(run, queue) })
	c.done.Go(func() { c.work(run, decode, queue) })
	c.done.Go(func() { c.watch(run) })
	c.deps.Log.Info("SNMP traps are received", "address", c.conn.LocalAddr().String())
	return nil
}

func (c *Component) decoder(ctx context.Context) (*decoder, error) {
	var users []User
	for _, u := range c.cfg.Users {
		var err error
		if u.AuthKey, err = c.deps.Reveal(ctx, u.AuthKey); err == nil {
			u.PrivKey, err = c.deps.Reveal(ctx, u.PrivKey)
		}
		if err != nil {
			c.deps.Log.Error("an SNMP user cannot send: its secret is not there", "user", u.Name, "error", err)
			continue
		}
		users = append(users, u)
	}
	var communities []string
	for _, reference := range c.cfg.Communities {
		community, err := c.deps.Reveal(ctx, reference)
		if err != nil {
			return nil, fmt.Errorf("communities: %w", err)
		}
		communities = append(communities, community)
	}
	d, err := newDecoder(users, communities, c.deps.Node, c.deps.Clock)
	if err == nil {
		d.names = func() *mib.Set { return c.modules.Load().set }
	}
	return d, err
}

// changed has the rules read again.
func (c *Component) changed() {
	select {
	case c.kick <- struct{}{}:
	default:
	}
}

// watch keeps the rules, and the count of what the socket dropped, current.
func (c *Component) watch(ctx context.Context) {
	var dropped uint64
	for looked := c.deps.Clock.Now(); ; {
		timer := c.deps.Clock.NewTimer(time.Second)
		kicked := false
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-c.kick:
			kicked = true
		case <-timer.C():
		}
		timer.Stop()
		if n, ok := receivers.Drops(c.conn); ok && n > dropped {
			c.meter.Lost(int64(n - dropped))
			dropped = n
		}
		if now := c.deps.Clock.Now(); kicked || now.Sub(looked) >= reloadEvery {
			looked = now
			if err := c.load(ctx); err != nil && ctx.Err() == nil {
				c.deps.Log.Warn("trap rules cannot be read; those that are known stay", "error", err)
			}
			if err := c.loadModules(ctx); err != nil && ctx.Err() == nil {
				c.deps.Log.Warn("MIB files cannot be read; those that are known stay", "error", err)
			}
		}
	}
}

// Stop ends it; what waits is stored, if that takes a moment.
func (c *Component) Stop(context.Context) error {
	if c.cancel == nil {
		return nil
	}
	err := c.conn.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	c.cancel()
	c.done.Wait()
	c.meter.Close()
	c.cancel = nil
	return err
}

// Address is where notifications are received, once started.
func (c *Component) Address() net.Addr { return c.conn.LocalAddr() }
