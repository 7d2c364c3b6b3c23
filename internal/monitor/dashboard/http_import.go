package dashboard

import (
	"context"
	"encoding/json"
	"net/http"

	"mainstay/internal/platform/httpapi"
)

type (
	importInput struct {
		Body json.RawMessage
	}
	importOutput struct{ Body Converted }
)

func (c *Component) importRoute(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "import-dashboard", Method: http.MethodPost, Path: "/dashboards/import", Summary: "Convert a dashboard in Grafana's format", Tag: tag, Permission: "dashboards:write", MaxBody: maxDocument, OwnBody: true,
		Details: "The body is the JSON that Grafana exports. The answer is a document of the kind Dashboard, which is not stored, and what was left out of it and why: create the dashboard with the document."},
		func(_ context.Context, in *importInput) (*importOutput, error) {
			out, err := Convert(in.Body)
			return &importOutput{out}, err
		})
}
