package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"

	"mainstay/internal/core"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb"
)

// rulePrefix tells rules from targets in the schedule.
const rulePrefix = "rule:"

// maxRuleAlerts bounds the series one rule may alert on.
const maxRuleAlerts = 2000

// ruleBook evaluates metric rules.
type ruleBook struct {
	e *engine

	mu    sync.RWMutex
	rules map[string]*liveRule
}

// liveRule is a rule with what it sees.
type liveRule struct {
	turn   sync.Mutex                  // one evaluation at a time
	series map[metricstore.Labels]bool // of its alerts, as last written

	mu     sync.Mutex
	rule   *Rule
	alerts map[string]ruleAlert
	err    error
	at     time.Time
	took   time.Duration
}

func newRuleBook(e *engine) *ruleBook { return &ruleBook{e: e, rules: map[string]*liveRule{}} }

func (b *ruleBook) load(ctx context.Context) error {
	list, err := b.e.c.store.rulesWhere(ctx, b.e.c.deps.DB, "NOT disabled")
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := b.enter(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func (b *ruleBook) enter(ctx context.Context, r *Rule) error {
	alerts, err := b.e.c.store.ruleAlerts(ctx, b.e.c.deps.DB, r.ID)
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.rules[r.ID] = &liveRule{rule: r, alerts: alerts}
	b.mu.Unlock()
	b.e.schedule.Set(rulePrefix+r.ID, slotAfter(r.ID, min(r.Spec.interval(), max(b.e.c.cfg.FirstRun, time.Millisecond)), b.e.c.deps.Clock.Now()))
	return nil
}

func (b *ruleBook) reload(ctx context.Context, id string) error {
	r, err := b.e.c.store.ruleBy(ctx, b.e.c.deps.DB, id)
	if err != nil && core.CodeOf(err) != core.CodeNotFound {
		return err
	}
	b.e.outbox.nudge()
	b.mu.RLock()
	live := b.rules[id]
	b.mu.RUnlock()
	if live != nil {
		live.turn.Lock() // an evaluation that runs ends with the old declaration
		defer live.turn.Unlock()
		b.writeSeries(ctx, live, nil, b.e.c.deps.Clock.Now())
	}
	if err != nil || r.Spec.Disabled {
		b.mu.Lock()
		delete(b.rules, id)
		b.mu.Unlock()
		b.e.schedule.Remove(rulePrefix + id)
		return nil
	}
	return b.enter(ctx, r)
}

// evaluate runs one rule and makes it due again.
func (b *ruleBook) evaluate(ctx context.Context, id string, _ time.Time) {
	b.mu.RLock()
	live := b.rules[id]
	b.mu.RUnlock()
	if live == nil {
		return
	}
	live.turn.Lock()
	defer live.turn.Unlock()
	now := b.e.c.deps.Clock.Now()
	next, err := b.look(ctx, live, now)
	if ctx.Err() != nil {
		return
	}
	live.mu.Lock()
	live.err, live.at, live.took = err, now, b.e.c.deps.Clock.Now().Sub(now)
	if err == nil {
		live.alerts = next
	}
	rule := live.rule
	live.mu.Unlock()
	if err == nil {
		b.writeSeries(ctx, live, next, now)
	} else {
		b.e.c.deps.Log.Warn("monitor: a metric rule cannot be evaluated", "rule", rule.Name, "error", err)
	}
	b.mu.RLock()
	here := b.rules[id] == live
	b.mu.RUnlock()
	if here {
		b.e.schedule.Set(rulePrefix+id, slotAfter(id, rule.Spec.interval(), b.e.c.deps.Clock.Now()))
	}
}

// look asks the metric store and stores what changed.
func (b *ruleBook) look(ctx context.Context, live *liveRule, now time.Time) (map[string]ruleAlert, error) {
	live.mu.Lock()
	rule, before := live.rule, live.alerts
	live.mu.Unlock()
	if b.e.c.deps.Metrics == nil {
		return nil, core.Errorf(core.CodeUnavailable, "there is no metric store")
	}
	res, err := b.e.c.deps.Metrics.Query(ctx, rule.Spec.Expr, now)
	if err != nil {
		return nil, err
	}
	seen, err := b.seen(ctx, rule, res, now)
	if err != nil {
		return nil, err
	}
	after, news := step(rule.Spec, before, seen, now, now.Before(b.e.started.Add(b.e.c.cfg.RestoreGrace)))
	if len(news) == 0 {
		return after, nil
	}
	err = b.e.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error { return b.save(ctx, tx, rule, before, after, news, now) })
	if err != nil {
		return nil, err
	}
	b.e.outbox.nudge()
	return after, nil
}

// seen turns a query's result into alerts by fingerprint.
func (b *ruleBook) seen(ctx context.Context, rule *Rule, res metricstore.Result, now time.Time) (map[string]ruleAlert, error) {
	if len(res.Series) > maxRuleAlerts {
		return nil, fmt.Errorf("the expression gives %d series, more than %d", len(res.Series), maxRuleAlerts)
	}
	out := make(map[string]ruleAlert, len(res.Series))
	for _, s := range res.Series {
		if len(s.Points) == 0 {
			continue
		}
		value, own := s.Points[len(s.Points)-1].V, s.Labels.Map()
		expand := func(text string) string {
			text, err := expander(ctx, text, own, value, now, b.query).Expand()
			if err != nil {
				return "template: " + err.Error()
			}
			return text
		}
		all := maps.Clone(own)
		delete(all, labels.MetricName)
		for k, v := range rule.Spec.Labels {
			all[k] = expand(v)
		}
		fp := strconv.FormatUint(labels.FromMap(all).Hash(), 16)
		if _, twice := out[fp]; twice {
			return nil, fmt.Errorf("two series of the expression have the labels %v", all)
		}
		a := ruleAlert{Labels: all, Title: rule.Name, ActiveAt: now, Value: value}
		if rule.Spec.Title != "" {
			a.Title = expand(rule.Spec.Title)
		}
		a.Details = expand(rule.Spec.Details)
		if math.IsNaN(value) || math.IsInf(value, 0) {
			a.Value = 0 // JSON knows neither; the texts have them
		}
		out[fp] = a
	}
	return out, nil
}

// step is one evaluation: what counts afterwards, and which fingerprints must
// be stored or told. It has no side effects.
func step(spec RuleSpec, before, seen map[string]ruleAlert, now time.Time, grace bool) (after map[string]ruleAlert, news []string) {
	after = make(map[string]ruleAlert, len(seen))
	for fp, a := range seen {
		old, known := before[fp]
		if known {
			a.ActiveAt, a.Firing = old.ActiveAt, old.Firing
		}
		if !a.Firing && now.Sub(a.ActiveAt) >= spec.For.Std() {
			a.Firing = true
		}
		if !known || a.Firing != old.Firing || !old.GoneAt.IsZero() {
			news = append(news, fp)
		}
		after[fp] = a
	}
	for fp, old := range before {
		if _, there := seen[fp]; there {
			continue
		}
		if old.Firing {
			goneAt := old.GoneAt
			if goneAt.IsZero() {
				goneAt = now
			}
			if grace || now.Sub(goneAt) < spec.KeepFiringFor.Std() {
				if old.GoneAt.IsZero() && !grace {
					old.GoneAt = goneAt
					news = append(news, fp)
				}
				after[fp] = old
				continue
			}
		}
		news = append(news, fp)
	}
	slices.Sort(news)
	return after, news
}

// save stores the changed alerts, their ledger entries and events together.
func (b *ruleBook) save(ctx context.Context, tx *sqldb.Tx, rule *Rule, before, after map[string]ruleAlert, news []string, now time.Time) error {
	// A rule that was deleted or disabled meanwhile has already been ended.
	var live int
	err := tx.QueryRow(ctx, "SELECT count(*) FROM monitor_rule WHERE id = $1 AND version = $2 AND NOT disabled", rule.ID, rule.Version).Scan(&live)
	if err != nil || live == 0 {
		return err
	}
	for _, fp := range news {
		old, was := before[fp]
		a, is := after[fp]
		if is {
			raw, err := json.Marshal(a)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, "INSERT INTO monitor_rule_alert (rule_id, fingerprint, state) VALUES ($1,$2,$3) ON CONFLICT (rule_id, fingerprint) DO UPDATE SET state = excluded.state", rule.ID, fp, string(raw))
			if err != nil {
				return err
			}
		} else if _, err := tx.Exec(ctx, "DELETE FROM monitor_rule_alert WHERE rule_id = $1 AND fingerprint = $2", rule.ID, fp); err != nil {
			return err
		}
		switch {
		case is && a.Firing && !(was && old.Firing):
			err = b.tell(ctx, tx, rule, ruleEvent(rule, fp, a, now), "fires: "+a.Title)
		case !is && was && old.Firing:
			ev := ruleEvent(rule, fp, old, now)
			ev.Kind, ev.Severity = core.Cleared, core.Clear
			err = b.tell(ctx, tx, rule, ev, "is over: "+old.Title)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *ruleBook) tell(ctx context.Context, tx *sqldb.Tx, rule *Rule, ev core.Event, what string) error {
	data, err := json.Marshal(map[string]any{"rule": rule.ID, "name": rule.Name, "key": ev.Key, "severity": ev.Severity, "labels": ev.Labels, "item": ev.Item})
	if err != nil {
		return err
	}
	ev.ID = b.e.c.deps.IDs.New()
	ev.Cause, err = b.e.c.deps.Ledger.Append(ctx, tx, ledger.Entry{
		At: ev.At, Actor: ledger.System("monitor"), Module: "monitor", Type: "monitor.rule.changed",
		Subject: core.Ref{Kind: "metric-rule", ID: rule.ID}, Item: ev.Item, Team: rule.Spec.Team,
		Summary: "metric rule " + rule.Name + " " + what, Data: data,
	})
	if err != nil {
		return err
	}
	return b.e.c.store.enqueue(ctx, tx, ev)
}

// query lets templates ask for other series.
func (b *ruleBook) query(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
	res, err := b.e.c.deps.Metrics.Query(ctx, expr, at)
	if err != nil {
		return nil, err
	}
	var out promql.Vector
	for _, s := range res.Series {
		for _, p := range s.Points {
			out = append(out, promql.Sample{Metric: s.Labels, T: p.T.UnixMilli(), F: p.V})
		}
	}
	return out, nil
}

// MetricRules tells the metric store's rules and alerts endpoints.
func (c *Component) MetricRules(ctx context.Context) ([]metricstore.RuleStatus, error) {
	rules, err := c.store.rulesWhere(ctx, c.deps.DB, "1 = 1")
	if err != nil {
		return nil, err
	}
	out := make([]metricstore.RuleStatus, 0, len(rules))
	for _, r := range rules {
		st := metricstore.RuleStatus{
			Name: r.Name, Group: "mainstay", Query: r.Spec.Expr, For: r.Spec.For.Std(), KeepFiringFor: r.Spec.KeepFiringFor.Std(),
			Interval: r.Spec.interval(), Labels: r.Spec.Labels, Annotations: map[string]string{"title": r.Spec.Title, "details": r.Spec.Details}, Health: "unknown",
		}
		var alerts map[string]ruleAlert
		if live := c.liveRule(r.ID); live != nil {
			live.mu.Lock()
			alerts = live.alerts
			st.Evaluated, st.Took = live.at, live.took
			if !live.at.IsZero() {
				st.Health = "ok"
			}
			if live.err != nil {
				st.Health, st.LastError = "err", live.err.Error()
			}
			live.mu.Unlock()
		} else if alerts, err = c.store.ruleAlerts(ctx, c.deps.DB, r.ID); err != nil {
			return nil, err
		}
		for _, fp := range slices.Sorted(maps.Keys(alerts)) {
			a := alerts[fp]
			st.Alerts = append(st.Alerts, metricstore.RuleAlert{
				Labels: a.Labels, Annotations: map[string]string{"title": a.Title, "details": a.Details}, Firing: a.Firing, ActiveAt: a.ActiveAt, Value: a.Value,
			})
		}
		out = append(out, st)
	}
	return out, nil
}

func (c *Component) liveRule(id string) *liveRule {
	e := c.leader.Load()
	if e == nil {
		return nil
	}
	e.rules.mu.RLock()
	defer e.rules.mu.RUnlock()
	return e.rules.rules[id]
}
