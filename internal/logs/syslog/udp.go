package syslog

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/sync/semaphore"

	"mainstay/internal/platform/receivers"
)

const (
	datagramMost  = 64 << 10
	readAtOnce    = 64        // datagrams of one system call
	writeAtOnce   = 256 << 10 // bytes of one write to the spool
	chunksWaiting = 4096
	lookAtDrops   = time.Second
)

// packets is the socket for datagrams. One goroutine reads it and does nothing
// else, because the kernel keeps little; others take apart and store.
type packets struct {
	*Component
	conn    *net.UDPConn
	meter   *receivers.Meter
	queue   chan *chunk
	waiting *semaphore.Weighted // bytes of queue
	free    sync.Pool
	dropped uint64
}

// chunk is datagrams that were read at once.
type chunk struct {
	came  time.Time
	bytes []byte
	parts []part
}

type part struct {
	end  int
	from netip.Addr
	cut  bool
}

func (p *packets) run(ctx context.Context) {
	var writers sync.WaitGroup
	writing, cancel := receivers.Grace(ctx, p.deps.Clock, closeLimit)
	defer cancel()
	for range 2 {
		writers.Go(func() { p.write(writing) })
	}
	stopped := make(chan struct{})
	p.done.Go(func() {
		for {
			timer := p.deps.Clock.NewTimer(lookAtDrops)
			select {
			case <-timer.C():
				p.countDrops()
			case <-stopped:
				timer.Stop()
				return
			}
		}
	})
	p.read(ctx)
	close(p.queue)
	writers.Wait()
	close(stopped)
}

// read fills the queue until the socket is closed. When the queue is full it
// waits, and the kernel drops.
func (p *packets) read(ctx context.Context) {
	defer p.countDrops()
	batch := ipv4.NewPacketConn(p.conn)
	messages := make([]ipv4.Message, readAtOnce)
	size := min(p.cfg.MaxMessage+1, datagramMost)
	for i := range messages {
		messages[i].Buffers = [][]byte{make([]byte, size)}
	}
	for {
		n, err := batch.ReadBatch(messages, 0)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			p.meter.Refused(0, "the socket could not be read: "+err.Error())
			receivers.Pause(ctx, p.deps.Clock, acceptPause)
			continue
		}
		c := p.chunk()
		c.came = p.deps.Clock.Now()
		refused := 0
		for _, m := range messages[:n] {
			from := receivers.AddressOf(m.Addr)
			if m.N == 0 {
				continue
			}
			if !p.limits.allow(from, c.came) {
				refused++
				continue
			}
			c.bytes = append(c.bytes, m.Buffers[0][:min(m.N, p.cfg.MaxMessage)]...)
			c.parts = append(c.parts, part{len(c.bytes), from, m.N > p.cfg.MaxMessage})
		}
		if refused > 0 {
			p.meter.Refused(refused, "more than sourceRate allows came from one address")
		}
		if len(c.parts) == 0 {
			p.free.Put(c)
			continue
		}
		if p.waiting.Acquire(ctx, int64(len(c.bytes))) != nil {
			p.meter.Lost(int64(len(c.parts)))
			return
		}
		p.queue <- c
	}
}

func (p *packets) chunk() *chunk {
	if c, ok := p.free.Get().(*chunk); ok {
		c.bytes, c.parts = c.bytes[:0], c.parts[:0]
		return c
	}
	return &chunk{}
}

// write stores what is in the queue until it is closed and empty.
func (p *packets) write(ctx context.Context) {
	convert, batch := p.converter("udp"), []raw(nil)
	var text []byte
	for first := range p.queue {
		batch, text = batch[:0], text[:0]
		chunks := append(make([]*chunk, 0, 16), first)
		size := len(first.bytes)
	more:
		for size < writeAtOnce {
			select {
			case c, ok := <-p.queue:
				if !ok {
					break more
				}
				chunks, size = append(chunks, c), size+len(c.bytes)
			default:
				break more
			}
		}
		for _, c := range chunks {
			text = append(text, c.bytes...)
		}
		all, start := string(text), 0
		for _, c := range chunks {
			base, from := start, 0
			for _, d := range c.parts {
				batch = append(batch, raw{all[base+from : base+d.end], d.from, d.cut})
				from = d.end
			}
			start += len(c.bytes)
		}
		p.store(ctx, p.meter, convert, batch, size, first.came)
		for _, c := range chunks {
			p.waiting.Release(int64(len(c.bytes)))
			p.free.Put(c)
		}
	}
}

// countDrops reads from the kernel how many datagrams found the socket full.
func (p *packets) countDrops() {
	drops, ok := receivers.Drops(p.conn)
	if ok && drops > p.dropped {
		p.meter.Lost(int64(drops - p.dropped))
		p.dropped = drops
	}
}
