package ledger

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

const (
	tailKeep = 8192            // entries kept in memory for consumers that are up to date
	tailRead = 1000            // entries read at once
	tailPoll = 1 * time.Second // how often other processes' entries are looked for
)

// tail follows the end of the ledger once for all consumers and subscribers of
// the process.
type tail struct {
	db    *sqldb.DB
	clock core.Clock
	log   *slog.Logger
	woken chan struct{}

	mu      sync.Mutex
	recent  []Entry // ascending without gaps; the newest is at the end
	head    int64
	changed chan struct{} // closed when head moves
}

func newTail(db *sqldb.DB, clock core.Clock, log *slog.Logger) *tail {
	return &tail{db: db, clock: clock, log: log, woken: make(chan struct{}, 1), changed: make(chan struct{})}
}

// wake tells the tail that entries were committed; it never blocks.
func (t *tail) wake() {
	select {
	case t.woken <- struct{}{}:
	default:
	}
}

// take adds entries that this process has committed. When they follow what is
// known they need not be read; otherwise the tail is woken to read.
func (t *tail) take(entries []Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if entries[0].Seq != t.head+1 {
		t.wake()
		return
	}
	t.add(entries)
}

// add moves the head. The caller has locked.
func (t *tail) add(entries []Entry) {
	t.recent = append(t.recent, entries...)
	if extra := len(t.recent) - tailKeep; extra > tailKeep/2 {
		t.recent = append([]Entry(nil), t.recent[extra:]...)
	}
	t.head = entries[len(entries)-1].Seq
	close(t.changed)
	t.changed = make(chan struct{})
}

func (t *tail) load(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.recent = nil
	return t.db.QueryRow(ctx, "SELECT seq FROM ledger_head WHERE id = 1").Scan(&t.head)
}

func (t *tail) run(ctx context.Context) {
	poll := t.clock.NewTimer(tailPoll)
	defer poll.Stop()
	for {
		more, err := t.advance(ctx)
		if err != nil && ctx.Err() == nil {
			t.log.Warn("the ledger cannot be read; trying again", "error", err)
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-t.woken:
		case <-poll.C():
			poll.Reset(tailPoll)
		}
	}
}

// advance reads what was committed behind head; more says that there may be more.
func (t *tail) advance(ctx context.Context) (more bool, err error) {
	t.mu.Lock()
	head := t.head
	t.mu.Unlock()
	rows, err := t.db.Query(ctx, "SELECT "+entryColumns+" FROM ledger_entry WHERE seq > $1 ORDER BY seq LIMIT $2", head, tailRead)
	entries, err := sqldb.Collect(rows, err, scanEntry)
	if err != nil || len(entries) == 0 {
		return false, err
	}
	more = len(entries) == tailRead
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := int(min(t.head-head, int64(len(entries)))); known < len(entries) { // some were taken meanwhile
		t.add(entries[known:])
	}
	return more, nil
}

// after returns up to limit entries behind seq that match, the position up to
// which everything was looked at, and a channel that closes when there is
// more. Entries too old for memory are read from the store.
func (t *tail) after(ctx context.Context, seq int64, match func(*Entry) bool, limit int) (found []Entry, seen int64, changed <-chan struct{}, err error) {
	t.mu.Lock()
	changed, head := t.changed, t.head
	if head <= seq {
		t.mu.Unlock()
		return nil, seq, changed, nil
	}
	if len(t.recent) > 0 && t.recent[0].Seq <= seq+1 {
		start := int(seq + 1 - t.recent[0].Seq)
		found, seen = filter(t.recent[start:], match, limit)
		t.mu.Unlock()
		return found, seen, changed, nil
	}
	t.mu.Unlock()
	rows, err := t.db.Query(ctx, "SELECT "+entryColumns+" FROM ledger_entry WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3", seq, head, tailRead)
	entries, err := sqldb.Collect(rows, err, scanEntry)
	if err != nil {
		return nil, seq, changed, err
	}
	if len(entries) == 0 { // removed by retention
		return nil, head, changed, nil
	}
	found, seen = filter(entries, match, limit)
	return found, seen, changed, nil
}

func filter(entries []Entry, match func(*Entry) bool, limit int) (found []Entry, seen int64) {
	for i := range entries {
		if match(&entries[i]) {
			found = append(found, entries[i])
		}
		seen = entries[i].Seq
		if len(found) == limit {
			break
		}
	}
	return found, seen
}
