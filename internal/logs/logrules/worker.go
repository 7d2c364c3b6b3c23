package logrules

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/metricstore"
)

// Round evaluates the rules that are due, one after another.
func (c *Component) Round(ctx context.Context) error {
	list, err := c.store.rules(ctx, c.deps.DB)
	if err != nil {
		return err
	}
	now := c.deps.Clock.Now().Add(-c.cfg.Lag)
	for _, r := range list {
		last := core.FromMicros(r.state.Last)
		if r.spec.Disabled && len(r.state.Open) == 0 || !r.spec.Disabled && r.state.Last != 0 && now.Sub(last) < r.spec.every() {
			continue
		}
		ask, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
		err := c.evaluate(ask, r, now)
		cancel()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.state.Error = ""
		if err != nil {
			r.state.Error = reason(err)
		}
		if err := c.store.saveState(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func reason(err error) string {
	if e, ok := err.(*core.Error); ok {
		text := e.Message
		for _, d := range e.Details {
			text += ": " + d.Field + " " + d.Rule
		}
		return text
	}
	return err.Error()
}

// evaluate changes the state of r only when all of it went well.
func (c *Component) evaluate(ctx context.Context, r *rule, now time.Time) error {
	query := c.queryOf(r.spec)
	next := state{Last: core.Micros(now), Totals: r.state.Totals, Open: r.state.Open}
	if r.spec.Disabled || r.spec.Event == nil {
		if err := c.clear(ctx, r, now); err != nil {
			return err
		}
		next.Open = nil
	}
	if r.spec.Disabled {
		r.state = next
		return nil
	}
	if r.spec.Metric != nil {
		from := core.FromMicros(r.state.Last)
		if oldest := now.Add(-10 * r.spec.every()); r.state.Last == 0 {
			from = now.Add(-r.spec.every())
		} else if from.Before(oldest) {
			from = oldest // after a long pause: what was missed is not made up for
		}
		counts, over, err := c.count(ctx, query, r.spec, from, now)
		if err != nil {
			return err
		}
		next.Over = over
		if next.Totals, err = c.measure(ctx, r, counts, now); err != nil {
			return err
		}
	}
	if r.spec.Event != nil {
		counts, over, err := c.count(ctx, query, r.spec, now.Add(-r.spec.Event.window()), now)
		if err != nil {
			return err
		}
		next.Over = max(next.Over, over)
		if next.Open, err = c.judge(ctx, r, counts, now); err != nil {
			return err
		}
	}
	r.state = next
	return nil
}

// group is a combination of field values and how many records have it.
type group struct {
	labels map[string]string
	count  int64
}

// queryOf is the filter of a rule, in parentheses. What follows a # in a line
// is a comment, so the last one stands alone.
func (c *Component) queryOf(s Spec) string {
	query := s.Query
	if s.Pattern != "" {
		query = c.deps.Patterns.QueryOf(s.Pattern)
	}
	if strings.Contains(query, "#") {
		query += "\n"
	}
	return "(" + query + ")"
}

func (c *Component) count(ctx context.Context, query string, spec Spec, from, to time.Time) (map[string]group, int, error) {
	fields := spec.fields()
	quoted := make([]string, len(fields))
	for i, f := range fields {
		quoted[i] = strconv.Quote(f)
	}
	expr := query + " | stats by (" + strings.Join(quoted, ", ") + ") count() as lines"
	out, over := map[string]group{}, 0
	for row, err := range c.deps.Logs.Query(ctx, logstore.Query{Expr: expr, Start: from, End: to.Add(-time.Nanosecond), Only: c.only(spec)}) {
		if err != nil {
			return nil, 0, err
		}
		n, err := strconv.ParseInt(row["lines"], 10, 64)
		if err != nil {
			return nil, 0, fmt.Errorf("the log store counted %q records", row["lines"])
		}
		if n == 0 {
			continue
		}
		if len(out) >= c.cfg.MaxGroups {
			over++
			continue
		}
		key, labels := groupOf(fields, row)
		out[key] = group{labels, n}
	}
	return out, over, nil
}

// only are the datasets a rule is about; nil is all.
func (c *Component) only(spec Spec) []string {
	if len(spec.Datasets) > 0 || c.deps.Datasets == nil {
		return spec.Datasets
	}
	return c.deps.Datasets.Common()
}

// measure adds the counts to the totals and stores all of them, so that a
// series that nothing is added to stays.
func (c *Component) measure(ctx context.Context, r *rule, counts map[string]group, now time.Time) (map[string]float64, error) {
	totals := map[string]float64{}
	for key, n := range r.state.Totals {
		totals[key] = n
	}
	for key, g := range counts {
		if _, known := totals[key]; known || len(totals) < c.cfg.MaxGroups {
			totals[key] += float64(g.count)
		}
	}
	var samples []metricstore.Sample
	for key, n := range totals {
		labels := map[string]string{}
		if err := json.Unmarshal([]byte(key), &labels); err != nil {
			return nil, err
		}
		named := map[string]string{"rule": r.name}
		for field, v := range labels {
			named[strings.ReplaceAll(field, ".", "_")] = v
		}
		samples = append(samples, metricstore.Sample{Labels: metricstore.LabelsOf(r.spec.Metric.Name, named), T: now, V: n})
	}
	if len(samples) == 0 {
		return totals, nil
	}
	return totals, c.deps.Metrics.Append(ctx, samples)
}

// judge opens what is above the threshold and clears what is not any more.
func (c *Component) judge(ctx context.Context, r *rule, counts map[string]group, now time.Time) (map[string]core.Event, error) {
	open := map[string]core.Event{}
	var events []core.Event
	for key, g := range counts {
		if g.count <= r.spec.Event.Above {
			continue
		}
		e := core.Event{At: now, Source: "logrule", Kind: core.Problem, Severity: r.spec.Event.Severity, Key: "logrule:" + r.id + ":" + key,
			Title: r.spec.Event.Title, Item: g.labels["item"], Labels: g.labels,
			Description: fmt.Sprintf("%d log records in %s match the rule %s, more than %d", g.count, r.spec.Event.window(), r.name, r.spec.Event.Above)}
		open[key] = e
		events = append(events, e)
	}
	for key, e := range r.state.Open {
		if _, still := open[key]; still {
			continue
		}
		events = append(events, cleared(e, now, "the log records of the rule "+r.name+" are no longer too many"))
	}
	if len(events) == 0 {
		return open, nil
	}
	return open, c.deps.Events.Accept(ctx, events)
}

// clear ends all that a rule has open.
func (c *Component) clear(ctx context.Context, r *rule, now time.Time) error {
	var events []core.Event
	for _, e := range r.state.Open {
		events = append(events, cleared(e, now, "the log rule "+r.name+" opens no alerts any more"))
	}
	if len(events) == 0 {
		return nil
	}
	return c.deps.Events.Accept(ctx, events)
}

func cleared(e core.Event, now time.Time, why string) core.Event {
	e.ID, e.At, e.Kind, e.Description = "", now, core.Cleared, why
	return e
}
