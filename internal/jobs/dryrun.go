package jobs

import (
	"context"
	"encoding/json"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/expression"
	"mainstay/internal/platform/ledger"
)

// TestRequest says what to try a remediation on: one situation or alert, or
// everything the ledger recorded since a time.
type TestRequest struct {
	Spec      json.RawMessage `json:"spec,omitempty" doc:"Tried instead of the stored remediation"`
	Situation string          `json:"situation,omitempty"`
	Alert     string          `json:"alert,omitempty"`
	Since     time.Time       `json:"since,omitzero" doc:"The last 24 hours when nothing is said"`
}

// mostTested bounds the entries of one test.
const mostTested = 500

// TestReport tells, entry by entry, what the remediation would have done.
type TestReport struct {
	Entries []TestedEntry `json:"entries" nullable:"false"`
	Applied int           `json:"applied" doc:"Entries for which the condition holds"`
	Capped  bool          `json:"capped,omitempty" doc:"There were more entries; the newest were tried"`
}

// TestedEntry is one recorded moment.
type TestedEntry struct {
	Entry      string         `json:"entry"`
	Seq        int64          `json:"seq"`
	At         time.Time      `json:"at"`
	Type       string         `json:"type"`
	Subject    string         `json:"subject"`
	Item       string         `json:"item,omitempty"`
	Applies    bool           `json:"applies"`
	Why        string         `json:"why"`
	Parameters map[string]any `json:"parameters,omitempty"`
	Guard      string         `json:"guard,omitempty" doc:"The guard that would hold it back now"`
	GuardWhy   string         `json:"guardWhy,omitempty"`
}

// Test tries a remediation against the ledger. Conditions see the recorded
// data; the item and the guards are as they are now.
func (c *Component) Test(ctx context.Context, name string, req TestRequest) (report TestReport, err error) {
	r, err := c.tested(ctx, name, req.Spec)
	if err != nil {
		return report, err
	}
	q := ledger.Query{Types: []string{"events." + r.on() + "."}, Since: req.Since, Limit: mostTested}
	switch {
	case req.Situation != "":
		q.Subject = core.Ref{Kind: OnSituation, ID: req.Situation}
	case req.Alert != "":
		q.Subject = core.Ref{Kind: OnAlert, ID: req.Alert}
	case req.Since.IsZero():
		q.Since = c.deps.Clock.Now().Add(-24 * time.Hour)
	}
	if scope := auth.From(ctx).Scope("jobs:read"); !scope.All {
		q.Scoped, q.Teams = true, scope.Teams
	}
	entries, err := c.deps.Ledger.List(ctx, q)
	if err != nil {
		return report, err
	}
	report.Entries, report.Capped = []TestedEntry{}, len(entries) == mostTested
	for _, e := range entries {
		s, over, ok := subjectOf(e)
		if !ok || over {
			continue
		}
		t := TestedEntry{Entry: e.ID, Seq: e.Seq, At: e.At, Type: e.Type, Subject: s.id, Item: s.item}
		if err := c.test(ctx, name, r, s, &t); err != nil {
			return report, err
		}
		if t.Applies {
			report.Applied++
		}
		report.Entries = append(report.Entries, t)
	}
	return report, nil
}

// tested is the remediation to try.
func (c *Component) tested(ctx context.Context, name string, spec json.RawMessage) (*Remediation, error) {
	if len(spec) > 0 {
		r, err := ParseRemediation(spec)
		if err != nil {
			return nil, err
		}
		return r, c.compiled.check(r)
	}
	v, err := c.remediation(ctx, name)
	return v.Spec, err
}

func (c *Component) test(ctx context.Context, name string, r *Remediation, s subject, t *TestedEntry) error {
	v, err := c.see(ctx, s)
	if err != nil {
		return err
	}
	if t.Applies, t.Why, err = c.compiled.applies(ctx, r.Condition, v); err != nil {
		t.Why, t.Guard, t.GuardWhy = "the condition cannot be evaluated", guardCondition, expression.Line(err)
		return nil
	}
	if !t.Applies {
		return nil
	}
	o, err := c.object(ctx, c.deps.DB, name, r, s)
	if err != nil {
		return err
	}
	if t.Parameters, err = c.compiled.parameters(ctx, r, v); err != nil && o == nil {
		o = &objection{guard: guardRunbook, why: err.Error()}
	}
	if o != nil {
		t.Guard, t.GuardWhy = o.guard, o.why
	}
	return nil
}
