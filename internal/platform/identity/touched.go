package identity

import (
	"context"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// touched collects when sessions and tokens were used, so that a request is
// not a write. What is lost in a crash is half a minute of "last seen".
type touched struct {
	mu      sync.Mutex
	recent  uses // since the last write began
	writing uses // being written, not yet committed
	done    uses // committed, for readers that read the row before
}

type uses struct{ sessions, tokens map[string]use }

type use struct {
	at      time.Time
	address string
}

func newUses() uses { return uses{map[string]use{}, map[string]use{}} }

func newTouched() *touched { return &touched{recent: newUses(), writing: newUses(), done: newUses()} }

func (t *touched) session(id string, at time.Time, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.recent.sessions[id] = use{at, address}
}

func (t *touched) token(id string, at time.Time, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.recent.tokens[id] = use{at, address}
}

// latest is the later of what is stored and what is yet to be.
func (t *touched) latest(session string, stored time.Time) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, u := range []use{t.done.sessions[session], t.writing.sessions[session], t.recent.sessions[session]} {
		if u.at.After(stored) {
			stored = u.at
		}
	}
	return stored
}

// begin sets aside what is to be written. What an earlier write failed to
// commit is among it.
func (t *touched) begin() uses {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, u := range t.recent.sessions {
		t.writing.sessions[id] = u
	}
	for id, u := range t.recent.tokens {
		t.writing.tokens[id] = u
	}
	t.recent = newUses()
	return t.writing
}

// written notes the commit of what begin set aside.
func (t *touched) written() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done, t.writing = t.writing, newUses()
}

func (u uses) write(ctx context.Context, tx *sqldb.Tx) error {
	for id, use := range u.sessions {
		if _, err := tx.Exec(ctx, `UPDATE auth_session SET seen = $2, address = $3 WHERE id = $1 AND seen < $2`,
			id, core.Micros(use.at), use.address); err != nil {
			return err
		}
	}
	for id, use := range u.tokens {
		if _, err := tx.Exec(ctx, `UPDATE auth_token SET used = $2, address = $3 WHERE id = $1 AND used < $2`,
			id, core.Micros(use.at), use.address); err != nil {
			return err
		}
	}
	return nil
}
