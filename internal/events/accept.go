package events

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"mainstay/internal/core"
)

// Result is what became of one event of a batch.
type Result struct {
	Effect Effect
	Errors []core.Detail // why it was refused; empty when it was taken
}

// Accept takes events in. When it returns nil all of them are durable and
// their alerts are up to date. An event that breaks a rule is refused alone:
// the others are kept, and the error names each refused one as events[i].
// While the queue is full Accept waits, until ctx ends.
func (c *Component) Accept(ctx context.Context, list []core.Event) error {
	observations := make([]observation, len(list))
	for i := range list {
		observations[i].Event = list[i]
	}
	results, err := c.accept(ctx, observations, "events")
	if err != nil {
		return err
	}
	var bad []core.Detail
	for _, r := range results {
		bad = append(bad, r.Errors...)
	}
	return core.InvalidAll(bad)
}

// accept is Accept with a result for each observation.
func (c *Component) accept(ctx context.Context, list []observation, name string) ([]Result, error) {
	now := c.deps.Clock.Now()
	results := make([]Result, len(list))
	taken := make([]int, 0, len(list))
	observations := make([]*observation, 0, len(list))
	for i := range list {
		o := &list[i]
		o.complete(now, c.config.Alerts)
		if bad := o.check(fmt.Sprintf("%s[%d].", name, i)); len(bad) > 0 {
			results[i].Errors = bad
			continue
		}
		c.bind(ctx, o)
		observations = append(observations, o)
		taken = append(taken, i)
	}
	c.metrics.received.Add(int64(len(list)))
	c.metrics.refused.Add(int64(len(list) - len(taken)))
	for len(observations) > 0 {
		n := min(len(observations), c.config.Intake.Batch)
		s := &submission{observations: observations[:n], done: make(chan error, 1)}
		if err := c.intake.submit(ctx, s); err != nil {
			return results, err
		}
		for i, effect := range s.results {
			results[taken[i]].Effect = effect
		}
		observations, taken = observations[n:], taken[n:]
	}
	return results, nil
}

// bind finds the item of an observation, lets the event rules act on it, and
// finds its team and what holds it back.
func (c *Component) bind(ctx context.Context, o *observation) {
	if o.Item == "" && len(o.Identities) > 0 {
		o.Item = c.resolver.find(ctx, o.Identities)
	}
	c.shape(ctx, o)
	c.place(ctx, o)
}

// place finds the team of a problem, and what holds it back.
func (c *Component) place(ctx context.Context, o *observation) {
	if o.Kind != core.Problem || o.verdict != nil && o.verdict.Dropped != nil {
		return
	}
	if o.Item != "" && o.Team == "" {
		o.Team = c.deps.Items.Team(o.Item)
	}
	o.Suppressed = c.suppressor.judge(ctx, o.Item, o.matchable, o.Received)
}

// matchable are the labels silences match on: the sender's, and what every
// alert has. An alert of Prometheus has its own name and severity, or none.
func matchable(labels map[string]string, title, item, source string, severity core.Severity) map[string]string {
	more := map[string]string{"item": item, "source": source}
	if source != alertmanagerSource {
		more["alertname"], more["severity"] = title, severity.String()
	}
	for name, value := range more {
		if _, known := labels[name]; known || value == "" {
			delete(more, name)
		}
	}
	if len(more) == 0 {
		return labels
	}
	maps.Copy(more, labels)
	return more
}

func (o *observation) matchable() map[string]string {
	return matchable(o.Labels, o.Title, o.Item, o.Source, o.Severity)
}

func (a *Alert) matchable() map[string]string {
	return matchable(a.Labels, a.Title, a.Item, a.Source, a.Severity)
}

// distinctKeys lists the keys of the observations that are not known to repeat.
func distinctKeys(acts []act, known map[*observation]*Alert) []string {
	seen := map[string]bool{}
	var keys []string
	for _, a := range acts {
		if o := a.o; a.acts() && known[o] == nil && !seen[o.Key] {
			seen[o.Key] = true
			keys = append(keys, o.Key)
		}
	}
	return slices.Clip(keys)
}
