package monitor

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
)

// requested is the ledger's record that somebody asks, through another
// process, for a check to be run now. The process that leads hears of it.
const requested = "monitor.check.requested"

// askEvery is how often the store is looked at for the answer.
const askEvery = 50 * time.Millisecond

// askLeader has the process that runs the checks run one now, and waits for
// the results to be stored.
func (c *Component) askLeader(ctx context.Context, ref string) (Result, error) {
	check, err := c.store.checkBy(ctx, c.deps.DB, ref)
	if err != nil {
		return Result{}, err
	}
	// The clocks of two processes may differ: what tells a new result is that
	// the target's last time has changed.
	before, err := c.asked(ctx, check, ref)
	if err != nil {
		return Result{}, err
	}
	last := map[string]time.Time{}
	for _, t := range before {
		last[t.ID] = t.CheckedAt
	}
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{
			Actor: actor(ctx), Module: "monitor", Type: requested, Subject: core.Ref{Kind: "check", ID: targetOr(check, ref)},
			Team: check.Spec.Team, Summary: "check " + check.Name + " is to run now",
		})
		return err
	})
	if err != nil {
		return Result{}, err
	}
	timeout := check.Spec.Timeout.Std()
	if timeout == 0 {
		timeout = probe.DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout+2*remoteGrace)
	defer cancel()
	timer := c.deps.Clock.NewTimer(askEvery)
	defer timer.Stop()
	for {
		worst, all, err := c.since(ctx, check, ref, last)
		if err == nil && all {
			return worst, nil
		}
		select {
		case <-ctx.Done():
			return Result{}, core.Errorf(core.CodeUnavailable, "the process that runs the checks does not answer")
		case <-timer.C():
			timer.Reset(askEvery)
		}
	}
}

// targetOr is ref when it is an id, and the check's id when it is a name.
func targetOr(check *Check, ref string) string {
	if ref == check.Name {
		return check.ID
	}
	return ref
}

// asked are the targets that ref means.
func (c *Component) asked(ctx context.Context, check *Check, ref string) ([]targetRow, error) {
	if id := targetOr(check, ref); id != check.ID {
		return c.store.targetRows(ctx, c.deps.DB, "id = $1", id)
	}
	return c.store.targetRows(ctx, c.deps.DB, "check_id = $1", check.ID)
}

// since returns the worst of the results, and whether every target has one
// that is not of the last time.
func (c *Component) since(ctx context.Context, check *Check, ref string, last map[string]time.Time) (worst Result, all bool, err error) {
	targets, err := c.asked(ctx, check, ref)
	if err != nil || len(targets) == 0 {
		return worst, false, err
	}
	for i, t := range targets {
		if t.CheckedAt.Equal(last[t.ID]) {
			return worst, false, nil
		}
		list, err := c.store.results(ctx, t.ID, time.Time{}, 1)
		if err != nil || len(list) == 0 {
			return worst, false, err
		}
		res := list[0]
		res.Check, res.Item = check.Name, t.Item
		if i == 0 || res.Status.worse(worst.Status) {
			worst = res
		}
	}
	return worst, true, nil
}
