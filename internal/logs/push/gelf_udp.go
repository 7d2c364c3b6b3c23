package push

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"mainstay/internal/core"
	"mainstay/internal/platform/receivers"
	"mainstay/internal/platform/unpack"
)

const (
	datagramMost  = 64 << 10
	chunkedBytes  = 16 << 20 // of messages whose chunks are not all there
	chunkedMost   = 4096     // such messages
	packetsQueued = 4096
	writeAtOnce   = 512 // messages of one write to the spool
	lookEvery     = time.Second
	acceptPause   = 50 * time.Millisecond
)

// packets is the socket of GELF over UDP. One goroutine reads it and puts
// chunks together, another decompresses, reads and stores.
type packets struct {
	*Component
	conn    *net.UDPConn
	meter   *receivers.Meter
	queue   chan packet
	waiting *semaphore.Weighted // bytes of queue
	dropped uint64
}

type packet struct {
	from netip.Addr
	came time.Time
	raw  []byte
}

func (c *Component) listenGELFUDP(ctx context.Context) error {
	if c.cfg.GELF.UDP == "" {
		return nil
	}
	conn, err := net.ListenPacket("udp", c.cfg.GELF.UDP)
	if err != nil {
		return err
	}
	c.udp = conn.(*net.UDPConn)
	receivers.Enlarge(c.udp, c.cfg.Buffer)
	p := &packets{Component: c, conn: c.udp, meter: c.meter("gelf-udp", "GELF over UDP", c.udp.LocalAddr()), queue: make(chan packet, packetsQueued),
		waiting: semaphore.NewWeighted(c.cfg.Queue)}
	c.done.Go(func() { p.run(ctx) })
	return nil
}

func (p *packets) run(ctx context.Context) {
	writing, cancel := receivers.Grace(ctx, p.deps.Clock, closeLimit)
	defer cancel()
	var others sync.WaitGroup
	others.Go(func() { p.write(writing) })
	// Chunked messages are compressed as a rule: as many bytes as one may have then is enough.
	whole := newChunks(p.cfg.GELF.MaxMessage, chunkedBytes, chunkedMost)
	reading, stopped := context.WithCancel(context.WithoutCancel(ctx))
	others.Go(func() {
		for reading.Err() == nil {
			receivers.Pause(reading, p.deps.Clock, lookEvery)
			p.count(whole)
		}
	})
	p.read(ctx, whole)
	stopped()
	close(p.queue)
	others.Wait()
}

// read fills the queue until the socket is closed. When the queue is full it
// waits, and the kernel drops.
func (p *packets) read(ctx context.Context, whole *chunks) {
	buf := make([]byte, datagramMost)
	for {
		n, address, err := p.conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			p.meter.Refused(0, "the socket could not be read: "+err.Error())
			receivers.Pause(ctx, p.deps.Clock, acceptPause)
			continue
		}
		from, came := address.Addr().Unmap().WithZone(""), p.deps.Clock.Now()
		raw := buf[:n]
		if isChunk(raw) {
			if raw, err = whole.add(from, raw, came); err != nil {
				p.meter.Refused(1, from.String()+": "+err.Error())
			}
			if raw == nil {
				continue
			}
		} else {
			raw = bytes.Clone(raw)
		}
		if p.waiting.Acquire(ctx, p.weight(raw)) != nil {
			p.meter.Lost(1)
			return
		}
		p.queue <- packet{from, came, raw}
	}
}

// weight is what a message counts in the queue.
func (p *packets) weight(raw []byte) int64 { return min(int64(len(raw)), p.cfg.Queue) }

// count tells the meter of what did not come, or not as a whole.
func (p *packets) count(whole *chunks) {
	if n := whole.givenUp(p.deps.Clock.Now()); n > 0 {
		p.meter.Refused(n, "not all chunks of a message came in time")
	}
	if drops, ok := receivers.Drops(p.conn); ok && drops > p.dropped {
		p.meter.Lost(int64(drops - p.dropped))
		p.dropped = drops
	}
}

// write stores what is in the queue until it is closed and empty.
func (p *packets) write(ctx context.Context) {
	for first := range p.queue {
		batch := append(make([]packet, 0, 64), first)
	more:
		for len(batch) < writeAtOnce {
			select {
			case next, ok := <-p.queue:
				if !ok {
					break more
				}
				batch = append(batch, next)
			default:
				break more
			}
		}
		var entries []entry
		size := 0
		for _, one := range batch {
			read, err := p.entries(one.raw, one.from)
			if err != nil {
				p.meter.Refused(1, one.from.String()+": "+err.Error())
			}
			entries, size = append(entries, read...), size+len(one.raw)
		}
		_ = p.insist(ctx, p.meter, entries, size, first.came)
		for _, one := range batch {
			p.waiting.Release(p.weight(one.raw))
		}
	}
}

// entries reads a message that may be compressed, which its first bytes say.
func (c *Component) entries(raw []byte, from netip.Addr) ([]entry, error) {
	encoding := ""
	switch {
	case len(raw) < 2:
		return nil, core.Errorf(core.CodeMalformed, "a message is cut off")
	case raw[0] == 0x1f && raw[1] == 0x8b:
		encoding = "gzip"
	case raw[0]&0x0f == 8 && (int(raw[0])<<8|int(raw[1]))%31 == 0: // RFC 1950, 2.2
		encoding = "deflate"
	}
	text, err := unpack.Read(bytes.NewReader(raw), encoding, int64(c.cfg.GELF.MaxMessage))
	if err != nil {
		return nil, err
	}
	out, err := readGELF(text)
	for i := range out {
		out[i].add("network.peer.address", from.String())
	}
	return out, err
}
