package events

import (
	"context"
	"net/http"
	"slices"

	"mainstay/internal/platform/httpapi"
)

func (c *Component) healthRoutes(api *httpapi.API) {
	type input struct {
		Items []string `query:"items" maxItems:"5000" doc:"Ids of items, separated by commas; all with an active alert when absent"`
	}
	type output struct {
		Body struct {
			Items []Health `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "get-health", Method: http.MethodGet, Path: "/health", Tag: "Items", Permission: "items:read",
		Summary: "Tell how items are, as far as alerts know", Details: "The worst open alert of each item, and whether something it needs fails. For lists and maps; also as POST for many items."},
		func(_ context.Context, in *input) (*output, error) {
			items := in.Items
			if len(items) == 0 {
				items = c.Unhealthy()
				slices.Sort(items)
			}
			out := &output{}
			out.Body.Items = c.Health(items)
			return out, nil
		})
	type manyInput struct {
		Body struct {
			Items []string `json:"items" maxItems:"20000"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "query-health", Method: http.MethodPost, Path: "/health", Tag: "Items", Permission: "items:read",
		Summary: "Tell how many items are"},
		func(_ context.Context, in *manyInput) (*output, error) {
			out := &output{}
			out.Body.Items = c.Health(in.Body.Items)
			return out, nil
		})
}
