package monitor

import (
	"context"
	"encoding/json"
	"errors"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
)

// requested is the ledger's record that somebody asks, through another
// process, for a check to be run now. The process that leads hears of it, and
// answers with an entry whose cause it is.
const (
	requested = "monitor.check.requested"
	answered  = "monitor.check.answered"
)

// reply is what the data of an answered entry holds.
type reply struct {
	Result *Result   `json:"result,omitempty"`
	Code   core.Code `json:"code,omitempty"`
	Error  string    `json:"error,omitempty"`
}

// errHeard ends the wait for an answer.
var errHeard = errors.New("the answer is there")

// askLeader has the process that runs the checks run one now, and waits for
// the results to be stored.
func (c *Component) askLeader(ctx context.Context, ref string) (Result, error) {
	check, err := c.store.checkBy(ctx, c.deps.DB, ref)
	if err != nil {
		return Result{}, err
	}
	head, err := c.deps.Ledger.Head(ctx)
	if err != nil {
		return Result{}, err
	}
	subject := core.Ref{Kind: "check", ID: targetOr(check, ref)}
	var request string
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		request, err = c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor(ctx), Module: "monitor", Type: requested, Subject: subject,
			Team: check.Spec.Team, Summary: "check " + check.Name + " is to run now"})
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
	var heard reply
	err = c.deps.Ledger.Follow(ctx, head, func(e *ledger.Entry) bool { return e.Type == answered && e.Cause == request },
		func(e ledger.Entry) error { return errors.Join(errHeard, e.Decode(&heard)) })
	switch {
	case ctx.Err() != nil:
		return Result{}, core.Errorf(core.CodeUnavailable, "the process that runs the checks does not answer")
	case !errors.Is(err, errHeard):
		return Result{}, err
	case heard.Result == nil:
		return Result{}, core.Errorf(heard.Code, "%s", heard.Error)
	}
	return *heard.Result, nil
}

// targetOr is ref when it is an id, and the check's id when it is a name.
func targetOr(check *Check, ref string) string {
	if ref == check.Name {
		return check.ID
	}
	return ref
}

// answer runs what another process asks for, and tells it what came of it.
func (e *engine) answer(ctx context.Context, request ledger.Entry) {
	var told reply
	summary := "check was run"
	if res, err := e.runNow(ctx, request.Subject.ID); err != nil {
		told.Code, told.Error, summary = core.CodeOf(err), "the check could not be run", "check did not run"
		if told.Code != core.CodeInternal { // the log has the cause of such
			told.Error = err.Error()
		}
		e.c.deps.Log.Warn("monitor: a check that was asked for did not run", "check", request.Subject.ID, "error", err)
	} else {
		told.Result, summary = &res, "check "+res.Check+" was run: "+string(res.Status)
	}
	data, err := json.Marshal(told)
	if err == nil {
		err = e.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := e.c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: ledger.System("monitor"), Module: "monitor", Type: answered,
				Subject: request.Subject, Team: request.Team, Summary: summary, Cause: request.ID, Data: data})
			return err
		})
	}
	if err != nil && ctx.Err() == nil {
		e.c.deps.Log.Warn("monitor: nobody hears of a check that was asked for", "check", request.Subject.ID, "error", err)
	}
}
