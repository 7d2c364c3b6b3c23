package health

import (
	"context"
	"net/http"
	"time"

	"mainstay/internal/platform/httpapi"
)

const tag = "Service health"

// Routes registers /service-health.
func (c *Component) Routes(api *httpapi.API) {
	route := func(id, path, summary string) httpapi.Route {
		return httpapi.Route{ID: id, Method: http.MethodGet, Path: "/service-health" + path, Tag: tag, Permission: "items:read", Summary: summary}
	}
	type idInput struct {
		ID string `path:"id"`
	}
	type listOutput struct{ Body Page }
	httpapi.Handle(api, route("list-service-health", "", "Tell how services and sites stand, the worst first"),
		func(ctx context.Context, in *Filter) (*listOutput, error) {
			page, err := c.List(ctx, *in)
			return &listOutput{page}, err
		})
	type pastInput struct {
		IDs  []string  `query:"ids" minItems:"1" maxItems:"200" required:"true" doc:"Of services and sites, separated by commas"`
		From time.Time `query:"from" doc:"A day before to when absent"`
		To   time.Time `query:"to" doc:"Now when absent"`
	}
	type pastOutput struct {
		Body struct {
			Items []Past `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, route("service-health-history", "/history", "Tell how services and sites stood, and how available they were"),
		func(ctx context.Context, in *pastInput) (*pastOutput, error) {
			out := &pastOutput{}
			var err error
			out.Body.Items, err = c.History(ctx, in.IDs, in.From, in.To)
			return out, err
		})
	type oneOutput struct{ Body View }
	httpapi.Handle(api, route("get-service-health", "/{id}", "Tell how a service or site stands"),
		func(ctx context.Context, in *idInput) (*oneOutput, error) {
			v, err := c.One(ctx, in.ID)
			return &oneOutput{v}, err
		})
	type treeInput struct {
		ID   string `path:"id"`
		Item string `query:"item" maxLength:"300" doc:"An item below it; the service itself when absent"`
	}
	type treeOutput struct{ Body Tree }
	httpapi.Handle(api, route("service-health-tree", "/{id}/tree", "Show what a service, or an item below it, needs, and how that stands"),
		func(ctx context.Context, in *treeInput) (*treeOutput, error) {
			t, err := c.TreeOf(ctx, in.ID, in.Item)
			return &treeOutput{t}, err
		})
	type mapOutput struct{ Body Picture }
	httpapi.Handle(api, route("service-health-map", "/{id}/map", "Draw a service with everything it needs"),
		func(ctx context.Context, in *idInput) (*mapOutput, error) {
			p, err := c.PictureOf(ctx, in.ID)
			return &mapOutput{p}, err
		})
}
