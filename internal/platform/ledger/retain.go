package ledger

import (
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

const (
	// retainMost is how many entries one transaction of retention removes.
	retainMost = 5000
	// retainRead is how many of them it looks at together.
	retainRead = 1000
	// retainEvery is how often is looked for entries that are too old.
	retainEvery = time.Hour
)

// Configuration is what an installation decides about its ledger.
type Configuration struct {
	// Keep is how long entries are kept; 0 is for ever.
	Keep time.Duration `yaml:"keep" json:"keep"`
}

// Defaults keep entries for a year and a month.
func Defaults() Configuration { return Configuration{Keep: 400 * 24 * time.Hour} }

// Validate names the settings that cannot work.
func (c Configuration) Validate() error {
	if c.Keep < 0 || c.Keep > 0 && c.Keep < 24*time.Hour {
		return core.Invalid("ledger.keep", "must be at least 24h, or 0 for ever")
	}
	return nil
}

// retain removes what is too old, now and every hour, until ctx ends.
func (l *Ledger) retain(ctx context.Context) {
	for l.cfg.Keep > 0 && l.signer != nil && ctx.Err() == nil {
		before := l.clock.Now().Add(-l.cfg.Keep)
		removed, err := l.Retain(ctx, before)
		if removed > 0 {
			l.log.Info("ledger: old entries were removed; a signed checkpoint stands for them", "entries", removed)
		}
		if err == nil {
			err = l.warnOfUnread(ctx, before)
		}
		if err != nil && ctx.Err() == nil {
			l.log.Error("ledger: old entries cannot be removed", "error", err)
		}
		timer := l.clock.NewTimer(retainEvery)
		select {
		case <-ctx.Done():
		case <-timer.C():
		}
		timer.Stop()
	}
}

// warnOfUnread names the consumer for which entries are kept that are older
// than they should be: it stands still, or no longer exists.
func (l *Ledger) warnOfUnread(ctx context.Context, before time.Time) error {
	var consumer string
	var from, at int64
	err := l.db.QueryRow(ctx, `SELECT c.consumer, e.seq, e.at FROM ledger_entry e, (SELECT consumer, seq FROM ledger_cursor ORDER BY seq LIMIT 1) c
		WHERE e.seq > c.seq ORDER BY e.seq LIMIT 1`).Scan(&consumer, &from, &at)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil
	}
	if err == nil && at < core.Micros(before) {
		l.log.Warn("ledger: entries are kept longer than they should be, for a consumer has not read them", "consumer", consumer, "from", from)
	}
	return err
}

// Retain removes entries older than before, up to the slowest consumer's
// cursor, and signs the place where the chain now begins. It returns how many
// entries went. Others write between its transactions, of which each removes
// some thousand entries.
func (l *Ledger) Retain(ctx context.Context, before time.Time) (removed int64, err error) {
	if l.signer == nil {
		return 0, core.Errorf(core.CodeConflict, "the ledger has no key to sign a checkpoint with")
	}
	for {
		var n int64
		err := l.db.Write(ctx, func(tx *sqldb.Tx) (err error) {
			n, err = l.retainSome(ctx, tx, core.Micros(before))
			return err
		})
		if err != nil {
			return removed, err
		}
		if removed += n; n < retainMost {
			return removed, nil
		}
	}
}

func (l *Ledger) retainSome(ctx context.Context, tx *sqldb.Tx, before int64) (removed int64, err error) {
	var first, read, kept int64
	err = tx.QueryRow(ctx, "SELECT COALESCE((SELECT MIN(seq) FROM ledger_entry), 0), COALESCE((SELECT MIN(seq) FROM ledger_cursor), 0)").Scan(&first, &read)
	last := min(first+retainMost-1, read)
	if err != nil || first == 0 || last < first {
		return 0, err
	}
	if err := tx.QueryRow(ctx, "SELECT COALESCE(MIN(seq), 0) FROM ledger_entry WHERE seq >= $1 AND seq <= $2 AND at >= $3", first, last, before).Scan(&kept); err != nil {
		return 0, err
	}
	if kept > 0 {
		last = kept - 1
	}
	if last < first {
		return 0, nil
	}
	var hash []byte
	if err := tx.QueryRow(ctx, "SELECT hash FROM ledger_entry WHERE seq = $1", last).Scan(&hash); err != nil {
		return 0, err
	}
	at := core.Micros(l.clock.Now())
	if _, err := tx.Exec(ctx, "INSERT INTO ledger_checkpoint (seq, hash, at, key, signature) VALUES ($1, $2, $3, $4, $5)", last, hash, at,
		[]byte(l.signer.Public().(ed25519.PublicKey)), ed25519.Sign(l.signer, checkpointText(last, hash, at))); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM ledger_checkpoint WHERE seq < $1", last); err != nil {
		return 0, err
	}
	if err := forgetItems(ctx, tx, last); err != nil {
		return 0, err
	}
	return sqldb.Affected(tx.Exec(ctx, "DELETE FROM ledger_entry WHERE seq <= $1", last))
}

// forgetItems removes which items the entries up to a position concern. They
// are found by item, as the table is sorted: an index by position would cost
// each entry that is appended.
func forgetItems(ctx context.Context, tx *sqldb.Tx, upTo int64) error {
	for from := int64(0); from < upTo; {
		rows, err := tx.Query(ctx, "SELECT seq, subject_kind, subject_id, item, related FROM ledger_entry WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3", from, upTo, retainRead)
		entries, err := sqldb.Collect(rows, err, scanConcerned)
		if err != nil || len(entries) == 0 {
			return err
		}
		var concerned [][]any
		for i := range entries {
			concerned = appendItems(concerned, &entries[i])
		}
		items := make([]string, len(concerned))
		for i, row := range concerned {
			items[i] = row[0].(string)
		}
		slices.Sort(items)
		for part := range slices.Chunk(slices.Compact(items), 256) {
			where, args := tx.Dialect().AtKey("ledger_item", "seq <= $1", "item", 2, part)
			if _, err := tx.Exec(ctx, "DELETE FROM ledger_item WHERE "+where, append([]any{upTo}, args...)...); err != nil {
				return err
			}
		}
		from = entries[len(entries)-1].Seq
	}
	return nil
}
