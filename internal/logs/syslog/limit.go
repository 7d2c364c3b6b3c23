package syslog

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits bounds what each address may send.
type limits struct {
	perSecond int // 0: no bound

	mu      sync.Mutex
	sources map[netip.Addr]*rate.Limiter
}

func newLimits(perSecond int) *limits {
	return &limits{perSecond: perSecond, sources: map[netip.Addr]*rate.Limiter{}}
}

func (l *limits) of(from netip.Addr) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.sources[from]
	if found == nil {
		if len(l.sources) >= sourcesMost {
			clear(l.sources)
		}
		found = rate.NewLimiter(rate.Limit(l.perSecond), l.perSecond)
		l.sources[from] = found
	}
	return found
}

// allow says whether one message more is within the bound.
func (l *limits) allow(from netip.Addr, now time.Time) bool {
	return l.perSecond == 0 || l.of(from).AllowN(now, 1)
}

// delay takes n messages that have come, and says how long to read no more.
func (l *limits) delay(from netip.Addr, n int, now time.Time) time.Duration {
	if l.perSecond == 0 {
		return 0
	}
	limiter, wait := l.of(from), time.Duration(0)
	for n > 0 {
		part := min(n, l.perSecond)
		wait = limiter.ReserveN(now, part).DelayFrom(now)
		n -= part
	}
	return wait
}
