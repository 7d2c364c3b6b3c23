package tasks

import (
	"errors"
	"time"
)

// ErrLeaseLost says that the task belongs to another attempt by now.
var ErrLeaseLost = errors.New("tasks: the lease is lost")

// ErrStopping is the cause a handler's context ends with when the process stops.
var ErrStopping = errors.New("tasks: stopping")

// directive is an error that tells the queue what to do next.
type directive struct {
	verdict verdict
	after   time.Duration
	cause   error
}

func (d *directive) Error() string {
	if d.cause == nil {
		return "tasks: not yet"
	}
	return d.cause.Error()
}

func (d *directive) Unwrap() error { return d.cause }

// Snooze is returned by a handler that has nothing to do yet: it runs again
// after d, and no failure is counted.
func Snooze(d time.Duration) error { return &directive{verdict: snoozed, after: d} }

// RetryAfter is a failure that chooses its own delay.
func RetryAfter(cause error, d time.Duration) error {
	return &directive{verdict: failed, after: d, cause: cause}
}

// Permanent is a failure that no retry can mend: the task is dead at once.
func Permanent(cause error) error { return &directive{verdict: buried, cause: cause} }
