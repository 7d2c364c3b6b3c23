package push

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"mainstay/internal/core"
)

// Chunks of GELF over UDP (graylog.org, "GELF via UDP", chunking): two magic
// bytes, 8 of the message's id, the number of this chunk and how many there are.
const (
	chunkHeader   = 12
	chunksMost    = 128
	chunkPatience = 5 * time.Second // from the first, after which the rest is not waited for
)

func isChunk(datagram []byte) bool {
	return len(datagram) >= 2 && datagram[0] == 0x1e && datagram[1] == 0x0f
}

type chunkKey struct {
	from netip.Addr
	id   [8]byte
}

// partial is a message of which chunks are missing.
type partial struct {
	key   chunkKey
	since time.Time
	parts [][]byte
	have  int
	size  int
}

// chunks puts messages together. It is bounded: when there are too many bytes
// or messages, the oldest go. It is safe for concurrent use.
type chunks struct {
	most     int // bytes of a message
	bytes    int // that are held at most
	messages int

	mu    sync.Mutex
	held  int
	byKey map[chunkKey]*list.Element
	order *list.List // of *partial, the oldest first
	lost  int        // messages given up since they were counted
}

func newChunks(most, bytes, messages int) *chunks {
	return &chunks{most: most, bytes: bytes, messages: messages, byKey: map[chunkKey]*list.Element{}, order: list.New()}
}

// add takes a chunk, and returns the message when it is whole.
func (c *chunks) add(from netip.Addr, datagram []byte, now time.Time) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expire(now)
	if len(datagram) <= chunkHeader {
		return nil, core.Errorf(core.CodeMalformed, "a chunk is cut off")
	}
	key := chunkKey{from, [8]byte(datagram[2:10])}
	number, count := int(datagram[10]), int(datagram[11])
	if count == 0 || count > chunksMost || number >= count {
		return nil, core.Errorf(core.CodeMalformed, "chunk %d of %d: there are 1 to %d, numbered from 0", number, count, chunksMost)
	}
	at := c.byKey[key]
	if at == nil {
		at = c.order.PushBack(&partial{key: key, since: now, parts: make([][]byte, count)})
		c.byKey[key] = at
	}
	p, data := at.Value.(*partial), datagram[chunkHeader:]
	switch {
	case len(p.parts) != count:
		c.drop(at)
		return nil, core.Errorf(core.CodeMalformed, "chunks of one message disagree on how many there are")
	case p.parts[number] != nil: // a datagram may come twice
		return nil, nil
	case p.size+len(data) > c.most:
		c.drop(at)
		return nil, core.Errorf(core.CodeTooLarge, "a message of chunks has more than %d bytes", c.most)
	}
	p.parts[number] = append([]byte(nil), data...)
	p.have, p.size, c.held = p.have+1, p.size+len(data), c.held+len(data)
	if p.have == count {
		whole := make([]byte, 0, p.size)
		for _, part := range p.parts {
			whole = append(whole, part...)
		}
		c.drop(at)
		return whole, nil
	}
	for c.held > c.bytes || c.order.Len() > c.messages {
		c.drop(c.order.Front())
		c.lost++
	}
	return nil, nil
}

func (c *chunks) drop(at *list.Element) {
	p := c.order.Remove(at).(*partial)
	delete(c.byKey, p.key)
	c.held -= p.size
}

// expire gives up what has waited too long.
func (c *chunks) expire(now time.Time) {
	for at := c.order.Front(); at != nil && now.Sub(at.Value.(*partial).since) > chunkPatience; at = c.order.Front() {
		c.drop(at)
		c.lost++
	}
}

// givenUp returns how many messages were given up since the last call.
func (c *chunks) givenUp(now time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expire(now)
	n := c.lost
	c.lost = 0
	return n
}
