package monitor

import (
	"context"
	"sync"
	"time"

	"mainstay/internal/platform/metricstore"
)

// maxReuse bounds the answers that are kept.
const maxReuse = 256

// question is what the metric store is asked, and as of when.
type question struct {
	expr string
	at   int64
}

// answer is there once done is closed.
type answer struct {
	done chan struct{}
	res  metricstore.Result
	err  error
}

// reuse lets rules that ask the same as of the same moment share the answer.
// Readers must not change it.
type reuse struct {
	mu    sync.Mutex
	known map[question]*answer
	order []question
	saved int64 // questions that were not asked
}

func newReuse() *reuse { return &reuse{known: map[question]*answer{}} }

type asking func(ctx context.Context, expr string, at time.Time) (metricstore.Result, error)

func (r *reuse) through(ask asking) asking {
	return func(ctx context.Context, expr string, at time.Time) (metricstore.Result, error) {
		q := question{expr, at.UnixMilli()}
		r.mu.Lock()
		a, known := r.known[q]
		if !known {
			a = &answer{done: make(chan struct{})}
			r.known[q] = a
			r.order = append(r.order, q)
			if len(r.order) > maxReuse {
				delete(r.known, r.order[0])
				r.order = r.order[1:]
			}
		} else {
			r.saved++
		}
		r.mu.Unlock()
		if !known {
			a.res, a.err = ask(ctx, expr, at)
			if a.err != nil { // the next may fare better
				r.mu.Lock()
				if r.known[q] == a {
					delete(r.known, q)
				}
				r.mu.Unlock()
			}
			close(a.done)
			return a.res, a.err
		}
		select {
		case <-a.done:
		case <-ctx.Done():
			return metricstore.Result{}, ctx.Err()
		}
		if a.err != nil {
			return ask(ctx, expr, at)
		}
		return a.res, nil
	}
}

func (r *reuse) spared() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.saved
}
