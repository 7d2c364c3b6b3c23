package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/pipeline/rulebook"
)

const (
	// previewScan bounds the events that a preview looks at, previewTime how long.
	previewScan = 50_000
	previewTime = 5 * time.Second
	page        = 1000
)

// Trial is a document that is tried; an empty spec's name stands for a document left out.
type Trial struct {
	Name string         `json:"name" minLength:"1" maxLength:"200"`
	Spec *rulebook.Spec `json:"spec,omitempty" doc:"Absent: as if there were no such document"`
}

// Preview is what matches a condition.
type Preview struct {
	Events   []PreviewEvent `json:"events" nullable:"false" doc:"The last that match, the newest first"`
	Matched  int            `json:"matched" doc:"Of those looked at"`
	Scanned  int            `json:"scanned" doc:"Recorded events that were looked at, the newest"`
	Since    *time.Time     `json:"since,omitempty" doc:"When the oldest of them arrived"`
	Complete bool           `json:"complete" doc:"All that is recorded was looked at"`
	Failed   int            `json:"failed" doc:"Events on which the condition could not be evaluated"`
	Failure  string         `json:"failure,omitempty"`
}

// PreviewEvent is a recorded event as it came in.
type PreviewEvent struct {
	ID      string         `json:"id"`
	Arrived time.Time      `json:"arrived"`
	Effect  string         `json:"effect" doc:"What it did, or what was done with it"`
	Event   rulebook.Event `json:"event"`
}

func shown(r rulebook.Recorded) PreviewEvent {
	return PreviewEvent{ID: r.ID, Arrived: r.At, Effect: r.Effect, Event: r.Event}
}

// Preview finds the last recorded events that match a condition.
func (c *Component) Preview(ctx context.Context, when string, limit int) (Preview, error) {
	set, err := c.compile([]rulebook.Document{{Name: "preview", Spec: rulebook.Spec{Rules: []rulebook.RuleSpec{{Name: "preview", When: when, Stop: true}}}}})
	if err != nil {
		return Preview{}, core.Invalid("when", ruleOf(err))
	}
	rule := set.Rules()[0]
	out := Preview{Events: []PreviewEvent{}}
	began := c.deps.Clock.Now()
	before := ""
	for out.Scanned < previewScan && c.deps.Clock.Now().Sub(began) < previewTime {
		list, err := c.deps.Events().Latest(ctx, before, page)
		if err != nil {
			return out, err
		}
		for _, r := range list {
			before = r.ID
			if r.Times == 0 {
				continue // made by a rule
			}
			out.Scanned++
			out.Since = &r.At
			if v := set.Shape(ctx, r.Event, r.At); len(v.Matched) > 0 {
				out.Matched++
				if len(out.Events) < limit {
					out.Events = append(out.Events, shown(r))
				}
			}
		}
		if len(list) < page {
			out.Complete = true
			break
		}
	}
	out.Failed = int(rule.Counts.Failed.Load())
	if text := rule.Counts.LastFailure.Load(); text != nil {
		out.Failure = *text
	}
	return out, nil
}

// compile makes a set for trying: its counts are its own.
func (c *Component) compile(docs []rulebook.Document) (*rulebook.Set, error) {
	_, tables, err := c.documents(context.Background())
	if err != nil {
		return nil, err
	}
	o := c.options(tables)
	o.Counts = nil
	return rulebook.Compile(docs, o)
}

// ruleOf is the rule that the first detail of an error names.
func ruleOf(err error) string {
	if e, ok := err.(*core.Error); ok && len(e.Details) > 0 {
		return e.Details[0].Rule
	}
	return err.Error()
}

// with are the stored documents with those that are tried in their places.
func with(stored []rulebook.Document, trials []Trial) []rulebook.Document {
	docs := slices.Clone(stored)
	for _, t := range trials {
		docs = slices.DeleteFunc(docs, func(d rulebook.Document) bool { return d.Name == t.Name })
		if t.Spec != nil {
			spec := *t.Spec
			spec.Enabled = nil // it is tried as if it were switched on
			docs = append(docs, rulebook.Document{Name: t.Name, Spec: spec})
		}
	}
	return docs
}

// drafts checks the documents that are tried and returns the set with them.
func (c *Component) drafts(ctx context.Context, trials []Trial) (*rulebook.Set, error) {
	var bad []core.Detail
	for i, t := range trials {
		if t.Spec == nil {
			continue
		}
		if e, ok := t.Spec.Validate().(*core.Error); ok && e != nil {
			for _, d := range e.Details {
				bad = append(bad, core.Detail{Field: fmt.Sprintf("documents[%d].%s", i, d.Field), Rule: d.Rule})
			}
		}
	}
	if err := core.InvalidAll(bad); err != nil {
		return nil, err
	}
	stored, _, err := c.documents(ctx)
	if err != nil {
		return nil, err
	}
	return c.compile(with(stored, trials))
}

// Stepped is one event followed through the rules.
type Stepped struct {
	Stages  []StepStage    `json:"stages" nullable:"false"`
	Before  rulebook.Event `json:"before"`
	After   rulebook.Event `json:"after"`
	Outcome string         `json:"outcome" doc:"What would become of it now" enum:"passes,dropped,discarded,remembered"`
	Left    []string       `json:"left" nullable:"false" doc:"What rules that remember would do with it, in order"`
	Clears  []string       `json:"clears" nullable:"false" doc:"Keys of alerts that it clears beside its own"`
	Asked   int            `json:"asked" doc:"Rules that act"`
}

// StepStage is one rule that matched, or failed.
type StepStage struct {
	Rule    string          `json:"rule" doc:"document/name"`
	Matched bool            `json:"matched"`
	Failure string          `json:"failure,omitempty"`
	Changes []StageChange   `json:"changes" nullable:"false"`
	After   *rulebook.Event `json:"after,omitempty"`
}

// StageChange is one field that a rule changed.
type StageChange struct {
	Field  string `json:"field"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Step follows one event through the rules, with those that are tried.
func (c *Component) Step(ctx context.Context, e rulebook.Event, trials []Trial) (Stepped, error) {
	set, err := c.drafts(ctx, trials)
	if err != nil {
		return Stepped{}, err
	}
	out := Stepped{Stages: []StepStage{}, Left: []string{}, Clears: []string{}, Before: e, Asked: len(set.Rules())}
	v := set.Follow(ctx, e, c.deps.Clock.Now(), func(r *rulebook.Rule, s rulebook.Stage) {
		one := StepStage{Rule: r.ID, Matched: s.Matched, Failure: s.Failure, Changes: []StageChange{}}
		for _, d := range rulebook.Differences(s.Before, s.After) {
			one.Changes = append(one.Changes, StageChange(d))
		}
		if s.Matched {
			one.After = &s.After
		}
		out.Stages = append(out.Stages, one)
	})
	out.After = v.Event
	out.Clears = append(out.Clears, v.Clears...)
	for _, s := range v.Steps {
		out.Left = append(out.Left, string(s.Does)+" by "+s.Rule)
	}
	switch {
	case v.Dropped != nil && v.Dropped.Spec.Discard:
		out.Outcome = "discarded"
	case v.Dropped != nil:
		out.Outcome = "dropped"
	case len(v.Steps) > 0:
		out.Outcome = "remembered"
	default:
		out.Outcome = "passes"
	}
	return out, nil
}
