package monitor

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core/coretest"
)

func TestSlotsAreSpreadEvenly(t *testing.T) {
	t.Parallel()
	const keys, buckets = 10_000, 20
	interval := time.Minute
	now := time.Unix(1_700_000_007, 0)
	var count [buckets]int
	for i := range keys {
		at := slotAfter(fmt.Sprintf("01arz3ndektsv4rrffq69g%04d", i), interval, now)
		if !at.After(now) || at.Sub(now) > interval {
			t.Fatalf("%v is not within an interval of %v", at, now)
		}
		count[int(at.Sub(now)*buckets/interval)%buckets]++
	}
	for i, n := range count {
		if math.Abs(float64(n)-keys/buckets) > keys/buckets/4 {
			t.Errorf("slot %d has %d of %d", i, n, keys)
		}
	}
}

func TestASlotKeepsItsPhase(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_007, 0)
	first := slotAfter("a", time.Minute, now)
	for i := range 100 {
		if next := slotAfter("a", time.Minute, first.Add(time.Duration(i)*time.Minute)); next != first.Add(time.Duration(i+1)*time.Minute) {
			t.Fatalf("slot %d is at %v", i, next)
		}
	}
}

func TestScheduleFiresInOrderAndForgets(t *testing.T) {
	t.Parallel()
	clock := coretest.NewClock(time.Unix(1_700_000_000, 0))
	s := newSchedule(clock)
	at := func(d time.Duration) time.Time { return clock.Now().Add(d) }
	s.Set("late", at(3*time.Second), clock.Now())
	s.Set("early", at(time.Second), clock.Now())
	s.Set("moved", at(time.Second), clock.Now())
	s.Set("moved", at(2*time.Second), clock.Now())
	s.Set("gone", at(time.Second), clock.Now())
	s.Remove("gone")
	s.Sooner("late", at(2500*time.Millisecond))
	s.Sooner("unknown", at(0))
	fired := make(chan string, 10)
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		s.run(ctx, func(j job) { fired <- j.key }, func(from, to time.Time) { t.Errorf("from %v to %v is no jump", from, to) })
	})
	for _, want := range []string{"early", "moved", "late"} {
		for got := ""; got != want; {
			clock.Advance(500 * time.Millisecond)
			select {
			case got = <-fired:
				if got != want {
					t.Fatalf("%s fired, not %s", got, want)
				}
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	cancel()
	done.Wait()
	if len(fired) != 0 {
		t.Fatal(<-fired)
	}
}

// A time that was chosen before the clock was set is meant as a distance; a
// jump is told once, whoever sees it first.
func TestATimeChosenBeforeTheClockJumped(t *testing.T) {
	t.Parallel()
	clock := &jumping{}
	s := newSchedule(clock)
	for _, by := range []time.Duration{time.Hour, -time.Minute} {
		now := clock.Now()
		s.Set("before", now.Add(5*time.Second), now)
		clock.jump(by)
		s.Set("meanwhile", now.Add(5*time.Second), now)
		later := clock.Now()
		s.Set("after", later.Add(5*time.Second), later)
		for _, key := range []string{"before", "meanwhile", "after"} {
			if off := s.At(key).Sub(later) - 5*time.Second; off.Abs() > time.Second {
				t.Errorf("%v: %s is off by %v", by, key, off)
			}
		}
		if jumps := s.noticed(clock.Now()); len(jumps) != 1 || (jumps[0].to.Sub(jumps[0].from)-by).Abs() > 2*time.Second {
			t.Errorf("%v: %v", by, jumps)
		}
	}
}

// How late a job is, and how far its next slot is away, does not depend on when
// the clock was set: while it ran, or while its next time was chosen.
func TestSlotsAreCountedOnAClockThatIsNeverSet(t *testing.T) {
	t.Parallel()
	clock := &jumping{}
	s := newSchedule(clock)
	about := func(got, want time.Duration) bool { return (got - want).Abs() < time.Second }
	for _, by := range []time.Duration{time.Hour, -time.Minute} {
		now := clock.Now()
		s.Set("a", now, now)
		j, _ := s.take(now.Add(time.Millisecond))
		if j.key != "a" {
			t.Fatalf("%v: it is not due", by)
		}
		clock.jump(by)
		if late := s.Late(j); !about(late, 0) {
			t.Errorf("%v: the job is %v late", by, late)
		}
		chosen := clock.Now()
		clock.jump(by)
		if slot := s.Set("a", chosen.Add(time.Minute), chosen); !about(slot.Sub(j.slot), time.Minute) {
			t.Errorf("%v: the next slot is %v away", by, slot.Sub(j.slot))
		}
	}
}

// BenchmarkSchedule moves 10,000 keys on: each operation is one key fired and set again.
func BenchmarkSchedule(b *testing.B) {
	now := time.Unix(1_700_000_000, 0)
	clock := coretest.NewClock(now)
	s := newSchedule(clock)
	keys := make([]string, 10_000)
	for i := range keys {
		keys[i] = fmt.Sprintf("01arz3ndektsv4rrffq69g%04d", i)
		s.Set(keys[i], slotAfter(keys[i], time.Minute, now), now)
	}
	for b.Loop() {
		j, next := s.take(now)
		if j.key == "" {
			now = next
			continue
		}
		s.Set(j.key, slotAfter(j.key, time.Minute, j.at), clock.Now())
	}
}
