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
	mu       sync.Mutex
	sessions map[string]use
	tokens   map[string]use
}

type use struct {
	at      time.Time
	address string
}

func newTouched() *touched {
	return &touched{sessions: map[string]use{}, tokens: map[string]use{}}
}

func (t *touched) session(id string, at time.Time, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sessions[id] = use{at, address}
}

func (t *touched) token(id string, at time.Time, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tokens[id] = use{at, address}
}

// latest is the later of what is stored and what is yet to be.
func (t *touched) latest(session string, stored time.Time) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if u := t.sessions[session]; u.at.After(stored) {
		return u.at
	}
	return stored
}

func (t *touched) write(ctx context.Context, tx *sqldb.Tx) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, u := range t.sessions {
		if _, err := tx.Exec(ctx, `UPDATE auth_session SET seen = $2, address = $3 WHERE id = $1 AND seen < $2`,
			id, core.Micros(u.at), u.address); err != nil {
			return err
		}
	}
	for id, u := range t.tokens {
		if _, err := tx.Exec(ctx, `UPDATE auth_token SET used = $2, address = $3 WHERE id = $1 AND used < $2`,
			id, core.Micros(u.at), u.address); err != nil {
			return err
		}
	}
	return nil
}

// written forgets what a committed transaction holds. A use between write and
// written is lost, and the next one is not.
func (t *touched) written() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.sessions)
	clear(t.tokens)
}
