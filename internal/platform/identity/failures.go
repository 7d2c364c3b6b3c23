package identity

import (
	"context"
	"fmt"
	"net/netip"
	"sync"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// failures sums refused sign-ins up, so that guessing does not fill the ledger:
// one entry per user and half minute, and one for all names that are nobody's.
type failures struct {
	mu     sync.Mutex
	byUser map[string]failed // "" is nobody
}

type failed struct {
	Count     int        `json:"count"`
	Last      netip.Addr `json:"lastAddress"`
	recording int
}

func newFailures() *failures { return &failures{byUser: map[string]failed{}} }

func (f *failures) note(user string, from netip.Addr) {
	f.mu.Lock()
	defer f.mu.Unlock()
	sum := f.byUser[user]
	sum.Count++
	sum.Last = from
	f.byUser[user] = sum
}

// take returns the sums; written then subtracts what take returned.
func (f *failures) take() map[string]failed {
	f.mu.Lock()
	defer f.mu.Unlock()
	taken := make(map[string]failed, len(f.byUser))
	for user, sum := range f.byUser {
		sum.recording = sum.Count
		f.byUser[user], taken[user] = sum, sum
	}
	return taken
}

func (f *failures) written() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for user, sum := range f.byUser {
		if sum.Count -= sum.recording; sum.Count <= 0 {
			delete(f.byUser, user)
			continue
		}
		sum.recording = 0
		f.byUser[user] = sum
	}
}

func (c *Component) writeFailures(ctx context.Context, tx *sqldb.Tx) error {
	for user, sum := range c.failures.take() {
		summary := fmt.Sprintf("%d refused sign-ins", sum.Count)
		if user == "" {
			summary += " with names of no user"
		}
		subject := core.Ref{Kind: "user", ID: user}
		if err := c.recordAs(ctx, tx, ledger.System("auth"), "login.failed", subject, summary, sum); err != nil {
			return err
		}
	}
	return nil
}
