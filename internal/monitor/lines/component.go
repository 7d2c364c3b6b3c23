package lines

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/prometheus/storage"

	"mainstay/internal/core"
	"mainstay/internal/platform/metricstore"
)

// Metrics is the part of the metric store that is used.
type Metrics interface {
	Appendable(source string) storage.AppendableV2
	Append(ctx context.Context, samples []metricstore.Sample) error
	Describe(metrics ...metricstore.Metadata)
}

// Dependencies of the component.
type Dependencies struct {
	Metrics Metrics
	Clock   core.Clock
	Log     *slog.Logger
}

// maxConnections bounds senders of StatsD over TCP; idleConnection ends those
// that are silent.
const (
	maxConnections = 256
	idleConnection = 10 * time.Minute
)

// Component receives lines. Make it with New, run it between Start and Stop.
type Component struct {
	cfg    Configuration
	deps   Dependencies
	influx storage.AppendableV2
	statsd storage.AppendableV2
	sums   *sums
	reader *reader

	udp  net.PacketConn
	tcp  net.Listener
	open atomic.Int64
	away atomic.Int64 // connections that were refused
	stop context.CancelFunc
	done sync.WaitGroup
}

// New checks its arguments and does nothing else.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Clock == nil {
		deps.Clock = core.SystemClock{}
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Component{cfg: cfg, deps: deps, influx: deps.Metrics.Appendable("influx"), statsd: deps.Metrics.Appendable("statsd"),
		sums: newSums(cfg.MaxSeries, cfg.Keep), reader: newReader()}, nil
}

// Start listens for StatsD where an address is configured.
func (c *Component) Start(context.Context) error {
	if c.cfg.StatsD == "" {
		return nil
	}
	tcp, err := net.Listen("tcp", c.cfg.StatsD)
	if err != nil {
		return fmt.Errorf("statsd: %w", err)
	}
	udp, err := net.ListenPacket("udp", tcp.Addr().String())
	if err != nil {
		_ = tcp.Close()
		return fmt.Errorf("statsd: %w", err)
	}
	if u, ok := udp.(*net.UDPConn); ok {
		_ = u.SetReadBuffer(4 << 20) // as much as the system allows
	}
	c.tcp, c.udp = tcp, udp
	c.deps.Metrics.Describe(
		metricstore.Metadata{Metric: "mainstay_statsd_observations_total", Type: "counter", Help: "Observations that StatsD sent."},
		metricstore.Metadata{Metric: "mainstay_statsd_bad_lines_total", Type: "counter", Help: "Lines of StatsD that could not be read."},
		metricstore.Metadata{Metric: "mainstay_statsd_refused_total", Type: "counter", Help: "Observations of StatsD whose series were too many."},
	)
	ctx, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	c.done.Go(c.packets)
	c.done.Go(func() { c.connections(ctx) })
	c.done.Go(func() { c.flushes(ctx) })
	c.deps.Log.Info("StatsD is received", "address", tcp.Addr().String())
	return nil
}

// Stop closes the listeners and stores what was added up.
func (c *Component) Stop(context.Context) error {
	if c.stop == nil {
		return nil
	}
	err := errors.Join(c.tcp.Close(), c.udp.Close())
	c.stop()
	c.done.Wait()
	return err
}

// Address is where StatsD is received, once started.
func (c *Component) Address() string { return c.tcp.Addr().String() }

func (c *Component) packets() {
	buffer := make([]byte, 64<<10)
	for {
		n, _, err := c.udp.ReadFrom(buffer)
		if n > 0 {
			c.sums.add(c.reader, string(buffer[:n]), c.deps.Clock.Now())
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
	}
}

func (c *Component) connections(ctx context.Context) {
	for {
		conn, err := c.tcp.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		if c.open.Add(1) > maxConnections {
			c.open.Add(-1)
			c.away.Add(1)
			_ = conn.Close()
			continue
		}
		c.done.Go(func() {
			defer c.open.Add(-1)
			c.connection(ctx, conn)
		})
	}
}

func (c *Component) connection(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	over := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer over()
	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, 4<<10), maxLine)
	for {
		_ = conn.SetReadDeadline(c.deps.Clock.Now().Add(idleConnection))
		if !lines.Scan() {
			return
		}
		c.sums.add(c.reader, lines.Text(), c.deps.Clock.Now())
	}
}

func (c *Component) flushes(ctx context.Context) {
	for ctx.Err() == nil {
		timer := c.deps.Clock.NewTimer(c.cfg.Flush)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C():
		}
		if err := c.flush(context.WithoutCancel(ctx)); err != nil {
			c.deps.Log.Warn("what StatsD sent is not stored; it is added up and tried again", "error", err)
		}
	}
}

// flush stores what was added up, and the receiver's own figures.
func (c *Component) flush(ctx context.Context) error {
	now := c.deps.Clock.Now()
	app := c.statsd.AppenderV2(ctx)
	for _, p := range c.sums.flush(now) {
		if _, err := app.Append(0, p.series, 0, p.at.UnixMilli(), p.value, nil, nil, storage.AOptions{}); core.CodeOf(err) == core.CodeUnavailable {
			_ = app.Rollback()
			return err
		}
	}
	if err := app.Commit(); err != nil {
		return err
	}
	c.sums.mu.Lock()
	own := map[string]int64{"mainstay_statsd_observations_total": c.sums.taken, "mainstay_statsd_bad_lines_total": c.sums.bad, "mainstay_statsd_refused_total": c.sums.refused}
	c.sums.mu.Unlock()
	var samples []metricstore.Sample
	for name, v := range own {
		samples = append(samples, metricstore.Sample{Labels: metricstore.NewLabels(name), T: now, V: float64(v)})
	}
	return c.deps.Metrics.Append(ctx, samples)
}
