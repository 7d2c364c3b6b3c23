package identity

import (
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
)

// cacheFor is how long another process's revocation may go unnoticed; our own
// drops the cache at once.
const cacheFor = 5 * time.Second

const maxCached = 10_000

// cache remembers who a secret belongs to.
type cache struct {
	clock core.Clock

	mu         sync.RWMutex
	generation uint64
	known      map[string]known
}

type known struct {
	principal *auth.Principal
	session   *session
	until     time.Time
}

func newCache(clock core.Clock) *cache { return &cache{clock: clock, known: map[string]known{}} }

func (c *cache) get(hash string) (known, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	k, ok := c.known[hash]
	return k, ok && c.clock.Now().Before(k.until)
}

// begin returns the generation to give to put: what was read before a drop is
// not stored after it.
func (c *cache) begin() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.generation
}

func (c *cache) put(generation uint64, hash string, k known) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if len(c.known) >= maxCached {
		clear(c.known)
	}
	if latest := c.clock.Now().Add(cacheFor); k.until.IsZero() || k.until.After(latest) {
		k.until = latest
	}
	c.known[hash] = k
}

func (c *cache) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	clear(c.known)
}
