package identity

import (
	"context"
	"net/netip"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
)

func TestTokensCarryAChecksum(t *testing.T) {
	t.Parallel()
	token := newToken()
	if !wellFormed(token) {
		t.Fatalf("%q is refused", token)
	}
	for i := range len(token) {
		flipped := []byte(token)
		if flipped[i]++; wellFormed(string(flipped)) {
			t.Errorf("changed at %d it is taken", i)
		}
	}
	for _, bad := range []string{"", TokenPrefix, token[1:], token + "x", "mst_" + token} {
		if wellFormed(bad) {
			t.Errorf("%q is taken", bad)
		}
	}
}

// A storm of sign-ins computes at most Parallel hashes at once, and turns away
// what does not fit the queue.
func TestAStormOfSignInsIsBounded(t *testing.T) {
	t.Parallel()
	h := newHasher(argonCost{8 << 10, 1, 1}, 2)
	encoded, err := h.Hash(context.Background(), "a password of some length")
	if err != nil {
		t.Fatal(err)
	}
	var most, turnedAway atomic.Int64
	var storm sync.WaitGroup
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				most.Store(max(most.Load(), int64(len(h.slots))))
				runtime.Gosched()
			}
		}
	}()
	for range 400 {
		storm.Go(func() {
			match, _, err := h.Verify(context.Background(), encoded, "a password of some length")
			switch {
			case core.CodeOf(err) == core.CodeTooMany:
				turnedAway.Add(1)
			case err != nil || !match:
				t.Error(match, err)
			}
		})
	}
	storm.Wait()
	close(stop)
	if most.Load() > 2 || turnedAway.Load() == 0 {
		t.Fatalf("%d at once, %d turned away", most.Load(), turnedAway.Load())
	}
}

func TestNobodyIsVerifiedAtTheSameCost(t *testing.T) {
	t.Parallel()
	h := newHasher(argonCost{64, 1, 1}, 1)
	encoded, _ := h.Hash(context.Background(), "right")
	for _, c := range []struct {
		encoded, password string
		want              bool
	}{{encoded, "right", true}, {encoded, "wrong", false}, {"", "right", false}, {"", "", false}} {
		if match, outdated, err := h.Verify(context.Background(), c.encoded, c.password); match != c.want || outdated || err != nil {
			t.Errorf("%+v: %v %v %v", c, match, outdated, err)
		}
	}
	if _, outdated, _ := newHasher(argonCost{128, 1, 1}, 1).Verify(context.Background(), encoded, "right"); !outdated {
		t.Error("a hash of lower cost is not noticed")
	}
}

func TestThrottleIsBoundedAndSparesTheOwner(t *testing.T) {
	t.Parallel()
	clock := coretest.NewClock(time.Unix(1_800_000_000, 0))
	th := newThrottle(clock)
	th.maximum = 100
	owner, attacker := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.1")
	for range 20 {
		th.Take("ann", attacker)
	}
	if th.Take("ann", attacker) == nil {
		t.Fatal("an attacker is not slowed down")
	}
	if err := th.Take("ann", owner); err != nil {
		t.Fatalf("the owner is locked out: %v", err)
	}
	for i := range 5000 {
		th.Take("user"+strconv.Itoa(i), netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}))
	}
	if len(th.buckets) > 100 {
		t.Fatalf("%d buckets", len(th.buckets))
	}
	// One customer's /64 counts as one address.
	a, b := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::ffff:2")
	for range 6 {
		th.Take("bob", a)
	}
	if th.Take("bob", b) == nil {
		t.Fatal("another address of the same network begins anew")
	}
}

func BenchmarkVerify(b *testing.B) {
	cfg := Defaults()
	h := newHasher(argonCost{cfg.Hashing.MemoryKiB, cfg.Hashing.Passes, 1}, cfg.Hashing.Parallel)
	encoded, _ := h.Hash(context.Background(), "a password of some length")
	for b.Loop() {
		h.Verify(context.Background(), encoded, "a password of some length")
	}
}
