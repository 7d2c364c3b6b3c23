package syslog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"mainstay/internal/core"
	"mainstay/internal/platform/receivers"
)

// Component is the listeners. Make it with New, run it between Start and Stop.
type Component struct {
	cfg        Configuration
	deps       Dependencies
	zone       *time.Location
	items      *items
	limits     *limits
	insistence receivers.Insistence // stores what senders bring who can wait

	udp     *net.UDPConn
	tcp     net.Listener
	secure  net.Listener
	relp    net.Listener
	relpTLS net.Listener
	meters  []*receivers.Meter
	stop    context.CancelFunc
	readers sync.WaitGroup // of listeners
	done    sync.WaitGroup
}

// New checks its arguments and does nothing else.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Logs == nil || deps.Items == nil || deps.Receivers == nil || deps.Clock == nil {
		return nil, core.Errorf(core.CodeInternal, "syslog: Logs, Items, Receivers and Clock are needed")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Keeps <= 0 {
		deps.Keeps = 24 * time.Hour
	}
	zone, err := time.LoadLocation(cfg.Zone)
	if err != nil {
		return nil, err
	}
	return &Component{cfg: cfg, deps: deps, zone: zone, items: newItems(deps.Items), limits: newLimits(cfg.SourceRate),
		insistence: receivers.Insistence{Clock: deps.Clock, Log: deps.Log}}, nil
}

// Start listens where addresses are configured.
func (c *Component) Start(context.Context) error {
	ctx, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	for _, listen := range []func(context.Context) error{c.listenUDP, c.listenTCP, c.listenTLS, c.listenRELP, c.listenRELPTLS} {
		if err := listen(ctx); err != nil {
			return errors.Join(fmt.Errorf("syslog: %w", err), c.Stop(context.Background()))
		}
	}
	return nil
}

func (c *Component) listenUDP(ctx context.Context) error {
	if c.cfg.UDP == "" {
		return nil
	}
	conn, err := net.ListenPacket("udp", c.cfg.UDP)
	if err != nil {
		return err
	}
	c.udp = conn.(*net.UDPConn)
	receivers.Enlarge(c.udp, c.cfg.Buffer)
	p := &packets{Component: c, conn: c.udp, meter: c.meter("udp", "syslog over UDP", c.udp.LocalAddr()), queue: make(chan *chunk, chunksWaiting),
		waiting: semaphore.NewWeighted(c.cfg.Queue)}
	c.readers.Go(func() { p.run(ctx) })
	return nil
}

func (c *Component) listenTCP(ctx context.Context) (err error) {
	if c.cfg.TCP == "" {
		return nil
	}
	if c.tcp, err = net.Listen("tcp", c.cfg.TCP); err != nil {
		return err
	}
	s := &stream{Component: c, transport: "tcp", meter: c.meter("tcp", "syslog over TCP", c.tcp.Addr())}
	c.serve(ctx, &receivers.Streams{Listener: c.tcp, Meter: s.meter, Serve: s.read})
	return nil
}

func (c *Component) listenTLS(ctx context.Context) error {
	if c.cfg.TLS == "" {
		return nil
	}
	cfg, err := receivers.TLSOf(c.cfg.Certificate, c.cfg.Key, c.cfg.ClientCA)
	if err != nil {
		return err
	}
	if c.secure, err = net.Listen("tcp", c.cfg.TLS); err != nil {
		return err
	}
	s := &stream{Component: c, transport: "tls", meter: c.meter("tls", "syslog over TLS", c.secure.Addr())}
	c.serve(ctx, &receivers.Streams{Listener: c.secure, TLS: cfg, Meter: s.meter, Serve: s.read})
	return nil
}

func (c *Component) listenRELP(ctx context.Context) (err error) {
	if c.cfg.RELP == "" {
		return nil
	}
	if c.relp, err = net.Listen("tcp", c.cfg.RELP); err != nil {
		return err
	}
	a := &acknowledged{Component: c, transport: "relp", meter: c.meter("relp", "syslog over RELP", c.relp.Addr())}
	c.serve(ctx, &receivers.Streams{Listener: c.relp, Meter: a.meter, Serve: a.read, Answers: true})
	return nil
}

func (c *Component) listenRELPTLS(ctx context.Context) error {
	if c.cfg.RELPTLS == "" {
		return nil
	}
	cfg, err := receivers.TLSOf(c.cfg.Certificate, c.cfg.Key, c.cfg.ClientCA)
	if err != nil {
		return err
	}
	if c.relpTLS, err = net.Listen("tcp", c.cfg.RELPTLS); err != nil {
		return err
	}
	a := &acknowledged{Component: c, transport: "relp-tls", meter: c.meter("relp-tls", "syslog over RELP and TLS", c.relpTLS.Addr())}
	c.serve(ctx, &receivers.Streams{Listener: c.relpTLS, TLS: cfg, Meter: a.meter, Serve: a.read, Answers: true})
	return nil
}

func (c *Component) serve(ctx context.Context, s *receivers.Streams) {
	s.Most, s.Clock = c.cfg.MaxConnections, c.deps.Clock
	c.readers.Go(func() { s.Run(ctx) })
}

func (c *Component) meter(name, protocol string, at net.Addr) *receivers.Meter {
	m := c.deps.Receivers.Add(receivers.About{Name: "syslog-" + name, Protocol: protocol, Address: at.String(), Feeds: "logs"})
	c.meters = append(c.meters, m)
	c.deps.Log.Info("syslog is received", "over", name, "address", at.String())
	return m
}

// Stop listens no more, tells senders, and stores what they have sent until
// then, for as long as that takes a moment.
func (c *Component) Stop(context.Context) error {
	if c.stop == nil {
		return nil
	}
	var err error
	if c.udp != nil {
		err = errors.Join(err, c.udp.Close())
	}
	c.stop() // the streams close their listeners when nobody waits there
	c.readers.Wait()
	c.done.Wait()
	for _, m := range c.meters {
		m.Close()
	}
	c.stop, c.meters = nil, nil
	return err
}

// Addresses are where UDP, TCP and TLS are received, once started; nil: nowhere.
func (c *Component) Addresses() (udp, tcp, tls net.Addr) {
	if c.udp != nil {
		udp = c.udp.LocalAddr()
	}
	if c.tcp != nil {
		tcp = c.tcp.Addr()
	}
	if c.secure != nil {
		tls = c.secure.Addr()
	}
	return udp, tcp, tls
}

// RELP is where RELP is received, and where it is over TLS; nil: nowhere.
func (c *Component) RELP() (plain, tls net.Addr) {
	if c.relp != nil {
		plain = c.relp.Addr()
	}
	if c.relpTLS != nil {
		tls = c.relpTLS.Addr()
	}
	return plain, tls
}
