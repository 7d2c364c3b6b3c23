package tasks

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// verdict says how an attempt ended.
type verdict int

const (
	completed verdict = iota
	failed
	snoozed
	buried
	released // not carried out: the process stops
)

// outcome is what a finished handler reports to its lane.
type outcome struct {
	execution *execution
	verdict   verdict
	after     time.Duration // for failed and snoozed; 0 with failed is the backoff
	message   string
}

// execution is one attempt in this process. The lane owns it; the handler's
// goroutine only reports its outcome.
type execution struct {
	owner      string
	task       Task
	cancel     context.CancelCauseFunc
	leaseUntil time.Time
	completed  atomic.Bool // Task.Complete committed
}

// run calls the handler; a panic is a failed attempt.
func (e *execution) run(ctx context.Context, h Handler) (out outcome) {
	out.execution = e
	defer func() {
		if r := recover(); r != nil {
			out.verdict, out.message = failed, fmt.Sprintf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	err := h(ctx, e.task)
	var d *directive
	switch {
	case err == nil:
		out.verdict = completed
	case errors.Is(context.Cause(ctx), ErrStopping) && errors.Is(err, context.Canceled):
		out.verdict = released
	case errors.As(err, &d):
		out.verdict, out.after = d.verdict, d.after
		if d.cause != nil {
			out.message = err.Error()
		}
	default:
		out.verdict, out.message = failed, err.Error()
	}
	return out
}
