package monitor

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
)

// engine runs all checks and rules of an installation. There is one.
type engine struct {
	c        *Component
	head     int64 // position in the ledger at which the engine was loaded
	started  time.Time
	schedule *schedule
	ready    *ready
	writer   *writer
	outbox   *outbox
	rules    *ruleBook

	crew     *crew
	inbox    *inboxReader
	absences *absences
	delays   delays

	helpers   sync.WaitGroup // runs that were asked for elsewhere
	reloading sync.Mutex     // one alignment of targets at a time

	mu      sync.RWMutex
	checks  map[string]*Check    // by id
	names   map[string]string    // name to id
	targets map[string]*target   // by id
	of      map[string][]*target // by check id
	onItem  map[string][]*target // by item
	wide    map[string]bool      // ids of checks that any change of the graph may concern
}

func newEngine(c *Component) *engine {
	e := &engine{
		c:        c,
		schedule: newSchedule(c.deps.Clock),
		ready:    newReady(),
		checks:   map[string]*Check{}, names: map[string]string{}, targets: map[string]*target{}, of: map[string][]*target{},
		onItem: map[string][]*target{}, wide: map[string]bool{},
	}
	e.crew = &crew{patience: c.cfg.Patience, most: c.cfg.SlowWorkers}
	e.inbox = newInboxReader(e)
	e.absences = &absences{store: c.store}
	e.outbox = &outbox{db: c.deps.DB, sink: c.deps.Events, clock: c.deps.Clock, log: c.deps.Log, wake: make(chan struct{}, 1)}
	e.writer = newWriter(c, e.outbox)
	e.rules = newRuleBook(e)
	return e
}

// load reads everything that is declared and known.
func (e *engine) load(ctx context.Context) error {
	e.started = e.c.deps.Clock.Now()
	var err error
	if e.head, err = e.c.deps.Ledger.Head(ctx); err != nil {
		return err
	}
	if err := e.absences.load(ctx, e.started); err != nil {
		return err
	}
	checks, err := e.c.store.checks(ctx)
	if err != nil {
		return err
	}
	rows, err := e.c.store.targetRows(ctx, e.c.deps.DB, "1 = 1")
	if err != nil {
		return err
	}
	byCheck := map[string][]targetRow{}
	for _, r := range rows {
		byCheck[r.CheckID] = append(byCheck[r.CheckID], r)
	}
	for _, check := range checks {
		e.adopt(ctx, check, byCheck[check.ID])
	}
	return e.rules.load(ctx)
}

// run works until ctx ends, and stores what is finished before it returns.
func (e *engine) run(ctx context.Context) {
	var producers, writers sync.WaitGroup
	writing, stopWriting := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWriting()
	writers.Go(func() { e.writer.run(writing) })
	producers.Go(func() { e.outbox.run(ctx) })
	producers.Go(func() { e.follow(ctx) })
	producers.Go(func() { e.settle(ctx) })
	producers.Go(func() { e.measureItself(ctx) })
	producers.Go(func() { e.occurrences(ctx) })
	producers.Go(func() { e.inbox.run(ctx) })
	producers.Go(func() { e.pulse(ctx) })
	producers.Go(func() {
		e.schedule.run(ctx, func(j job) {
			if strings.HasPrefix(j.key, rulePrefix) {
				e.rules.ready.push(j)
			} else {
				e.ready.push(j)
			}
		}, e.jumped)
	})
	hire := func() { producers.Go(func() { e.work(ctx) }) }
	e.crew.hire = hire
	for range e.c.cfg.Workers {
		hire()
	}
	for range e.c.cfg.RuleWorkers {
		producers.Go(func() { e.rules.work(ctx) })
	}
	producers.Go(func() { e.rules.noteSeen(ctx) })
	<-ctx.Done()
	e.ready.close()
	e.rules.ready.close()
	producers.Wait()
	e.helpers.Wait()
	stopWriting()
	writers.Wait()
}

// work runs what is ready, until somebody takes over because a run takes long.
func (e *engine) work(ctx context.Context) {
	for {
		j, ok := e.ready.pop()
		if !ok || ctx.Err() != nil {
			return
		}
		if replaced := e.crew.do(func() { e.runJob(ctx, j) }); replaced {
			return
		}
	}
}

func (e *engine) runJob(ctx context.Context, j job) {
	e.mu.RLock()
	t := e.targets[j.key]
	e.mu.RUnlock()
	if t != nil {
		e.runDue(ctx, t, j)
	}
}

// follow keeps up with declarations and the graph.
func (e *engine) follow(ctx context.Context) {
	e.c.deps.Ledger.KeepFollowing(ctx, "monitor", e.head, concerns, func(entry ledger.Entry) error {
		e.heard(ctx, entry)
		return nil
	})
}

func concerns(entry *ledger.Entry) bool {
	switch entry.Type {
	case "monitor.check.created", "monitor.check.updated", "monitor.check.deleted",
		requested, "monitor.rule.created", "monitor.rule.updated", "monitor.rule.deleted",
		"monitor.rulefile.created", "monitor.rulefile.updated", "monitor.rulefile.deleted":
		return true
	}
	return strings.HasPrefix(entry.Type, "graph.item.") || strings.HasPrefix(entry.Type, "graph.relation.")
}

func (e *engine) heard(ctx context.Context, entry ledger.Entry) {
	var err error
	switch {
	case entry.Type == requested:
		e.helpers.Go(func() { e.answer(ctx, entry) })
	case strings.HasPrefix(entry.Type, "monitor.check."):
		err = e.reload(ctx, entry.Subject.ID)
	case strings.HasPrefix(entry.Type, "monitor.rule."):
		err = e.rules.reload(ctx, entry.Subject.ID)
	case strings.HasPrefix(entry.Type, "monitor.rulefile."):
		err = e.rules.reloadFile(ctx, entry.Subject.ID)
	default:
		e.graphChanged(entry)
	}
	if err != nil {
		e.c.deps.Log.Error("monitor: a change cannot be loaded", "entry", entry.ID, "type", entry.Type, "error", err)
	}
}

func (e *engine) pause(ctx context.Context, d time.Duration) {
	timer := e.c.deps.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C():
	}
}

// find returns the targets that a check's id, its name or a target's id means.
func (e *engine) find(ref string) []*target {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if list := e.of[ref]; len(list) > 0 {
		return slices.Clone(list)
	}
	if t := e.targets[ref]; t != nil {
		return []*target{t}
	}
	return slices.Clone(e.of[e.names[ref]])
}

// heardOf says that a check runs here as it is declared now.
func (e *engine) heardOf(check *Check) bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	known := e.checks[check.ID]
	return known != nil && known.Version == check.Version
}

// runNow runs the targets that ref means, at once.
func (e *engine) runNow(ctx context.Context, ref string) (Result, error) {
	check, err := e.c.store.checkBy(ctx, e.c.deps.DB, ref)
	if err != nil {
		return Result{}, err
	}
	list := e.find(ref)
	if len(list) == 0 || !e.heardOf(check) {
		if err := e.reload(ctx, check.ID); err != nil {
			return Result{}, err
		}
		if list = e.find(ref); len(list) == 0 {
			return Result{}, core.Errorf(core.CodeConflict, "check %q is disabled or has no item to check", check.Name)
		}
	}
	var worst Result
	for i, t := range list {
		if t.pushed() {
			return Result{}, core.Errorf(core.CodeConflict, "the check is not run: its results come from outside")
		}
		select {
		case t.turn <- struct{}{}:
		case <-ctx.Done():
			return Result{}, ctx.Err()
		}
		res, stored, err := e.execute(ctx, t, true)
		<-t.turn
		if err != nil {
			return Result{}, err
		}
		select {
		case <-stored:
		case <-ctx.Done():
			return Result{}, ctx.Err()
		}
		if i == 0 || res.Status.worse(worst.Status) {
			worst = res
		}
	}
	return worst, nil
}
