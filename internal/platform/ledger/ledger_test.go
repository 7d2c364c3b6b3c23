package ledger_test

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

func open(t *testing.T, db *sqldb.DB) *ledger.Ledger { return keeping(t, db, 0) }

// keeping opens a ledger that keeps its entries so long.
func keeping(t *testing.T, db *sqldb.DB, keep time.Duration) *ledger.Ledger {
	t.Helper()
	return telling(t, db, keep, nil)
}

// telling opens one that writes to a log.
func telling(t *testing.T, db *sqldb.DB, keep time.Duration, log *slog.Logger) *ledger.Ledger {
	t.Helper()
	if err := sqldb.Migrate(t.Context(), db, "ledger", ledger.Migrations()); err != nil {
		t.Fatal(err)
	}
	clock := core.SystemClock{}
	return ledger.New(ledger.Configuration{Keep: keep}, ledger.Dependencies{DB: db, Clock: clock, IDs: core.NewIDs(clock, nil),
		Log: log, Signer: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))})
}

func start(t *testing.T, l *ledger.Ledger) {
	t.Helper()
	if err := l.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Stop(context.Background()) })
}

func entry(kind, id string) ledger.Entry {
	return ledger.Entry{Actor: ledger.System("test"), Module: "test", Type: "test." + kind, Subject: core.Ref{Kind: "thing", ID: id},
		Item: "item-" + id, Related: []string{"r1", "r2"}, Summary: "a thing happened", Data: json.RawMessage(`{"n": 1}`)}
}

func appendAll(t *testing.T, db *sqldb.DB, l *ledger.Ledger, entries ...ledger.Entry) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
		for _, e := range entries {
			if _, err := l.Append(t.Context(), tx, e); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestConsumerSeesEveryEntryOfConcurrentWritersInOrder(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		const writers, each = 8, 60
		l := open(t, db)
		done := make(chan []int64, 1)
		var seen []int64
		l.Consume("reader", []string{"test."}, 7, func(_ context.Context, entries []ledger.Entry) error {
			for _, e := range entries {
				seen = append(seen, e.Seq)
			}
			if len(seen) >= writers*each {
				done <- seen
			}
			return nil
		})
		start(t, l)
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					appendAll(t, db, l, entry("made", fmt.Sprintf("%d-%d", w, i)))
				}
			})
		}
		wg.Wait()
		select {
		case got := <-done:
			for i, seq := range got {
				if seq != int64(i+1) {
					t.Fatalf("position %d came as number %d", seq, i+1)
				}
			}
		case <-time.After(30 * time.Second):
			t.Fatal("the consumer did not see all entries")
		}
		v, err := l.Verify(t.Context())
		if err != nil || !v.OK() || v.Entries != writers*each {
			t.Fatalf("verify: %+v, %v", v, err)
		}
	})
}

func TestConsumerSeesWhatTwoProcessesAppendInOrder(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		const each = 150
		ours, theirs := open(t, db), open(t, db)
		done := make(chan []ledger.Entry, 1)
		var seen []ledger.Entry
		ours.Consume("reader", []string{"test."}, 7, func(_ context.Context, entries []ledger.Entry) error {
			if seen = append(seen, entries...); len(seen) == 2*each {
				done <- seen
			}
			return nil
		})
		start(t, ours)
		start(t, theirs)
		var wg sync.WaitGroup
		for w, l := range []*ledger.Ledger{ours, theirs} {
			wg.Go(func() {
				for i := range each {
					appendAll(t, db, l, entry("made", fmt.Sprintf("%d-%d", w, i)))
				}
			})
		}
		wg.Wait()
		var got []ledger.Entry
		select {
		case got = <-done:
		case <-time.After(time.Minute):
			t.Fatalf("%+v", ours.Consumers())
		}
		stored, err := ours.List(t.Context(), ledger.Query{Oldest: true, Limit: 1000})
		if err != nil || len(stored) != len(got) {
			t.Fatalf("%d entries stored: %v", len(stored), err)
		}
		for i := range stored {
			if !reflect.DeepEqual(got[i], stored[i]) {
				t.Fatalf("entry %d: seen as %+v, stored as %+v", i, got[i], stored[i])
			}
		}
	})
}

func TestRolledBackEntriesLeaveNoGap(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		l := open(t, db)
		appendAll(t, db, l, entry("made", "a"))
		boom := errors.New("boom")
		if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			if _, err := l.Append(t.Context(), tx, entry("made", "b")); err != nil {
				return err
			}
			return boom
		}); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		appendAll(t, db, l, entry("made", "c"))
		got, err := l.List(t.Context(), ledger.Query{Oldest: true})
		if err != nil || len(got) != 2 || got[1].Seq != 2 || got[1].Subject.ID != "c" {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

func TestTransactionalConsumerAppliesEachEntryOnceDespiteFailures(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		l := open(t, db)
		ctx := t.Context()
		if err := db.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, "CREATE TABLE applied (seq BIGINT PRIMARY KEY)")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			appendAll(t, db, l, entry("made", fmt.Sprint(i)))
		}
		failed := map[int64]bool{}
		done := make(chan struct{})
		l.ConsumeTx("applier", nil, 4, func(ctx context.Context, tx *sqldb.Tx, entries []ledger.Entry) error {
			for _, e := range entries {
				if _, err := tx.Exec(ctx, "INSERT INTO applied (seq) VALUES ($1)", e.Seq); err != nil {
					return err
				}
				if e.Seq%5 == 0 && !failed[e.Seq] {
					failed[e.Seq] = true
					return errors.New("fails once")
				}
				if e.Seq == 20 {
					tx.OnCommit(func() { close(done) })
				}
			}
			return nil
		})
		start(t, l)
		<-done
		var n, sum int
		if err := db.QueryRow(ctx, "SELECT count(*), sum(seq) FROM applied").Scan(&n, &sum); err != nil || n != 20 || sum != 210 {
			t.Fatalf("applied %d entries, sum %d, %v", n, sum, err)
		}
	})
}

func TestEntryThatKeepsFailingIsSetAside(t *testing.T) {
	t.Parallel()
	db := sqldbtest.SQLite(t)
	l := open(t, db)
	appendAll(t, db, l, entry("made", "good"), entry("made", "bad"), entry("made", "after"))
	done := make(chan struct{})
	c := l.ConsumeTx("picky", nil, 10, func(_ context.Context, tx *sqldb.Tx, entries []ledger.Entry) error {
		for _, e := range entries {
			switch e.Subject.ID {
			case "bad":
				panic("cannot take this")
			case "after":
				tx.OnCommit(func() { close(done) })
			}
		}
		return nil
	})
	start(t, l)
	<-done
	if s := c.Status(); s.Skipped != 1 {
		t.Fatalf("status %+v", s)
	}
}

func TestConsumerGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		for round := range 3 {
			l := open(t, db)
			got := make(chan string, 10)
			l.Consume("reader", []string{"test.made"}, 5, func(_ context.Context, entries []ledger.Entry) error {
				for _, e := range entries {
					got <- e.Subject.ID
				}
				return nil
			})
			appendAll(t, db, l, entry("other", "x"), entry("made", fmt.Sprint("id", round)))
			if err := l.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			if id := <-got; id != fmt.Sprint("id", round) {
				t.Fatalf("round %d saw %s", round, id)
			}
			l.Stop(context.Background())
		}
	})
}

func TestConsumerFindsWhatIsFarBehindEntriesOfOthers(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		l := open(t, db)
		list := make([]ledger.Entry, 0, 2501) // more than two readings of the store
		for i := range 2500 {
			list = append(list, entry("other", fmt.Sprint(i)))
		}
		appendAll(t, db, l, append(list, entry("wanted", "x"))...)
		got := make(chan int64, 1)
		l.Consume("reader", []string{"test.wanted"}, 100, func(_ context.Context, entries []ledger.Entry) error {
			got <- entries[0].Seq
			return nil
		})
		start(t, l) // nothing is appended from here on
		select {
		case seq := <-got:
			if seq != 2501 {
				t.Fatalf("entry %d", seq)
			}
		case <-time.After(time.Minute):
			t.Fatalf("nothing within a minute: %+v", l.Consumers())
		}
	})
}

func TestListByItemTypeAndPage(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		l := open(t, db)
		e := entry("made", "a")
		e.Team = "blue"
		appendAll(t, db, l, e, entry("made", "b"), entry("lost", "a"))
		for _, c := range []struct {
			name  string
			query ledger.Query
			want  string
		}{
			{"all, newest first", ledger.Query{}, "[3 2 1]"},
			{"by item", ledger.Query{Items: []string{"item-a"}}, "[3 1]"},
			{"by related item", ledger.Query{Items: []string{"r1", "r2"}, Oldest: true}, "[1 2 3]"},
			{"by type", ledger.Query{Types: []string{"test.lost"}}, "[3]"},
			{"by subject", ledger.Query{Subject: core.Ref{Kind: "thing", ID: "b"}}, "[2]"},
			{"next page", ledger.Query{Before: 3, Limit: 1}, "[2]"},
			{"of other teams", ledger.Query{Scoped: true, Teams: []string{"red"}}, "[3 2]"},
			{"of own team", ledger.Query{Scoped: true, Teams: []string{"blue"}}, "[3 2 1]"},
		} {
			entries, err := l.List(t.Context(), c.query)
			var got []int64
			for _, e := range entries {
				got = append(got, e.Seq)
			}
			if err != nil || fmt.Sprint(got) != c.want {
				t.Errorf("%s: %v, want %s (%v)", c.name, got, c.want, err)
			}
		}
	})
}

func TestAnItemAsSubjectIsFoundByBoth(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		l := open(t, db)
		bare, about := entry("made", "x"), entry("made", "x")
		bare.Subject, bare.Item = core.Ref{Kind: "item", ID: "x"}, ""
		about.Item = "x"
		appendAll(t, db, l, bare, about, entry("made", "y"))
		for _, c := range []struct {
			query ledger.Query
			want  int
		}{{ledger.Query{Subject: bare.Subject}, 1}, {ledger.Query{Items: []string{"x"}}, 2}, {ledger.Query{Subject: core.Ref{Kind: "thing", ID: "x"}}, 1}} {
			if found, err := l.List(t.Context(), c.query); err != nil || len(found) != c.want {
				t.Errorf("%+v: %d entries, want %d (%v)", c.query, len(found), c.want, err)
			}
		}
	})
}

func TestVerifyFindsAlteredAndMissingEntries(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		for name, damage := range map[string]string{
			"altered":   "UPDATE ledger_entry SET summary = 'nothing happened' WHERE seq = 2",
			"missing":   "DELETE FROM ledger_entry WHERE seq = 2",
			"truncated": "DELETE FROM ledger_entry WHERE seq = 3",
		} {
			l := open(t, db)
			reset(t, db)
			appendAll(t, db, l, entry("made", "a"), entry("made", "b"), entry("made", "c"))
			if v, err := l.Verify(t.Context()); err != nil || !v.OK() {
				t.Fatalf("before: %+v, %v", v, err)
			}
			exec(t, db, damage)
			if v, err := l.Verify(t.Context()); err != nil || v.OK() {
				t.Errorf("%s: not found: %+v, %v", name, v, err)
			}
		}
	})
}

// The chain is what it always was: entries of any age verify.
func TestTheHashOfAnEntryStaysTheSame(t *testing.T) {
	t.Parallel()
	db := sqldbtest.SQLite(t)
	l := open(t, db)
	first, second := entry("made", "a"), entry("changed", "b")
	first.ID, second.ID = "1", "2"
	first.At = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	second.At, second.Related, second.Data, second.Team, second.Cause = first.At, nil, nil, "net", "1"
	appendAll(t, db, l, first, second)
	var hash []byte
	if err := db.QueryRow(t.Context(), "SELECT hash FROM ledger_head").Scan(&hash); err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(hash); got != "01a1189d5806f1914ca4185d4b6342b7984edb11cc6f7650ae4f0de71adae80f" {
		t.Errorf("the head is %s", got)
	}
}

func TestFollowDeliversOldAndNew(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		l := open(t, db)
		appendAll(t, db, l, entry("made", "a"), entry("made", "b"))
		start(t, l)
		stop := errors.New("enough")
		var got []string
		err := l.Follow(t.Context(), 1, func(*ledger.Entry) bool { return true }, func(e ledger.Entry) error {
			got = append(got, e.Subject.ID)
			if e.Subject.ID == "b" {
				appendAll(t, db, l, entry("made", "c"))
			}
			if len(got) == 2 {
				return stop
			}
			return nil
		})
		if !errors.Is(err, stop) || fmt.Sprint(got) != "[b c]" {
			t.Fatalf("%v, %v", got, err)
		}
	})
}

func exec(t *testing.T, db *sqldb.DB, statements ...string) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(t.Context(), s); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func reset(t *testing.T, db *sqldb.DB) {
	t.Helper()
	exec(t, db, "DELETE FROM ledger_entry", "DELETE FROM ledger_item", "UPDATE ledger_head SET seq = 0, hash = ''")
}

// What one reader fails at is given to it again, before what comes next.
func TestKeepFollowingGoesOnWithWhatFailed(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		l := open(t, db)
		start(t, l)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var got []string
		done := make(chan struct{})
		go func() {
			defer close(done)
			l.KeepFollowing(ctx, "test", 0, func(e *ledger.Entry) bool { return e.Type == "test.made" }, func(e ledger.Entry) error {
				got = append(got, e.Subject.ID)
				if e.Subject.ID == "b" && len(got) == 2 {
					return errors.New("not now")
				}
				if e.Subject.ID == "c" {
					cancel()
				}
				return nil
			})
		}()
		appendAll(t, db, l, entry("made", "a"), entry("lost", "x"), entry("made", "b"), entry("made", "c"))
		<-done
		if fmt.Sprint(got) != "[a b b c]" {
			t.Error(got)
		}
	})
}
