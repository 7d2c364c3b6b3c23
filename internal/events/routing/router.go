package routing

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Configuration bounds the router.
type Configuration struct {
	StartDelay time.Duration `yaml:"startDelay" json:"startDelay"` // after a start or the first document, before the first notification
	MaxGroups  int           `yaml:"maxGroups" json:"maxGroups"`   // groups at the same time; what exceeds it is counted, not told of
}

// Defaults suit most.
func Defaults() Configuration { return Configuration{MaxGroups: 100_000} }

// Router tells receivers of alerts. It is safe for concurrent use.
type Router struct {
	config Configuration
	deps   Dependencies

	mu     sync.Mutex
	plan   *Plan // nil: nobody is told
	groups map[string]*group
	member map[string][]*group // by an alert's key
	queue  queue
	begins time.Time

	woken    chan struct{}
	running  context.Context
	stop     context.CancelFunc
	work     sync.WaitGroup
	refused  atomic.Int64
	sent     atomic.Int64
	failures atomic.Int64
}

// Counts is what went out since the start.
type Counts struct {
	Groups  int   `json:"groups"`  // now
	Sent    int64 `json:"sent"`    // notifications delivered
	Failed  int64 `json:"failed"`  // attempts that failed
	Refused int64 `json:"refused"` // alerts without a group because there were too many groups
}

// New makes a router; nothing runs until Start.
func New(config Configuration, deps Dependencies) *Router {
	return &Router{config: config, deps: deps, groups: map[string]*group{}, member: map[string][]*group{}, woken: make(chan struct{}, 1)}
}

// Counts tells what went out since the start.
func (r *Router) Counts() Counts {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Counts{len(r.groups), r.sent.Load(), r.failures.Load(), r.refused.Load()}
}

// Start begins to tell receivers. owned says that no other process uses the
// database: what a dead one has claimed is free.
func (r *Router) Start(ctx context.Context, owned bool) error {
	if owned {
		if _, err := r.exec(ctx, "UPDATE events_notification SET claimed_by = '', claimed_until = 0 WHERE claimed_by <> ''"); err != nil {
			return err
		}
	}
	r.mu.Lock()
	r.begins = r.deps.Clock.Now().Add(r.config.StartDelay)
	for _, g := range r.groups {
		r.schedule(g, g.due)
	}
	r.mu.Unlock()
	r.running, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	r.work.Go(func() { r.run(r.running) })
	return nil
}

// Stop ends what is under way: what was not told is told after the next start.
func (r *Router) Stop() {
	if r.stop != nil {
		r.stop()
		r.work.Wait()
	}
}

// Plan returns what is routed by; nil when nothing is.
func (r *Router) Plan() *Plan {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.plan
}

// Apply routes by another plan from now on. Groups are made anew of the alerts,
// and their clocks start again.
func (r *Router) Apply(p *Plan, alerts []*Alert) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := map[string]*Alert{} // resolved but not told of yet
	for _, g := range r.groups {
		for key, a := range g.alerts {
			kept[key] = a
		}
		g.gone = true
	}
	for _, a := range alerts {
		kept[a.Key] = a
	}
	now := r.deps.Clock.Now()
	if r.plan == nil {
		r.begins = now.Add(r.config.StartDelay)
	}
	r.plan = p
	r.groups, r.member, r.queue = map[string]*group{}, map[string][]*group{}, nil
	for _, a := range kept {
		r.place(a, now, true)
	}
	r.wake()
}

// Put makes an alert known, as it is now.
func (r *Router) Put(alerts ...*Alert) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.deps.Clock.Now()
	for _, a := range alerts {
		r.place(a, now, false)
	}
}

// place finds the groups of an alert. One that is over already matters only if
// somebody may have been told of it.
func (r *Router) place(a *Alert, now time.Time, told bool) {
	if r.plan == nil {
		return
	}
	before := r.member[a.Key]
	if len(before) == 0 && a.ResolvedAt(now) && !told {
		return
	}
	var next []*group
	for _, n := range r.plan.root.match(a.Labels) {
		if g := r.join(n, a, now); g != nil && !slices.Contains(next, g) {
			next = append(next, g)
		}
	}
	for _, g := range before {
		if !slices.Contains(next, g) {
			r.leave(g, a.Key) // its labels have changed
		}
	}
	if len(next) > 0 {
		r.member[a.Key] = next
	}
}

func (r *Router) wake() {
	select {
	case r.woken <- struct{}{}:
	default:
	}
}

// run flushes groups when they are due.
func (r *Router) run(ctx context.Context) {
	timer := r.deps.Clock.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		due := r.flushDue(ctx)
		timer.Reset(due.Sub(r.deps.Clock.Now()))
		if !due.After(r.deps.Clock.Now()) {
			continue // the clock went on, perhaps before it knew of the timer
		}
		select {
		case <-ctx.Done():
			return
		case <-r.woken:
		case <-timer.C():
		}
	}
}

// flushDue starts on the groups that are due and tells when the next is.
func (r *Router) flushDue(ctx context.Context) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.queue) > 0 {
		g := r.queue[0]
		now := r.deps.Clock.Now()
		if g.due.After(now) {
			return g.due
		}
		r.schedule(g, now.Add(g.node.groupInterval))
		if g.flushing {
			continue // the last notification is still being tried; its time is up soon
		}
		g.flushing = true
		plan := r.plan
		r.work.Go(func() { r.flush(ctx, plan, g, now) })
	}
	return r.deps.Clock.Now().Add(time.Hour)
}
