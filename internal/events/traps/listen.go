package traps

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"golang.org/x/time/rate"
)

// arrived is a datagram that waits.
type arrived struct {
	message []byte
	from    netip.AddrPort
	at      time.Time
}

const (
	messageMost  = 64 << 10
	sourcesMost  = 10_000
	batchMost    = 200
	acceptLimit  = 10 * time.Second // for the events module to take a batch
	acceptPause  = 500 * time.Millisecond
	acceptTries  = 20
	stoppingTime = 2 * time.Second
)

// read puts what comes into the queue. What finds it full is lost, and counted;
// an inform then comes again.
func (c *Component) read(ctx context.Context, queue chan<- arrived) {
	defer close(queue)
	buffer := make([]byte, messageMost)
	limits := map[netip.Addr]*rate.Limiter{}
	for {
		n, from, err := c.conn.ReadFromUDPAddrPort(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			c.meter.Refused(0, "the socket could not be read: "+err.Error())
			c.pause(ctx, acceptPause)
			continue
		}
		now := c.deps.Clock.Now()
		if c.cfg.SourceRate > 0 {
			limit := limits[from.Addr()]
			if limit == nil {
				if len(limits) >= sourcesMost {
					clear(limits)
				}
				limit = rate.NewLimiter(rate.Limit(c.cfg.SourceRate), c.cfg.SourceRate)
				limits[from.Addr()] = limit
			}
			if !limit.AllowN(now, 1) {
				c.meter.Refused(1, from.Addr().String()+" sends more than sourceRate allows")
				continue
			}
		}
		select {
		case queue <- arrived{append([]byte(nil), buffer[:n]...), from, now}:
		default:
			c.meter.Lost(1)
		}
	}
}

// work decodes and delivers until the queue is closed and empty.
func (c *Component) work(ctx context.Context, decode *decoder, queue <-chan arrived) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		c.pause(longer, stoppingTime)
		cancel()
	})()
	for first := range queue {
		batch := []arrived{first}
	more:
		for len(batch) < batchMost {
			select {
			case a, ok := <-queue:
				if !ok {
					break more
				}
				batch = append(batch, a)
			default:
				break more
			}
		}
		c.handle(longer, decode, batch)
	}
}

func (c *Component) pause(ctx context.Context, d time.Duration) {
	timer := c.deps.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
	case <-ctx.Done():
	}
}
