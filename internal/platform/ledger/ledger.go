package ledger

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"slices"
	"sync"

	"mainstay/internal/core"
	"mainstay/internal/platform/lead"
	"mainstay/internal/platform/sqldb"
)

// Dependencies are what a Ledger is built from.
type Dependencies struct {
	DB     *sqldb.DB
	Clock  core.Clock
	IDs    *core.IDs
	Log    *slog.Logger
	Signer ed25519.PrivateKey // signs checkpoints; without it nothing is removed
}

// Ledger is the append-only record. It is safe for concurrent use.
type Ledger struct {
	cfg    Configuration
	db     *sqldb.DB
	clock  core.Clock
	ids    *core.IDs
	log    *slog.Logger
	signer ed25519.PrivateKey
	tail   *tail

	mu        sync.Mutex
	consumers []*Consumer
	leader    *leadership
	lead      *lead.Lead
	stop      context.CancelFunc
	running   sync.WaitGroup
}

// New returns a ledger that takes entries; Start makes it deliver them.
func New(cfg Configuration, deps Dependencies) *Ledger {
	l := &Ledger{cfg: cfg, db: deps.DB, clock: deps.Clock, ids: deps.IDs, log: deps.Log, signer: deps.Signer}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	l.tail = newTail(deps.DB, deps.Clock, l.log)
	l.leader = newLeadership()
	l.lead = lead.New("ledger.consumers", deps.DB, deps.Clock, l.log)
	return l
}

// pending are the entries a transaction has appended so far.
type pending struct{ entries []Entry }

// Append adds e to the transaction and returns its id, which later entries may
// name as their cause. Position and hash are given just before the commit. What
// e refers to is the ledger's from then on: nobody changes it.
func (l *Ledger) Append(_ context.Context, tx *sqldb.Tx, e Entry) (string, error) {
	if err := e.check(); err != nil {
		return "", err
	}
	if e.ID == "" {
		e.ID = l.ids.New()
	}
	if e.At.IsZero() {
		e.At = l.clock.Now()
	}
	e.At = core.FromMicros(core.Micros(e.At))
	p := tx.Value(l, func() any { return &pending{} }).(*pending)
	p.entries = append(p.entries, e)
	if tx.BeforeCommit(l, func(ctx context.Context) error { return l.write(ctx, tx, p) }) {
		tx.OnCommit(func() { l.tail.take(p.entries) })
	}
	return e.ID, nil
}

// write numbers, chains and inserts the pending entries. The row of
// ledger_head is locked until the commit: numbers become visible in order.
func (l *Ledger) write(ctx context.Context, tx *sqldb.Tx, p *pending) error {
	lock := ""
	if tx.Dialect() == sqldb.PostgreSQL {
		lock = " FOR UPDATE"
	}
	var seq int64
	var hash []byte
	if err := tx.QueryRow(ctx, "SELECT seq, hash FROM ledger_head WHERE id = 1"+lock).Scan(&seq, &hash); err != nil {
		return err
	}
	entries := make([][]any, 0, len(p.entries))
	var items [][]any
	for i := range p.entries {
		e := &p.entries[i]
		seq++
		e.Seq = seq
		hash = e.chain(hash)
		e.Hash = hash
		row, err := entryRow(e)
		if err != nil {
			return err
		}
		entries = append(entries, row)
		items = appendItems(items, e)
	}
	if err := sqldb.Insert(ctx, tx, "INSERT INTO ledger_entry ("+entryColumns+") VALUES", 17, entries, ""); err != nil {
		return err
	}
	if err := sqldb.Insert(ctx, tx, "INSERT INTO ledger_item (item, seq) VALUES", 2, items, ""); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "UPDATE ledger_head SET seq = $1, hash = $2 WHERE id = 1", seq, hash)
	return err
}

// itemKind is the kind of subject that is an item.
const itemKind = "item"

// appendItems adds a row for each different item the entry concerns.
func appendItems(rows [][]any, e *Entry) [][]any {
	items := []string{e.Item}
	if e.Subject.Kind == itemKind && e.Subject.ID != e.Item {
		items = append(items, e.Subject.ID)
	}
	if len(e.Related) > 0 {
		items = append(items, e.Related...)
		slices.Sort(items)
		items = slices.Compact(items)
	}
	for _, item := range items {
		if item != "" {
			rows = append(rows, []any{item, e.Seq})
		}
	}
	return rows
}

// Start begins to deliver entries to consumers and subscribers.
func (l *Ledger) Start(ctx context.Context) error {
	if err := l.tail.load(ctx); err != nil {
		return err
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stop = stop
	l.running.Go(func() { l.tail.run(run) })
	l.lead.Start(ctx, func(context.Context) (func(context.Context), error) { return l.term, nil })
	for _, c := range l.consumers {
		l.running.Go(func() { c.run(run) })
	}
	return nil
}

// term is one in which this process delivers to consumers and removes what is old.
func (l *Ledger) term(ctx context.Context) {
	var tidying sync.WaitGroup
	tidying.Go(func() { l.retain(ctx) })
	l.leader.term(ctx)
	tidying.Wait()
}

// Stop ends delivery and waits for handlers that run.
func (l *Ledger) Stop(context.Context) error {
	l.mu.Lock()
	stop := l.stop
	l.mu.Unlock()
	if stop != nil {
		stop()
	}
	l.lead.Stop()
	l.running.Wait()
	return nil
}

// Head returns the position of the newest committed entry.
func (l *Ledger) Head(ctx context.Context) (seq int64, err error) {
	err = l.db.QueryRow(ctx, "SELECT seq FROM ledger_head WHERE id = 1").Scan(&seq)
	return seq, err
}
