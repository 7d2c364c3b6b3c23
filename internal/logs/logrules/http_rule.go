package logrules

import (
	"context"
	"time"

	"mainstay/internal/core"
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
				s := Status{Name: r.name, Spec: r.spec, Open: len(r.state.Open), Over: r.state.Over, Error: r.state.Error}
				if r.state.Last != 0 {
					at := core.FromMicros(r.state.Last)
					s.At = &at
				}
				answer.Body.Items = append(answer.Body.Items, s)
			}
			return answer, nil
		})
}
