package logrules

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

// Status is a rule and how its last round went.
type Status struct {
	Name  string     `json:"name"`
	Spec  Spec       `json:"spec"`
	At    *time.Time `json:"at,omitempty" doc:"of the newest records that were looked at"`
	Open  int        `json:"open" doc:"alerts it has open"`
	Over  int        `json:"over" doc:"groups that were left out, because they are too many"`
	Error string     `json:"error,omitempty" doc:"why the last round did not go"`

	UpdatedAt time.Time `json:"updatedAt"`
}

// Routes registers what can be asked.
func (c *Component) Routes(api *httpapi.API) {
	type out struct {
		Body struct {
			Items []Status `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-log-rules", Method: "GET", Path: "/logs/rules", Summary: "Log rules and how they go", Tag: "Logs", Permission: "checks:read"},
		func(ctx context.Context, _ *struct{}) (*out, error) {
			list, err := c.store.rules(ctx, c.deps.DB)
			if err != nil {
				return nil, err
			}
			answer := &out{}
			answer.Body.Items = []Status{}
			for _, r := range list {
				s := Status{Name: r.name, Spec: r.spec, Open: len(r.state.Open), Over: r.state.Over, Error: r.state.Error, UpdatedAt: r.updated}
				if r.state.Last != 0 {
					at := core.FromMicros(r.state.Last)
					s.At = &at
				}
				answer.Body.Items = append(answer.Body.Items, s)
			}
			return answer, nil
		})

	type tryIn struct {
		Body struct {
			Spec  Spec `json:"spec"`
			Hours int  `json:"hours,omitempty" minimum:"1" maximum:"168" default:"1" doc:"how far back"`
		}
	}
	type tryOut struct{ Body *Preview }
	httpapi.Handle(api, httpapi.Route{ID: "preview-log-rule", Method: "POST", Path: "/logs/rules/preview", Summary: "What a log rule would have done", Tag: "Logs", Permission: "logs:read"},
		func(ctx context.Context, in *tryIn) (*tryOut, error) {
			if !auth.From(ctx).Scope("logs:read").All {
				return nil, core.Errorf(core.CodeForbidden, "a log rule sees all logs: this needs logs:read everywhere")
			}
			end := c.deps.Clock.Now()
			p, err := c.Try(ctx, in.Body.Spec, end.Add(-time.Duration(max(1, in.Body.Hours))*time.Hour), end)
			return &tryOut{p}, err
		})
}
