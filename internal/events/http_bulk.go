package events

import (
	"context"
	"net/http"

	"mainstay/internal/platform/httpapi"
)

func (c *Component) bulkRoutes(api *httpapi.API) {
	type startInput struct {
		Body struct {
			Filter BulkFilter `json:"filter"`
			Deed
		}
	}
	type idInput struct {
		ID string `path:"id"`
	}
	type output struct{ Body BulkRun }
	shown := func(run BulkRun, err error) (*output, error) {
		if err != nil {
			return nil, err
		}
		return &output{run}, nil
	}
	httpapi.Handle(api, httpapi.Route{ID: "start-bulk-run", Method: http.MethodPost, Path: "/alerts/bulk-runs", Tag: alertTag, Permission: "alerts:act",
		Summary: "Do one thing to all alerts that match a filter", Details: "At most 100,000, those that match when it is asked for. It runs in the background, and each alert has its own ledger entry."},
		func(ctx context.Context, in *startInput) (*output, error) {
			return shown(c.StartBulk(ctx, in.Body.Deed, in.Body.Filter))
		})
	httpapi.Handle(api, httpapi.Route{ID: "get-bulk-run", Method: http.MethodGet, Path: "/alerts/bulk-runs/{id}", Tag: alertTag, Permission: "alerts:act",
		Summary: "Show how far a bulk action is"},
		func(ctx context.Context, in *idInput) (*output, error) { return shown(c.BulkRun(ctx, in.ID)) })
	httpapi.Handle(api, httpapi.Route{ID: "stop-bulk-run", Method: http.MethodPost, Path: "/alerts/bulk-runs/{id}/stop", Tag: alertTag, Permission: "alerts:act",
		Summary: "Stop a bulk action; what was done stays done"},
		func(ctx context.Context, in *idInput) (*output, error) { return shown(c.StopBulk(ctx, in.ID)) })
}
