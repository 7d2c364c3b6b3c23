package events

import (
	"context"
	"net/http"

	"mainstay/internal/platform/httpapi"
)

// learnedRoutes show what was learned, and let people decide about it.
func (c *Component) learnedRoutes(api *httpapi.API) {
	type output struct{ Body Learned }
	httpapi.Handle(api, httpapi.Route{ID: "list-learned", Method: http.MethodGet, Path: "/correlation/learned", Tag: situationTag, Permission: "situations:read",
		Summary: "What comes together more often than by chance", Details: "Strong pairs join alerts wherever their items are; evidence joins alerts whose items need the same."},
		func(ctx context.Context, _ *struct{}) (*output, error) {
			learned, err := c.Learned(ctx)
			return &output{learned}, err
		})
	type decisionInput struct {
		Body struct {
			Action string `json:"action" enum:"forget,ignore,restore" doc:"Forget counts anew; ignored pairs are never a reason to join"`
			Book   string `json:"book" enum:"things,kinds"`
			A      string `json:"a" minLength:"1" maxLength:"1200"`
			B      string `json:"b" minLength:"1" maxLength:"1200"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "decide-learned", Method: http.MethodPost, Path: "/correlation/learned/decide", Tag: situationTag, Permission: "situations:act",
		Summary: "Have a learned pair forgotten or ignored"},
		func(ctx context.Context, in *decisionInput) (*output, error) {
			if err := c.DecideLearned(ctx, in.Body.Action, in.Body.Book, in.Body.A, in.Body.B); err != nil {
				return nil, err
			}
			learned, err := c.Learned(ctx)
			return &output{learned}, err
		})
}
