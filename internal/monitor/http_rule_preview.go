package monitor

import (
	"context"
	"errors"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/rules"
	"mainstay/internal/platform/probe"
)

const (
	// previewSteps bounds the moments a preview looks at, previewEpisodes what it lists.
	previewSteps    = 50_000
	previewEpisodes = 500
	previewItems    = 1000
	// previewTime bounds how long a preview may take; previewsAtOnce how many run.
	previewTime    = 20 * time.Second
	previewsAtOnce = 2
	// previewMost is how far back it may look.
	previewMost = 366 * 24 * time.Hour
)

// RuleTrial is a rule that is tried on history.
type RuleTrial struct {
	Spec RuleSpec  `json:"spec"`
	From time.Time `json:"from,omitzero" doc:"30 days ago when left out"`
	To   time.Time `json:"to,omitzero" doc:"now when left out"`
}

// RuleEpisode is a time in which the rule would have fired.
type RuleEpisode struct {
	Labels map[string]string `json:"labels" nullable:"false"`
	Item   string            `json:"item,omitempty" doc:"id of the item it would have been about"`
	Title  string            `json:"title"`
	Since  time.Time         `json:"since" doc:"when the series came"`
	From   time.Time         `json:"from" doc:"when it would have fired"`
	To     time.Time         `json:"to,omitzero" doc:"when it would have been over; absent while it lasts"`
	Peak   float64           `json:"peak" doc:"the value farthest from harmless"`
}

// PreviewProgress is how far a preview came.
type PreviewProgress struct {
	Until time.Time `json:"until"`
	Done  float64   `json:"done"` // of 1
	Fired int       `json:"fired"`
}

// RulePreview is what a rule would have done.
type RulePreview struct {
	From      time.Time      `json:"from"`
	To        time.Time      `json:"to"`
	Until     time.Time      `json:"until" doc:"how far the preview came in the time it may take"`
	Complete  bool           `json:"complete" doc:"it came to the end"`
	Step      probe.Duration `json:"step" doc:"between the moments that were looked at; the rule's interval, or longer over a long range"`
	Fired     int            `json:"fired" doc:"how often it would have fired"`
	Series    int            `json:"series" doc:"how many series the expression gave"`
	Episodes  []RuleEpisode  `json:"episodes" nullable:"false" doc:"the last 500, newest first"`
	Items     []string       `json:"items,omitempty" doc:"ids of the first thousand items of the rule's selector"`
	Chart     string         `json:"chart" doc:"the expression without its comparison"`
	Op        string         `json:"op,omitempty" doc:"the comparison" enum:">,>=,<,<=,==,!="`
	Threshold *float64       `json:"threshold,omitempty" doc:"what it compares with"`
	Took      probe.Duration `json:"took"`
}

type rulePreviewOutput struct{ Body RulePreview }

func (c *Component) httpPreviewRule(ctx context.Context, in *struct{ Body RuleTrial }) (*rulePreviewOutput, error) {
	preview, err := c.PreviewRule(ctx, in.Body, previewTime, nil)
	return &rulePreviewOutput{preview}, err
}

// PreviewRule evaluates a rule over history, as if it had been there, for as
// long as may be; told, when given, hears how far it came.
func (c *Component) PreviewRule(ctx context.Context, trial RuleTrial, most time.Duration, told func(PreviewProgress)) (RulePreview, error) {
	now := c.deps.Clock.Now()
	if trial.To.IsZero() || trial.To.After(now) {
		trial.To = now
	}
	if trial.From.IsZero() {
		trial.From = trial.To.Add(-30 * 24 * time.Hour)
	}
	f := faults{}
	if err := trial.Spec.validate("preview", c.cfg); err != nil {
		var e *core.Error
		if errors.As(err, &e) {
			f = append(f, e.Details...)
		}
	}
	if err := c.selects(ctx, trial.Spec.Items); err != nil {
		f.check(false, "spec.items", ruleOf(err))
	}
	f.check(trial.Spec.Record == "", "spec.record", "a rule that records does not fire")
	f.check(trial.From.Before(trial.To), "from", "must be before to")
	f.check(trial.To.Sub(trial.From) <= previewMost, "from", "must be at most a year before to")
	if err := core.InvalidAll(f); err != nil {
		return RulePreview{}, err
	}
	if c.deps.Metrics == nil {
		return RulePreview{}, core.Errorf(core.CodeUnavailable, "there is no metric store")
	}
	select {
	case c.previews <- struct{}{}:
		defer func() { <-c.previews }()
	case <-ctx.Done():
		return RulePreview{}, ctx.Err()
	}
	return c.preview(ctx, trial, most, told)
}

func (c *Component) preview(ctx context.Context, trial RuleTrial, most time.Duration, told func(PreviewProgress)) (RulePreview, error) {
	step := max(trial.Spec.interval(), time.Second)
	if least := trial.To.Sub(trial.From) / previewSteps; step < least {
		step = least.Truncate(time.Second) + time.Second
	}
	began := c.deps.Clock.Now()
	name := "preview"
	rule := (&Rule{Name: name, Spec: trial.Spec}).compile()
	replay := rules.Replay{Rule: rule, Range: c.deps.Metrics.QueryRange, From: trial.From.Truncate(step), To: trial.To.Truncate(step), Step: step, Most: 100_000,
		Setting: rules.Setting{Query: c.deps.Metrics.Query, ExternalLabels: c.cfg.RuleExternalLabels, ExternalURL: c.cfg.RuleExternalURL, Most: maxRuleAlerts, Of: c.itemsOf},
		Within:  func() bool { return c.deps.Clock.Now().Sub(began) < most }}
	if told != nil {
		replay.Told = func(until time.Time, fired int) {
			told(PreviewProgress{Until: until, Done: float64(until.Sub(replay.From)) / max(1, float64(replay.To.Sub(replay.From))), Fired: fired})
		}
	}
	limited, cancel := context.WithTimeout(ctx, 2*most)
	defer cancel()
	found, err := replay.Run(limited)
	if err != nil {
		return RulePreview{}, refused(ctx, err)
	}
	out := RulePreview{From: replay.From, To: replay.To, Until: found.Until, Complete: found.Until.Equal(replay.To), Step: probe.Duration(step), Fired: found.Fired,
		Series: found.Series, Episodes: []RuleEpisode{}, Chart: trial.Spec.Expr}
	if cond, ok := rules.ConditionOf(trial.Spec.Expr); ok {
		out.Chart, out.Op, out.Threshold = cond.Expr, cond.Op, &cond.Threshold
	}
	if trial.Spec.Items != "" {
		ids, err := c.deps.Items.Select(ctx, trial.Spec.Items)
		if err != nil {
			return RulePreview{}, err
		}
		out.Items = ids[:min(len(ids), previewItems)]
	}
	slices.SortFunc(found.Episodes, func(a, b rules.Episode) int { return b.From.Compare(a.From) })
	for _, e := range found.Episodes[:min(len(found.Episodes), previewEpisodes)] {
		one := RuleEpisode{Labels: e.Labels, Item: e.Labels["item"], Title: e.Title, Since: e.Since, From: e.From, To: e.To, Peak: finite(e.Peak)}
		if one.Item == "" && c.deps.Binder != nil {
			one.Item = c.deps.Binder.Bind(ctx, func(label string) string { return e.Labels[label] })
		}
		out.Episodes = append(out.Episodes, one)
	}
	out.Took = probe.Duration(c.deps.Clock.Now().Sub(began).Round(time.Millisecond))
	return out, nil
}

// finite is a value that JSON can write.
func finite(v float64) float64 {
	if v-v != 0 {
		return 0
	}
	return v
}

// refused is the error of a preview as the caller can act on it.
func refused(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var e *core.Error
	if errors.As(err, &e) {
		return err
	}
	return core.Invalid("spec.expr", err.Error())
}
