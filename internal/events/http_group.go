package events

import (
	"context"
	"net/http"

	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
)

func (c *Component) groupRoutes(api *httpapi.API) {
	type input struct {
		By    string   `query:"by" required:"true" maxLength:"200" doc:"service, site, class, situation, severity, state, team, assignee, source, item, or labels.NAME"`
		Q     string   `query:"q" maxLength:"400" doc:"As in the list of alerts"`
		Where []string `query:"where,explode" maxItems:"40" doc:"As in the list of alerts"`
	}
	type output struct{ Body AlertGroups }
	httpapi.Handle(api, httpapi.Route{ID: "group-alerts", Method: http.MethodGet, Path: "/alerts/groups", Tag: alertTag, Permission: "alerts:read",
		Summary: "Count active alerts in groups, the worst first", Details: "The alerts of a group are those that the list of alerts has with the same `by` and the group's `value`."},
		func(ctx context.Context, in *input) (*output, error) {
			groups, err := c.Groups(ctx, listing.Params{Q: in.Q, Where: in.Where}, in.By)
			return &output{groups}, err
		})
}
