package ledger

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"

	"mainstay/internal/platform/sqldb"
)

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
