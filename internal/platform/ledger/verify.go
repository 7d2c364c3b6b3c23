package ledger

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// retainRead is how many entries retention looks at together.
const retainRead = 1000

// Verification is the outcome of Verify.
type Verification struct {
	From    int64  `json:"from"`    // first position looked at
	To      int64  `json:"to"`      // last position looked at
	Entries int64  `json:"entries"` // how many
	Broken  int64  `json:"broken"`  // first position whose hash is wrong; 0: none
	Problem string `json:"problem,omitempty"`
}

// OK says that the chain is whole.
func (v Verification) OK() bool { return v.Problem == "" }

// Verify recomputes the chain from the newest checkpoint, or the beginning, to
// the head.
func (l *Ledger) Verify(ctx context.Context) (Verification, error) {
	seq, hash, problem, err := l.checkpoint(ctx)
	v := Verification{From: seq + 1, To: seq, Problem: problem}
	if err != nil || problem != "" {
		return v, err
	}
	var head int64
	var headHash []byte
	if err := l.db.QueryRow(ctx, "SELECT seq, hash FROM ledger_head WHERE id = 1").Scan(&head, &headHash); err != nil {
		return v, err
	}
	for seq < head {
		rows, err := l.db.Query(ctx, "SELECT "+entryColumns+" FROM ledger_entry WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT 2000", seq, head)
		entries, err := sqldb.Collect(rows, err, scanEntry)
		if err != nil {
			return v, err
		}
		if len(entries) == 0 {
			v.Broken, v.Problem = seq+1, fmt.Sprintf("entry %d is missing", seq+1)
			return v, nil
		}
		for i := range entries {
			e := &entries[i]
			if e.Seq != seq+1 {
				v.Broken, v.Problem = seq+1, fmt.Sprintf("entry %d is missing", seq+1)
				return v, nil
			}
			if hash = e.chain(hash); !bytes.Equal(hash, e.Hash) {
				v.Broken, v.Problem = e.Seq, fmt.Sprintf("entry %d was altered", e.Seq)
				return v, nil
			}
			seq = e.Seq
			v.To, v.Entries = seq, v.Entries+1
		}
	}
	if !bytes.Equal(hash, headHash) {
		v.Broken, v.Problem = head, "the head does not match the last entry"
	}
	return v, nil
}

// checkpoint returns where the chain begins: behind the newest signed checkpoint.
func (l *Ledger) checkpoint(ctx context.Context) (seq int64, hash []byte, problem string, err error) {
	var at int64
	var key, signature []byte
	err = l.db.QueryRow(ctx, "SELECT seq, hash, at, key, signature FROM ledger_checkpoint ORDER BY seq DESC LIMIT 1").Scan(&seq, &hash, &at, &key, &signature)
	if errors.Is(err, sqldb.ErrNoRows) {
		return 0, nil, "", nil
	}
	if err != nil {
		return 0, nil, "", err
	}
	if l.signer != nil {
		key = l.signer.Public().(ed25519.PublicKey)
	}
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, checkpointText(seq, hash, at), signature) {
		return seq, hash, fmt.Sprintf("the signature of the checkpoint at %d is wrong", seq), nil
	}
	return seq, hash, "", nil
}

func checkpointText(seq int64, hash []byte, at int64) []byte {
	b := []byte("mainstay ledger checkpoint\n")
	b = binary.BigEndian.AppendUint64(b, uint64(seq))
	b = binary.BigEndian.AppendUint64(b, uint64(at))
	return append(b, hash...)
}

// Retain removes entries older than before, up to the slowest consumer's
// cursor, and signs the place where the chain now begins. It returns how many
// entries went.
func (l *Ledger) Retain(ctx context.Context, before time.Time) (removed int64, err error) {
	if l.signer == nil {
		return 0, core.Errorf(core.CodeConflict, "the ledger has no key to sign a checkpoint with")
	}
	err = l.db.Write(ctx, func(tx *sqldb.Tx) error {
		removed = 0
		var seq int64
		var hash []byte
		err := tx.QueryRow(ctx, `SELECT seq, hash FROM ledger_entry WHERE at < $1
			AND seq <= (SELECT COALESCE(MIN(seq), 0) FROM ledger_cursor)
			AND seq < (SELECT COALESCE(MIN(seq), 9223372036854775807) FROM ledger_entry WHERE at >= $1)
			ORDER BY seq DESC LIMIT 1`, core.Micros(before)).Scan(&seq, &hash)
		if errors.Is(err, sqldb.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		at := core.Micros(l.clock.Now())
		if _, err := tx.Exec(ctx, "INSERT INTO ledger_checkpoint (seq, hash, at, key, signature) VALUES ($1, $2, $3, $4, $5)", seq, hash, at,
			[]byte(l.signer.Public().(ed25519.PublicKey)), ed25519.Sign(l.signer, checkpointText(seq, hash, at))); err != nil {
			return err
		}
		if err := forgetItems(ctx, tx, seq); err != nil {
			return err
		}
		removed, err = sqldb.Affected(tx.Exec(ctx, "DELETE FROM ledger_entry WHERE seq <= $1", seq))
		return err
	})
	return removed, err
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
