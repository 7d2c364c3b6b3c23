package identity

import (
	"fmt"
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"mainstay/internal/core"
)

// throttle slows the guessing of passwords. Each try fills three buckets: of
// the account from this address, of the account from anywhere, and of the
// address for any account. A full bucket refuses until it has drained. The
// bucket of the pair is small, so that guessing from elsewhere does not lock
// the owner out before the large one of the account is full.
//
// Accounts are counted whether they exist or not. At most maxBuckets are kept;
// drained ones make room first, then any.
type throttle struct {
	clock   core.Clock
	seed    maphash.Seed
	maximum int

	mu      sync.Mutex
	buckets map[uint64]bucket
}

type bucket struct {
	level float64
	at    time.Time
	limit bucketLimit
}

type bucketLimit struct {
	size  float64       // tries before it refuses
	drain time.Duration // time for one try to drain
}

const maxBuckets = 50_000

func newThrottle(clock core.Clock) *throttle {
	return &throttle{clock: clock, seed: maphash.MakeSeed(), maximum: maxBuckets, buckets: map[uint64]bucket{}}
}

func (t *throttle) limits(account string, address netip.Addr) map[uint64]bucketLimit {
	from := network(address)
	limits := map[uint64]bucketLimit{t.key("address", from): {60, 2 * time.Second}}
	if account != "" {
		limits[t.key("pair", account+"\x00"+from)] = bucketLimit{6, 20 * time.Second}
		limits[t.key("account", account)] = bucketLimit{60, 10 * time.Second}
	}
	return limits
}

// Take counts a try before its password is verified, so that parallel tries
// are all counted. It returns an error with code too_many when a bucket is full.
func (t *throttle) Take(account string, address netip.Addr) error {
	limits := t.limits(account, address)
	now := t.clock.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	var wait time.Duration
	for key, limit := range limits {
		b := t.drained(key, limit, now)
		if b.level+1 > limit.size {
			wait = max(wait, time.Duration((b.level+1-limit.size)*float64(limit.drain)))
		}
	}
	if wait > 0 {
		return core.Errorf(core.CodeTooMany, "too many failed sign-ins; try again in %s", wait.Round(time.Second)+time.Second)
	}
	for key, limit := range limits {
		b := t.drained(key, limit, now)
		b.level++
		t.put(key, b)
	}
	return nil
}

// Refund takes a try back: it was the right password.
func (t *throttle) Refund(account string, address netip.Addr) {
	now := t.clock.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, limit := range t.limits(account, address) {
		b := t.drained(key, limit, now)
		if b.level--; b.level <= 0 {
			delete(t.buckets, key)
			continue
		}
		t.buckets[key] = b
	}
}

func (t *throttle) drained(key uint64, limit bucketLimit, now time.Time) bucket {
	b := t.buckets[key]
	b.level = max(0, b.level-float64(now.Sub(b.at))/float64(limit.drain))
	b.at, b.limit = now, limit
	return b
}

func (t *throttle) put(key uint64, b bucket) {
	if _, known := t.buckets[key]; !known && len(t.buckets) >= t.maximum {
		t.makeRoom(b.at)
	}
	t.buckets[key] = b
}

// makeRoom removes what has drained and, when that is not a tenth, others.
func (t *throttle) makeRoom(now time.Time) {
	for key, b := range t.buckets {
		if float64(now.Sub(b.at)) >= b.level*float64(b.limit.drain) {
			delete(t.buckets, key)
		}
	}
	for key := range t.buckets {
		if len(t.buckets) <= t.maximum*9/10 {
			return
		}
		delete(t.buckets, key)
	}
}

func (t *throttle) key(kind, of string) uint64 {
	return maphash.String(t.seed, fmt.Sprintf("%s\x00%s", kind, of))
}

// network is what one caller controls: an IPv4 address, or a /64 of IPv6.
func network(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
