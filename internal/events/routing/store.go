package routing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// entry is what the notification log holds of one group and one integration:
// what its receiver has been told last.
type entry struct {
	firing, resolved []string // fingerprints
	at               time.Time
	claimedBy        string
	claimedUntil     time.Time
}

// place names an entry.
type place struct {
	group       string // the group's key
	receiver    string
	integration string
	index       int
}

func (p place) args() []any { return []any{p.group, p.receiver, p.integration, int64(p.index)} }

const atPlace = "group_key = $1 AND receiver = $2 AND integration = $3 AND position = $4"

func readEntry(ctx context.Context, q interface {
	QueryRow(ctx context.Context, query string, args ...any) *sqldb.Row
}, p place, lock string) (*entry, error) {
	var e entry
	var firing, resolved string
	var at, until int64
	err := q.QueryRow(ctx, "SELECT firing, resolved, at, claimed_by, claimed_until FROM events_notification WHERE "+atPlace+lock, p.args()...).
		Scan(&firing, &resolved, &at, &e.claimedBy, &until)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, nil
	}
	e.firing, e.resolved = strings.Fields(firing), strings.Fields(resolved)
	e.at, e.claimedUntil = core.FromMicros(at), core.FromMicros(until)
	return &e, err
}

// reason is why a notification is sent, in Alertmanager's words.
type reason string

const (
	nothingNew   reason = ""
	firstTime    reason = "first notification"
	newAlerts    reason = "new alerts added"
	someResolved reason = "some alerts resolved"
	allResolved  reason = "all alerts resolved"
	repeated     reason = "repeat interval elapsed"
)

// news decides whether a receiver has to be told, by what it was told last
// (Alertmanager, notify/dedup_stage.go).
func (e *entry) news(firing, resolved []string, sendResolved bool, repeat time.Duration, now time.Time) reason {
	if e == nil || e.at.IsZero() {
		if len(firing) > 0 {
			return firstTime
		}
		return nothingNew
	}
	if !within(firing, e.firing) {
		if len(e.firing) == 0 {
			return firstTime
		}
		return newAlerts
	}
	if len(firing) == 0 {
		if len(e.firing) > 0 {
			return allResolved
		}
		return nothingNew
	}
	if sendResolved && !within(resolved, e.resolved) {
		return someResolved
	}
	if e.at.Before(now.Add(-repeat)) {
		return repeated
	}
	return nothingNew
}

// within says whether all of some are in all, which is sorted.
func within(some, all []string) bool {
	for _, s := range some {
		if _, ok := slices.BinarySearch(all, s); !ok {
			return false
		}
	}
	return true
}

// claim makes a notification this process's, if it is still news. busy says
// that another process is sending it.
func (r *Router) claim(ctx context.Context, p place, until time.Time, news func(*entry) reason) (why reason, busy bool, err error) {
	now := r.deps.Clock.Now()
	err = r.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		busy = false
		_, err := tx.Exec(ctx, "INSERT INTO events_notification (group_key, receiver, integration, position, firing, resolved, at, expires_at, claimed_by, claimed_until, failure) "+
			"VALUES ($1,$2,$3,$4,'','',0,$5,'',0,'') ON CONFLICT (group_key, receiver, integration, position) DO NOTHING", append(p.args(), core.Micros(until.Add(time.Hour)))...)
		if err != nil {
			return err
		}
		lock := ""
		if tx.Dialect() == sqldb.PostgreSQL {
			lock = " FOR UPDATE"
		}
		e, err := readEntry(ctx, tx, p, lock)
		if err != nil {
			return err
		}
		if why = news(e); why == nothingNew {
			return nil
		}
		if e.claimedBy != "" && e.claimedBy != r.deps.Self && e.claimedUntil.After(now) {
			busy = true
			return nil
		}
		_, err = tx.Exec(ctx, "UPDATE events_notification SET claimed_by = $5, claimed_until = $6 WHERE "+atPlace, append(p.args(), r.deps.Self, core.Micros(until))...)
		return err
	})
	return why, busy, err
}

// release gives up a claim after a failure that is not tried again.
func (r *Router) release(ctx context.Context, p place, failure string) {
	_, err := r.exec(ctx, "UPDATE events_notification SET claimed_by = '', claimed_until = 0, failure = $5 WHERE "+atPlace+" AND claimed_by = $6", append(p.args(), failure, r.deps.Self)...)
	if err != nil {
		r.deps.Log.Warn("events: a claim on a notification could not be given up; it lapses", "error", err)
	}
}

func (r *Router) exec(ctx context.Context, text string, args ...any) (n int64, err error) {
	err = r.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		n, err = sqldb.Affected(tx.Exec(ctx, text, args...))
		return err
	})
	return n, err
}

// logged writes what a receiver has been told.
func logged(ctx context.Context, tx *sqldb.Tx, p place, firing, resolved []string, at, expires time.Time) error {
	_, err := tx.Exec(ctx, "UPDATE events_notification SET firing = $5, resolved = $6, at = $7, expires_at = $8, claimed_by = '', claimed_until = 0, failure = '' WHERE "+atPlace,
		append(p.args(), strings.Join(firing, " "), strings.Join(resolved, " "), core.Micros(at), core.Micros(expires))...)
	return err
}

// Forget removes entries of the log that no longer matter.
func (r *Router) Forget(ctx context.Context) error {
	for {
		n, err := r.exec(ctx, "DELETE FROM events_notification WHERE expires_at < $1 AND claimed_until < $1 AND (group_key, receiver, integration, position) IN "+
			"(SELECT group_key, receiver, integration, position FROM events_notification WHERE expires_at < $1 LIMIT 1000)", core.Micros(r.deps.Clock.Now()))
		if err != nil || n < 1000 {
			return err
		}
	}
}
