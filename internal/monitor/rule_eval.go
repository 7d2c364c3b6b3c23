package monitor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/rules"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb"
)

const (
	// rulePrefix tells rules from targets in the schedule.
	rulePrefix = "rule:"
	// maxRuleAlerts bounds the series one rule may alert on, maxRecorded those it may write.
	maxRuleAlerts = 2000
	maxRecorded   = 100_000
	// maxBackoff is how many intervals a rule that takes too long may be passed over.
	maxBackoff = 8
)

// ruleBook evaluates metric rules. It has workers of its own: a rule that takes
// long keeps other rules waiting at most, never checks.
type ruleBook struct {
	e       *engine
	ready   *ready
	reuse   *reuse
	trouble *troubles
	resumed time.Time // when rules were last evaluated before the start

	done, failed, missed atomic.Int64 // evaluations of rules, and intervals of groups that passed unused

	mu      sync.RWMutex
	units   map[string]*liveUnit
	rules   map[string]*liveRule
	records map[string]int // by the name of the series that rules write
}

// liveUnit is a unit with the turn of its evaluation.
type liveUnit struct {
	*ruleUnit
	turn  sync.Mutex // one evaluation at a time
	rules []*liveRule
}

// liveRule is a rule with what it sees.
type liveRule struct {
	ready    *rules.Compiled
	selects  []string
	selectsX bool                        // it may select any series
	series   map[metricstore.Labels]bool // as last written; under the unit's turn
	backoff  int                         // intervals it is passed over after taking too long
	resume   time.Time

	mu     sync.Mutex
	rule   *Rule
	alerts map[string]ruleAlert
	err    error
	at     time.Time
	took   time.Duration
	fails  int // in a row
}

func newRuleBook(e *engine) *ruleBook {
	return &ruleBook{e: e, ready: newReady(), reuse: newReuse(), trouble: newTroubles(), units: map[string]*liveUnit{}, rules: map[string]*liveRule{}, records: map[string]int{}}
}

func (b *ruleBook) load(ctx context.Context) error {
	s, db := b.e.c.store, b.e.c.deps.DB
	var err error
	if b.resumed, err = s.rulesSeen(ctx, db); err != nil {
		return err
	}
	if err := b.trouble.load(ctx, db); err != nil {
		return err
	}
	units, err := s.ruleUnits(ctx, db, false)
	if err != nil {
		return err
	}
	known, err := s.allRuleAlerts(ctx, db)
	if err != nil {
		return err
	}
	for _, u := range units {
		b.enter(u, known, true)
	}
	return nil
}

// enter begins to evaluate a unit. After a start, time that nobody saw does not
// count.
func (b *ruleBook) enter(u *ruleUnit, known map[string]map[string]ruleAlert, start bool) {
	now := b.e.c.deps.Clock.Now()
	live := &liveUnit{ruleUnit: u}
	for _, r := range u.rules {
		one := &liveRule{ready: r.ready, rule: r.rule, alerts: known[r.rule.ID]}
		one.selects, one.selectsX = rules.Selects(r.ready.Expr)
		if start {
			one.alerts = r.ready.Restore(one.alerts, b.resumed, now)
		}
		live.rules = append(live.rules, one)
	}
	b.mu.Lock()
	b.units[u.id] = live
	for _, one := range live.rules {
		b.rules[one.rule.ID] = one
		if one.ready.Record {
			b.records[one.ready.Name]++
		}
	}
	b.mu.Unlock()
	b.e.schedule.Set(rulePrefix+u.id, slotAfter(u.seed, min(u.interval, max(b.e.c.cfg.FirstRun, time.Millisecond)), now), now)
}

// leave ends the evaluation of a unit; its series end.
func (b *ruleBook) leave(ctx context.Context, id string) {
	b.mu.Lock()
	live := b.units[id]
	delete(b.units, id)
	if live != nil {
		for _, one := range live.rules {
			if b.rules[one.rule.ID] == one {
				delete(b.rules, one.rule.ID)
			}
			if one.ready.Record {
				b.records[one.ready.Name]--
			}
		}
	}
	b.mu.Unlock()
	b.e.schedule.Remove(rulePrefix + id)
	if live == nil {
		return
	}
	live.turn.Lock() // an evaluation that runs ends with the old declaration
	defer live.turn.Unlock()
	now := b.e.c.deps.Clock.Now()
	for _, one := range live.rules {
		_ = b.write(ctx, one, nil, now)
	}
}

// reload takes up what became of a rule that is a document.
func (b *ruleBook) reload(ctx context.Context, id string) error {
	s, db := b.e.c.store, b.e.c.deps.DB
	r, err := s.ruleBy(ctx, db, id)
	if err != nil && core.CodeOf(err) != core.CodeNotFound {
		return err
	}
	b.e.outbox.nudge()
	b.leave(ctx, id)
	if err != nil || r.Spec.Disabled {
		return b.trouble.end(ctx, b.e, id, "the rule is not evaluated any more")
	}
	alerts, err := s.ruleAlerts(ctx, db, id)
	if err != nil {
		return err
	}
	b.enter(single(r), map[string]map[string]ruleAlert{id: alerts}, false)
	return nil
}

// reloadFile takes up what became of a rule file.
func (b *ruleBook) reloadFile(ctx context.Context, id string) error {
	s, db := b.e.c.store, b.e.c.deps.DB
	files, err := s.ruleFiles(ctx, db, "id = $1 AND NOT disabled", id)
	if err != nil {
		return err
	}
	b.e.outbox.nudge()
	b.mu.RLock()
	var old []string
	for key, live := range b.units {
		if live.fileID == id {
			old = append(old, key)
		}
	}
	b.mu.RUnlock()
	for _, key := range old {
		b.leave(ctx, key)
	}
	if len(files) > 0 {
		rows, err := s.rulesWhere(ctx, db, "file = $1", files[0].name)
		if err != nil {
			return err
		}
		known, err := s.allRuleAlerts(ctx, db)
		if err != nil {
			return err
		}
		for _, u := range files[0].units(rows) {
			b.enter(u, known, false)
		}
	}
	for _, key := range old {
		b.mu.RLock()
		still := b.units[key] != nil
		b.mu.RUnlock()
		if still {
			continue
		}
		if err := b.trouble.end(ctx, b.e, key, "the group is not evaluated any more"); err != nil {
			return err
		}
	}
	return nil
}

// work evaluates what is due until the queue is closed.
func (b *ruleBook) work(ctx context.Context) {
	for {
		j, ok := b.ready.pop()
		if !ok || ctx.Err() != nil {
			return
		}
		b.evaluate(ctx, j)
	}
}

// evaluate runs the rules of the unit of a job as of the moment it was due, and
// makes it due again.
func (b *ruleBook) evaluate(ctx context.Context, j job) {
	id := strings.TrimPrefix(j.key, rulePrefix)
	b.mu.RLock()
	u := b.units[id]
	b.mu.RUnlock()
	if u == nil {
		return
	}
	u.turn.Lock()
	defer u.turn.Unlock()
	at := j.at.Truncate(time.Millisecond)
	for _, r := range u.rules {
		if b.evaluateRule(ctx, u, r, at); ctx.Err() != nil {
			return
		}
	}
	if err := b.trouble.tell(ctx, b.e, u, at); err != nil && ctx.Err() == nil {
		b.e.c.deps.Log.Error("monitor: the trouble of rules cannot be told", "rules", u.name, "error", err)
	}
	b.mu.RLock()
	here := b.units[id] == u
	b.mu.RUnlock()
	if here {
		now := b.e.c.deps.Clock.Now()
		slot := b.e.schedule.Set(j.key, slotAfter(u.seed, u.interval, now), now)
		if skipped := int64(slot.Sub(j.slot)/u.interval) - 1; skipped > 0 {
			b.missed.Add(skipped)
		}
	}
}

// evaluateRule evaluates one rule; what goes wrong stays with it.
func (b *ruleBook) evaluateRule(ctx context.Context, u *liveUnit, r *liveRule, at time.Time) {
	if at.Before(r.resume) {
		return
	}
	limited, cancel := context.WithTimeout(ctx, b.e.c.cfg.RuleTimeout)
	defer cancel()
	began := b.e.c.deps.Clock.Now()
	fault, err := b.look(limited, r, at)
	if ctx.Err() != nil {
		return
	}
	b.done.Add(1)
	r.backoffAfter(limited.Err() != nil && err != nil, u.interval, at)
	switch {
	case err != nil && limited.Err() != nil:
		err = fmt.Errorf("the evaluation took longer than %v; it is tried again after %v", b.e.c.cfg.RuleTimeout, r.resume.Sub(at))
	case err == nil:
		err = fault
	}
	r.mu.Lock()
	r.err, r.at, r.took = err, at, b.e.c.deps.Clock.Now().Sub(began)
	r.fails++
	if err == nil {
		r.fails = 0
	}
	first := r.fails == 1
	r.mu.Unlock()
	if err != nil {
		b.failed.Add(1)
	}
	if first { // the alert says the rest
		b.e.c.deps.Log.Warn("monitor: a metric rule cannot be evaluated", "rule", r.rule.Name, "error", err)
	}
}

// backoffAfter passes a rule that took too long over for a while, longer each
// time: a handful of them must not use up the workers.
func (r *liveRule) backoffAfter(tooLong bool, interval time.Duration, at time.Time) {
	if !tooLong {
		r.backoff, r.resume = 0, time.Time{}
		return
	}
	r.backoff = min(max(1, 2*r.backoff), maxBackoff)
	r.resume = at.Add(time.Duration(r.backoff)*interval - interval/2).Truncate(time.Second)
	if !r.resume.After(at) {
		r.resume = at.Add(interval / 2)
	}
}

// look asks the metric store, stores what changed and writes the rule's series.
func (b *ruleBook) look(ctx context.Context, r *liveRule, at time.Time) (fault, err error) {
	if b.e.c.deps.Metrics == nil {
		return nil, core.Errorf(core.CodeUnavailable, "there is no metric store")
	}
	setting := b.setting(r)
	if r.ready.Record {
		setting.Most = maxRecorded
		samples, err := setting.Record(ctx, r.ready, at)
		if err != nil {
			return nil, err
		}
		return nil, b.write(ctx, r, samples, at)
	}
	r.mu.Lock()
	rule, before := r.rule, r.alerts
	r.mu.Unlock()
	seen, fault, err := setting.Look(ctx, r.ready, at)
	if err != nil {
		return nil, err
	}
	after, news := r.ready.Step(before, seen, at, at.Before(b.e.started.Add(b.e.c.cfg.RestoreGrace)))
	if err := r.ready.Within(after); err != nil {
		return nil, err
	}
	b.bind(ctx, before, after)
	if len(news) > 0 {
		if err := b.e.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error { return b.save(ctx, tx, rule, before, after, news, at) }); err != nil {
			return nil, err
		}
		b.e.outbox.nudge()
	}
	r.mu.Lock()
	r.alerts = after
	r.mu.Unlock()
	// The store raises its own alert when it takes nothing.
	if err := b.write(ctx, r, r.ready.Samples(after, at), at); err != nil && ctx.Err() == nil && core.CodeOf(err) != core.CodeUnavailable {
		b.e.c.deps.Log.Debug("monitor: the series of a rule's alerts are not stored", "rule", rule.Name, "error", err)
	}
	return fault, nil
}

// setting is what a rule is evaluated in.
func (b *ruleBook) setting(r *liveRule) rules.Setting {
	cfg := b.e.c.cfg
	ask := b.e.c.deps.Metrics.Query
	if b.shared(r) {
		ask = b.reuse.through(ask)
	}
	return rules.Setting{Query: ask, ExternalLabels: cfg.RuleExternalLabels, ExternalURL: cfg.RuleExternalURL, Most: maxRuleAlerts, Of: b.e.c.itemsOf}
}

// shared says that the answer to the rule's expression may be used by others
// that ask the same as of the same moment: no rule writes what it selects.
func (b *ruleBook) shared(r *liveRule) bool {
	if r.selectsX {
		return false
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, name := range r.selects {
		if b.records[name] > 0 || name == rules.AlertsSeries || name == rules.ForStateSeries {
			return false
		}
	}
	return true
}

// write stores the samples of a rule, and marks the series that it does not
// give any more as ended. The caller holds the unit's turn.
func (b *ruleBook) write(ctx context.Context, r *liveRule, samples []rules.Sample, at time.Time) error {
	samples, now := r.ready.Stale(r.series, samples, at)
	r.series = now
	if len(samples) == 0 || b.e.c.deps.Metrics == nil {
		return nil
	}
	numbers, histograms := rules.Split(samples)
	err := b.e.c.deps.Metrics.Append(ctx, numbers)
	if len(histograms) > 0 {
		err = errors.Join(err, b.e.c.deps.Metrics.AppendHistograms(ctx, histograms))
	}
	return err
}

// bind finds the items of alerts that do not name theirs.
func (b *ruleBook) bind(ctx context.Context, before, after map[string]ruleAlert) {
	if b.e.c.deps.Binder == nil {
		return
	}
	for fp, a := range after {
		if a.Labels["item"] != "" || a.Item != "" {
			continue
		}
		if a.Item = before[fp].Item; a.Item == "" {
			a.Item = b.e.c.deps.Binder.Bind(ctx, func(name string) string { return a.Labels[name] })
		}
		after[fp] = a
	}
}
