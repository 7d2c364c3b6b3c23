package ledger_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestRetentionKeepsAVerifiableChain(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		l := open(t, db)
		old := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for i := range 5 {
			e := entry("made", fmt.Sprint(i))
			e.At = old.Add(time.Duration(i) * time.Hour)
			appendAll(t, db, l, e)
		}
		exec(t, db, "INSERT INTO ledger_cursor (consumer, seq, updated) VALUES ('slow', 4, 0)")
		n, err := l.Retain(t.Context(), old.Add(150*time.Minute))
		if err != nil || n != 3 {
			t.Fatalf("removed %d, %v", n, err)
		}
		v, err := l.Verify(t.Context())
		if err != nil || !v.OK() || v.From != 4 || v.Entries != 2 {
			t.Fatalf("%+v, %v", v, err)
		}
		exec(t, db, "UPDATE ledger_checkpoint SET at = at + 1")
		if v, err := l.Verify(t.Context()); err != nil || v.OK() {
			t.Fatalf("a forged checkpoint verifies: %+v, %v", v, err)
		}
	})
}

// What retention removes is found by item, some thousand entries at a time.
func TestRetentionForgetsWhichItemsWereConcerned(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		l := open(t, db)
		old := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		const many = 6100
		entries := make([]ledger.Entry, many)
		for i := range entries {
			entries[i] = entry("made", fmt.Sprint(i%700))
			entries[i].At = old.Add(time.Duration(i) * time.Second)
			if i%3 == 0 {
				entries[i].Subject, entries[i].Item = core.Ref{Kind: "item", ID: fmt.Sprint("own-", i)}, ""
			}
		}
		appendAll(t, db, l, entries...)
		exec(t, db, "INSERT INTO ledger_cursor (consumer, seq, updated) VALUES ('up to date', 6100, 0)")
		if n, err := l.Retain(t.Context(), old.Add(6050*time.Second)); err != nil || n != 6050 {
			t.Fatalf("removed %d, %v", n, err)
		}
		var left, first int64
		if err := db.QueryRow(t.Context(), "SELECT COUNT(*), MIN(seq) FROM ledger_item").Scan(&left, &first); err != nil {
			t.Fatal(err)
		}
		if left != 3*(many-6050) || first != 6051 {
			t.Errorf("%d places are left, from entry %d on", left, first)
		}
		kept, err := l.List(t.Context(), ledger.Query{Items: []string{"r1"}, Limit: 1000})
		if err != nil || len(kept) != many-6050 {
			t.Errorf("%d entries are found by item, %v", len(kept), err)
		}
	})
}

// What is older than the ledger keeps goes by itself, once consumers have read it.
func TestOldEntriesGoByThemselves(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		l := keeping(t, db, 24*time.Hour)
		entries := make([]ledger.Entry, 5)
		for i := range entries {
			entries[i] = entry("made", fmt.Sprint(i))
			entries[i].At = time.Now().Add(time.Duration(i-3) * 20 * time.Hour)
		}
		appendAll(t, db, l, entries...)
		exec(t, db, "INSERT INTO ledger_cursor (consumer, seq, updated) VALUES ('up to date', 5, 0)")
		start(t, l)
		left := func() (n int64) {
			if err := db.QueryRow(t.Context(), "SELECT COUNT(*) FROM ledger_entry").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		for deadline := time.Now().Add(time.Minute); left() != 3; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d entries are left", left())
			}
		}
		if v, err := l.Verify(t.Context()); err != nil || !v.OK() || v.From != 3 {
			t.Fatalf("%+v, %v", v, err)
		}
	})
}

// Entries that a consumer has not read stay, and it is named.
func TestWhoHoldsOldEntriesBackIsNamed(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		lines := make(chan string, 10)
		l := telling(t, db, 24*time.Hour, slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
			select {
			case lines <- string(p):
			default:
			}
			return len(p), nil
		}), nil)))
		for i := range 3 {
			e := entry("made", fmt.Sprint(i))
			e.At = time.Now().Add(-48 * time.Hour)
			appendAll(t, db, l, e)
		}
		exec(t, db, "INSERT INTO ledger_cursor (consumer, seq, updated) VALUES ('reader', 3, 0), ('of a module that is gone', 1, 0)")
		start(t, l)
		for deadline := time.After(time.Minute); ; {
			select {
			case line := <-lines:
				if !strings.Contains(line, "level=WARN") {
					continue
				}
				if !strings.Contains(line, `consumer="of a module that is gone" from=2`) {
					t.Error(line)
				}
				return
			case <-deadline:
				t.Fatal("nobody is named")
			}
		}
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
