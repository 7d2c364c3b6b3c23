package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"mainstay/internal/core"
	"mainstay/internal/platform/receivers"
)

// Component is the listeners. Make it with New, run it between Start and Stop.
type Component struct {
	cfg    Configuration
	deps   Dependencies
	zone   *time.Location
	items  *items
	limits *limits
	told   atomic.Int64 // when it was last said that senders wait

	udp     *net.UDPConn
	tcp     net.Listener
	secure  net.Listener
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
	return &Component{cfg: cfg, deps: deps, zone: zone, items: newItems(deps.Items), limits: newLimits(cfg.SourceRate)}, nil
}

// Start listens where addresses are configured.
func (c *Component) Start(context.Context) error {
	ctx, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	for _, listen := range []func(context.Context) error{c.listenUDP, c.listenTCP, c.listenTLS} {
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
	c.serve(ctx, c.tcp, nil, "tcp", c.meter("tcp", "syslog over TCP", c.tcp.Addr()))
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
	c.serve(ctx, c.secure, cfg, "tls", c.meter("tls", "syslog over TLS", c.secure.Addr()))
	return nil
}

func (c *Component) serve(ctx context.Context, listener net.Listener, cfg *tls.Config, transport string, meter *receivers.Meter) {
	s := &stream{Component: c, transport: transport, meter: meter}
	streams := &receivers.Streams{Listener: listener, TLS: cfg, Most: c.cfg.MaxConnections, Meter: meter, Clock: c.deps.Clock, Serve: s.read}
	c.readers.Go(func() { streams.Run(ctx) })
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
