package monitor

import (
	"context"
	"maps"
	"slices"

	"mainstay/internal/monitor/rules"
	"mainstay/internal/platform/metricstore"
)

// MetricRules tells the metric store's rules and alerts endpoints.
func (c *Component) MetricRules(ctx context.Context) ([]metricstore.RuleStatus, error) {
	units, err := c.store.ruleUnits(ctx, c.deps.DB, true)
	if err != nil {
		return nil, err
	}
	stored, err := c.store.allRuleAlerts(ctx, c.deps.DB)
	if err != nil {
		return nil, err
	}
	var out []metricstore.RuleStatus
	for _, u := range units {
		group, file := "mainstay", "mainstay"
		if u.file != "" {
			group, file = u.group, u.file
		}
		for _, r := range u.rules {
			st := metricstore.RuleStatus{
				Name: r.ready.Name, Record: r.ready.Record, Group: group, File: file, Query: r.ready.Expr, For: r.ready.For, KeepFiringFor: r.ready.Keep,
				Interval: u.interval, Limit: u.limit, Labels: mapOf(r.ready.Labels), Annotations: mapOf(r.ready.Annotations), Health: "unknown",
			}
			alerts := stored[r.rule.ID]
			if live := c.liveRule(r.rule.ID); live != nil {
				live.mu.Lock()
				alerts = live.alerts
				st.Evaluated, st.Took = live.at, live.took
				if !live.at.IsZero() {
					st.Health = "ok"
				}
				if live.err != nil {
					st.Health, st.LastError = "err", shown(live.err)
				}
				live.mu.Unlock()
			}
			for _, fp := range slices.Sorted(maps.Keys(alerts)) {
				a := alerts[fp]
				st.Alerts = append(st.Alerts, metricstore.RuleAlert{Labels: a.Labels, Annotations: a.Annotations, Firing: a.Firing, ActiveAt: a.ActiveAt, Value: a.Value})
			}
			out = append(out, st)
		}
	}
	return out, nil
}

func mapOf(texts []rules.Text) map[string]string {
	out := make(map[string]string, len(texts))
	for _, t := range texts {
		out[t.Name] = t.Value
	}
	return out
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
