package lead

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// competitor counts and tells of its terms.
type competitor struct {
	*Lead
	began, ended chan struct{}
}

// together fails the test when two lead at once.
type together struct {
	t    *testing.T
	lead atomic.Int32
}

func (g *together) compete(db *sqldb.DB, clock *coretest.Clock) *competitor {
	c := &competitor{New("work", db, clock, slog.New(slog.DiscardHandler)), make(chan struct{}, 10), make(chan struct{}, 10)}
	c.Start(g.t.Context(), func(context.Context) (func(context.Context), error) {
		return func(ctx context.Context) {
			if g.lead.Add(1) != 1 {
				g.t.Error("two lead")
			}
			c.began <- struct{}{}
			<-ctx.Done()
			g.lead.Add(-1)
			c.ended <- struct{}{}
		}, nil
	})
	g.t.Cleanup(c.Stop)
	return c
}

// until moves the clock on until something happens.
func until(t *testing.T, clock *coretest.Clock, happened <-chan struct{}) {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case <-happened:
			return
		case <-limit:
			t.Fatal("it does not happen")
		case <-time.After(time.Millisecond):
			clock.Advance(every)
		}
	}
}

func TestOneOfTwoLeadsAndTheOtherFollowsIt(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		clock := coretest.NewClock(time.Unix(1_000_000, 0))
		g := &together{t: t}
		first := g.compete(db, clock)
		until(t, clock, first.began)
		second := g.compete(db, clock)
		for range 5 {
			clock.Advance(every)
		}
		if len(second.began) > 0 {
			t.Fatal("the second leads beside the first")
		}
		first.Stop()
		<-first.ended
		until(t, clock, second.began)
		second.Stop()
		third := g.compete(db, clock)
		until(t, clock, third.began)
	})
}

func TestALockOfAnotherNameIsAnother(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		a, err := db.TryLock(t.Context(), "a")
		if a == nil || err != nil {
			t.Fatal(err)
		}
		b, err := db.TryLock(t.Context(), "b")
		if b == nil || err != nil {
			t.Fatal(err)
		}
		if again, err := db.TryLock(t.Context(), "a"); again != nil || err != nil {
			t.Fatal("taken twice", err)
		}
		_, _ = a.Release(), b.Release()
	})
}

// A session that is ended is a lock that is lost: the term ends and, as nobody
// else asks, the next one begins.
func TestALostSessionEndsTheTerm(t *testing.T) {
	t.Parallel()
	db := sqldbtest.PostgreSQL(t)
	clock := coretest.NewClock(time.Unix(1_000_000, 0))
	c := (&together{t: t}).compete(db, clock)
	until(t, clock, c.began)
	const end = "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database() AND l.pid <> pg_backend_pid()" +
		" AND l.objid = (hashtextextended('mainstay/' || current_schema() || '/work', 0) & 4294967295)::bigint::oid"
	var gone bool
	if err := db.QueryRow(t.Context(), end).Scan(&gone); err != nil || !gone {
		t.Fatal(gone, err)
	}
	until(t, clock, c.ended)
	until(t, clock, c.began)
}

// The store frees a lock whose holder does not confirm it, as one that is cut off.
func TestTheStoreFreesALockThatIsNotConfirmed(t *testing.T) {
	t.Parallel()
	db := sqldbtest.PostgreSQL(t)
	held, err := db.TryLock(t.Context(), "work")
	if held == nil || err != nil {
		t.Fatal(err)
	}
	if err := held.Expire(t.Context(), 100*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	limit := time.Now().Add(time.Minute)
	for {
		other, err := db.TryLock(t.Context(), "work")
		if err != nil || time.Now().After(limit) {
			t.Fatal("it is not freed", err)
		}
		if other != nil {
			_ = other.Release()
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if held.Held(t.Context()) {
		t.Error("it is said to be held")
	}
	_ = held.Release()
}

// silent is a lock whose store does not answer.
type silent struct{ asked, released chan struct{} }

func (s *silent) Held(ctx context.Context) bool {
	s.asked <- struct{}{}
	<-ctx.Done()
	return false
}

func (s *silent) Release() error {
	close(s.released)
	return nil
}

func TestTheWorkEndsBeforeTheStoreFreesTheLock(t *testing.T) {
	t.Parallel()
	if every+patience >= outlives {
		t.Fatal("the store may free the lock before its loss is known")
	}
	clock := coretest.NewClock(time.Unix(1_000_000, 0))
	l := New("work", nil, clock, slog.New(slog.DiscardHandler))
	s := &silent{make(chan struct{}, 1), make(chan struct{})}
	var taken atomic.Int32
	l.take = func(context.Context) (lock, error) {
		if taken.Add(1) > 1 {
			return nil, nil
		}
		return s, nil
	}
	ended := make(chan time.Time, 1)
	l.Start(t.Context(), func(context.Context) (func(context.Context), error) {
		return func(ctx context.Context) {
			<-ctx.Done()
			ended <- clock.Now()
		}, nil
	})
	defer l.Stop()
	confirmed := clock.Now()
	for len(s.asked) == 0 {
		time.Sleep(time.Millisecond)
		if clock.Timers() > 0 {
			clock.Advance(every)
		}
	}
	for clock.Timers() == 0 {
		time.Sleep(time.Millisecond)
	}
	clock.Advance(patience)
	if at := <-ended; at.Sub(confirmed) >= outlives {
		t.Errorf("the work ended %v after the lock was held for sure", at.Sub(confirmed))
	}
	<-s.released
}

func TestATermThatCannotBeginIsTriedAgain(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		clock := coretest.NewClock(time.Unix(1_000_000, 0))
		l := New("work", db, clock, slog.New(slog.DiscardHandler))
		began, tries := make(chan struct{}), 0
		l.Start(t.Context(), func(context.Context) (func(context.Context), error) {
			if tries++; tries < 3 {
				return nil, errors.New("not yet")
			}
			return func(ctx context.Context) { close(began); <-ctx.Done() }, nil
		})
		t.Cleanup(l.Stop)
		until(t, clock, began)
	})
}
