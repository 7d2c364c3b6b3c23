package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/rules/form"
	"mainstay/internal/platform/httpapi"
)

const (
	// previewLong bounds a preview that somebody watches and may stop.
	previewLong = 2 * time.Minute
	// maxTrial bounds the text of a rule that is tried.
	maxTrial = 1 << 20
)

func (c *Component) formRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "write-metric-rule-form", Method: http.MethodPost, Path: "/metric-rules/form", Summary: "Make PromQL of a rule's form", Tag: tag, Permission: "checks:read",
		Details: "For people who do not write PromQL: what a rule watches as a form, made the expression and the items of a MetricRule. It stores nothing."}, c.httpWriteForm)
	httpapi.Handle(api, httpapi.Route{ID: "read-metric-rule-form", Method: http.MethodPost, Path: "/metric-rules/form/read", Summary: "Make a rule's form of PromQL", Tag: tag, Permission: "checks:read",
		Details: "The form that gives the expression, or which part of it no form has a place for."}, c.httpReadForm)
	api.Mount("POST /api/v1/metric-rules/preview/progress", "metrics:read", http.HandlerFunc(c.servePreview))
}

// FormUnits are the units that a form's value may have, the usual one first.
type FormUnits []string

// WrittenForm is what a form comes to.
type WrittenForm struct {
	Expr  string    `json:"expr"`
	Items string    `json:"items,omitempty"`
	Says  string    `json:"says" doc:"the form in words"`
	Title string    `json:"title" doc:"a title for its alerts to start from"`
	Units FormUnits `json:"units" nullable:"false" doc:"that the value may be given in; empty is as measured"`
}

// ReadForm is the form of an expression.
type ReadForm struct {
	Form  *form.Form `json:"form,omitempty"`
	Why   string     `json:"why,omitempty" doc:"why there is no form of it"`
	Says  string     `json:"says,omitempty"`
	Units FormUnits  `json:"units" nullable:"false"`
}

func unitsOf(f form.Form) FormUnits {
	out := FormUnits{}
	for _, u := range f.Units() {
		out = append(out, u.Name)
	}
	return out
}

type writtenFormOutput struct{ Body WrittenForm }

func (c *Component) httpWriteForm(ctx context.Context, in *struct{ Body form.Form }) (*writtenFormOutput, error) {
	expr, err := in.Body.Write()
	if err != nil {
		return nil, err
	}
	if err := c.selects(ctx, in.Body.Items); err != nil {
		return nil, core.Invalid("form.items", ruleOf(err))
	}
	return &writtenFormOutput{WrittenForm{Expr: expr, Items: in.Body.Items, Says: in.Body.Say(), Title: in.Body.Title(), Units: unitsOf(in.Body)}}, nil
}

type readFormOutput struct{ Body ReadForm }

func (c *Component) httpReadForm(_ context.Context, in *struct {
	Body struct {
		Expr  string `json:"expr" maxLength:"20000"`
		Items string `json:"items,omitempty" maxLength:"5000"`
	}
}) (*readFormOutput, error) {
	out := &readFormOutput{ReadForm{Units: FormUnits{}}}
	f, err := form.Read(in.Body.Expr, in.Body.Items)
	if why, hand := form.AsHand(err); hand {
		out.Body.Why = why
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	out.Body.Form, out.Body.Says, out.Body.Units = &f, f.Say(), unitsOf(f)
	return out, nil
}

// servePreview tries a rule on history and tells how far it came as server-sent
// events: progress, and at the end result or problem. Whoever goes away stops it.
func (c *Component) servePreview(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxTrial))
	var trial RuleTrial
	if err == nil {
		err = json.Unmarshal(raw, &trial)
	}
	if err != nil {
		httpapi.WriteProblem(w, c.deps.Log, core.Invalid("body", "must be a rule to try: "+err.Error()))
		return
	}
	flush := http.NewResponseController(w)
	// A server's write deadline is for answers that come at once.
	if err := flush.SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		httpapi.WriteProblem(w, c.deps.Log, err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	send := func(event string, v any) {
		text, err := json.Marshal(v)
		if err != nil {
			c.deps.Log.Error("monitor: a preview cannot be written", "error", err)
			return
		}
		if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, text); err == nil {
			_ = flush.Flush() // who is gone ends the context
		}
	}
	preview, err := c.PreviewRule(r.Context(), trial, previewLong, func(p PreviewProgress) { send("progress", p) })
	switch {
	case r.Context().Err() != nil:
	case err != nil:
		send("problem", httpapi.ProblemOf(c.deps.Log, err))
	default:
		send("result", preview)
	}
}
