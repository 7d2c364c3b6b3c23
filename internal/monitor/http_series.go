package monitor

import (
	"context"
	"maps"
	"slices"
	"time"
)

// RuleSeries is one series that a rule sees now.
type RuleSeries struct {
	Key     string            `json:"key" doc:"of the alert it opens"`
	Labels  map[string]string `json:"labels" nullable:"false"`
	Item    string            `json:"item,omitempty" doc:"id of the item its labels name"`
	Title   string            `json:"title"`
	Details string            `json:"details,omitempty"`
	Value   float64           `json:"value"`
	Firing  bool              `json:"firing" doc:"it counts: an alert is open"`
	Since   time.Time         `json:"since" doc:"since when it is there"`
	Gone    time.Time         `json:"gone,omitzero" doc:"since when a series that still counts is missing"`
}

type seriesOutput struct {
	Body struct {
		Items []RuleSeries `json:"items" nullable:"false"`
	}
}

// httpRuleSeries answers with what a rule sees, what counts first.
func (c *Component) httpRuleSeries(ctx context.Context, in *ByID) (*seriesOutput, error) {
	r, err := c.visibleRule(ctx, in.ID, "read")
	if err != nil {
		return nil, err
	}
	alerts, err := c.ruleAlertsNow(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	out := &seriesOutput{}
	out.Body.Items = []RuleSeries{}
	for _, fp := range slices.Sorted(maps.Keys(alerts)) {
		a := alerts[fp]
		out.Body.Items = append(out.Body.Items, RuleSeries{Key: ruleKey(r.ID, fp), Labels: a.Labels, Item: itemOf(a), Title: a.Title,
			Details: a.Details, Value: a.Value, Firing: a.Firing, Since: a.ActiveAt, Gone: a.GoneAt})
	}
	slices.SortStableFunc(out.Body.Items, func(a, b RuleSeries) int {
		if a.Firing != b.Firing {
			if a.Firing {
				return -1
			}
			return 1
		}
		return a.Since.Compare(b.Since)
	})
	return out, nil
}

// ruleAlertsNow returns the series of a rule by fingerprint: from memory where
// the rule is evaluated, otherwise as they were stored.
func (c *Component) ruleAlertsNow(ctx context.Context, rule string) (map[string]ruleAlert, error) {
	live := c.liveRule(rule)
	if live == nil {
		return c.store.ruleAlerts(ctx, c.deps.DB, rule)
	}
	live.mu.Lock()
	defer live.mu.Unlock()
	return live.alerts, nil // replaced as a whole, never changed
}
