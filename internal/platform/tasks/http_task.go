package tasks

import (
	"context"
	"net/http"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/listing"
)

type body[T any] struct{ Body T }

type idInput struct {
	ID string `path:"id" maxLength:"40"`
}

// Routes registers /tasks: what waits, runs and is dead, and what a person
// can do about it.
func (c *Component) Routes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-tasks", Method: http.MethodGet, Path: "/tasks", Tag: "Platform", Permission: "tasks:read",
		Summary: "List unfinished tasks; dead letters are where=state=dead"},
		func(ctx context.Context, in *listing.Params) (*body[listing.Page[Record]], error) {
			page, err := c.List(ctx, *in)
			for i := range page.Items {
				page.Items[i].Payload = nil // shown one at a time, to those who may act on it
			}
			return &body[listing.Page[Record]]{page}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "count-tasks", Method: http.MethodGet, Path: "/tasks/depths", Tag: "Platform", Permission: "tasks:read",
		Summary: "Count unfinished tasks by queue and state, up to a bound"},
		func(ctx context.Context, _ *struct{}) (*body[[]Depth], error) {
			depths, err := c.Depths(ctx)
			return &body[[]Depth]{depths}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "get-task", Method: http.MethodGet, Path: "/tasks/{id}", Tag: "Platform", Permission: "tasks:admin",
		Summary: "Show an unfinished task with its payload"},
		func(ctx context.Context, in *idInput) (*body[Record], error) {
			r, err := c.Get(ctx, in.ID)
			return &body[Record]{r}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "retry-task", Method: http.MethodPost, Path: "/tasks/{id}/retry", Tag: "Platform", Permission: "tasks:admin",
		Summary: "Run a dead or delayed task again, now"},
		func(ctx context.Context, in *idInput) (*body[Record], error) {
			r, err := c.Retry(ctx, in.ID, actorOf(ctx))
			return &body[Record]{r}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "discard-task", Method: http.MethodPost, Path: "/tasks/{id}/discard", Tag: "Platform", Permission: "tasks:admin",
		Status: http.StatusNoContent, Summary: "Remove a task that does not run"},
		func(ctx context.Context, in *idInput) (*struct{}, error) {
			return nil, c.Discard(ctx, in.ID, actorOf(ctx))
		})
}

func actorOf(ctx context.Context) ledger.Actor {
	p := auth.From(ctx)
	if p == nil {
		return ledger.System("tasks")
	}
	return ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
}
