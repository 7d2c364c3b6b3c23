package processing

import (
	"context"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"

	"mainstay/internal/core"
)

const tag = "Logs"

// View is a rule, in its place, and what it did since the start.
type View struct {
	Name     string `json:"name"`
	Spec     Spec   `json:"spec"`
	Order    int    `json:"order"`
	Declared bool   `json:"declared" doc:"It has a document; the default rules need none"`
	Matched  int64  `json:"matched" doc:"records it was for"`
	Dropped  int64  `json:"dropped"`
	Masked   int64  `json:"masked" doc:"values"`
	Failed   int64  `json:"failed" doc:"steps that failed; the records were kept"`
	Fault    string `json:"fault,omitempty" doc:"why a step failed last"`
}

// Routes registers what can be asked, and the trial of drafts.
func (c *Component) Routes(api *httpapi.API) {
	type listOut struct {
		Body struct {
			Items  []View `json:"items" nullable:"false"`
			Passed int64  `json:"passed" doc:"records since the start"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-log-processing", Method: "GET", Path: "/log-processing", Summary: "Rules of log processing in their order, and what they did", Tag: tag, Permission: "log-processing:read"},
		func(ctx context.Context, _ *struct{}) (*listOut, error) {
			if err := mayRead(ctx); err != nil {
				return nil, err
			}
			out := &listOut{}
			var err error
			out.Body.Items, err = c.views(ctx)
			out.Body.Passed = c.passed.Load()
			return out, err
		})

	type previewIn struct{ Body Draft }
	type previewOut struct{ Body *Preview }
	httpapi.Handle(api, httpapi.Route{ID: "preview-log-processing", Method: "POST", Path: "/log-processing/preview", Summary: "Try a rule of log processing", Tag: tag, Permission: "log-processing:read",
		Details: "Shows what each step of the rule would do with lines, or with stored records that the caller may read. Nothing is changed or kept."},
		func(ctx context.Context, in *previewIn) (*previewOut, error) {
			if err := mayRead(ctx); err != nil {
				return nil, err
			}
			body, err := c.Preview(ctx, in.Body)
			return &previewOut{body}, err
		})
}

func mayRead(ctx context.Context) error {
	if !auth.From(ctx).Scope("log-processing:read").All {
		return core.Errorf(core.CodeForbidden, "rules of log processing belong to no team: this needs log-processing:read everywhere")
	}
	return nil
}

// views are the rules that hold, and behind them those that are switched off.
func (c *Component) views(ctx context.Context) ([]View, error) {
	stored, err := c.store.rules(ctx, c.deps.DB)
	if err != nil {
		return nil, err
	}
	out := []View{}
	for _, r := range c.stage.Load().rules {
		v := View{Name: r.name, Spec: r.spec, Order: r.order, Declared: r.declared, Matched: r.counts.matched.Load(), Dropped: r.counts.dropped.Load(),
			Masked: r.counts.masked.Load(), Failed: r.counts.failed.Load()}
		if fault := r.counts.fault.Load(); fault != nil {
			v.Fault = *fault
		}
		out = append(out, v)
	}
	for _, s := range stored {
		if s.spec.Disabled {
			out = append(out, View{Name: s.name, Spec: s.spec, Order: s.spec.order(s.name), Declared: true})
		}
	}
	return out, nil
}
