package processing

import (
	"context"
	"sync"
	"time"

	"mainstay/internal/platform/expression"
	"mainstay/internal/platform/logstore"
)

// stage is the rules as they hold at a moment, in order.
type stage struct {
	rules    []*rule
	language *expression.Language
}

// tally is what one batch did to a rule's counts; it holds once the batch is stored.
type tally struct {
	matched, dropped, masked, failed int64
	fault                            string
}

// run takes a record through the rules.
func (s *stage) run(t *trial, tallies []tally) {
	stopped := false
	for i, r := range s.rules {
		if stopped && r.name != LastMasking {
			continue
		}
		wanted, err := s.wants(r, t)
		if err != nil {
			tallies[i].failed++
			tallies[i].fault = "when: " + err.Error()
		}
		if !wanted {
			continue
		}
		tallies[i].matched++
		before := t.masked
		for k, st := range r.steps {
			if err := st.do(t); err != nil {
				tallies[i].failed++
				tallies[i].fault = r.spec.Steps[k].name() + ": " + err.Error()
			}
			if t.dropped {
				tallies[i].dropped++
				return
			}
		}
		tallies[i].masked += int64(t.masked - before)
		stopped = stopped || r.spec.Stop
	}
}

// apply takes records through the rules; what is dropped is missing in the result.
func (s *stage) apply(ctx context.Context, receiver string, records []logstore.Record, now time.Time) ([]logstore.Record, []tally) {
	tallies := make([]tally, len(s.rules))
	out := make([]logstore.Record, 0, len(records))
	t := trial{ctx: ctx, receiver: receiver, now: now}
	for i := range records {
		t.record, t.owned, t.dropped, t.masked, t.object = records[i], false, false, 0, nil
		if s.run(&t, tallies); !t.dropped {
			out = append(out, t.record)
		}
	}
	return out, tallies
}

// count adds what a batch did.
func (s *stage) count(tallies []tally) {
	for i, n := range tallies {
		c := s.rules[i].counts
		if n.matched != 0 {
			c.matched.Add(n.matched)
			c.dropped.Add(n.dropped)
			c.masked.Add(n.masked)
		}
		if n.failed != 0 {
			c.failed.Add(n.failed)
			c.fault.Store(&n.fault)
		}
	}
}

// tap is a Writer that processes what is written through it.
type tap struct {
	c        *Component
	receiver string
	next     Writer
}

// Tap is a Writer for a receiver, whose records go on to next.
func (c *Component) Tap(receiver string, next Writer) Writer { return tap{c, receiver, next} }

func (t tap) Write(ctx context.Context, records []logstore.Record) (int, error) {
	s := t.c.stage.Load()
	out, tallies := s.apply(context.WithoutCancel(ctx), t.receiver, records, t.c.deps.Clock.Now())
	refused := 0
	if len(out) > 0 {
		var err error
		if refused, err = t.next.Write(ctx, out); err != nil {
			return 0, err
		}
	}
	t.c.passed.Add(int64(len(records)))
	s.count(tallies)
	return refused, nil
}

// Bounds of the names that automatic extraction makes fields of: a program that
// puts values into names must not make the store slow for all.
const (
	mostNames = 300 // of one app
	mostApps  = 5000
	longName  = 100
)

// names remembers which names of fields there are, by app.
type names struct {
	mu    sync.RWMutex
	known map[string]map[string]bool
}

// keep leaves out the fields whose names would be too many. It reorders fields in place.
func (n *names) keep(app string, fields []logstore.Field) []logstore.Field {
	n.mu.RLock()
	known := n.known[app]
	fresh := false
	for _, f := range fields {
		if !known[f.Name] {
			fresh = true
			break
		}
	}
	n.mu.RUnlock()
	if !fresh {
		return fields
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known == nil || n.known[app] == nil && len(n.known) >= mostApps {
		n.known = map[string]map[string]bool{}
	}
	// Readers may hold the old map: it is not changed.
	next := make(map[string]bool, len(n.known[app])+len(fields))
	for name := range n.known[app] {
		next[name] = true
	}
	out := fields[:0]
	for _, f := range fields {
		if !next[f.Name] {
			if len(next) >= mostNames || len(f.Name) > longName {
				continue
			}
			next[f.Name] = true
		}
		out = append(out, f)
	}
	n.known[app] = next
	return out
}
