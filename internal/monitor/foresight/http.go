package foresight

import (
	"context"
	"net/http"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
)

const tag = "monitor"

// ByID names one record of a route.
type ByID struct {
	ID string `path:"id" maxLength:"120" doc:"id or name"`
}

// Routes registers what foresight answers. Documents are declared through the
// routes of all documents.
func (c *Component) Routes(api *httpapi.API) {
	read := func(id, path, summary, details string) httpapi.Route {
		return httpapi.Route{ID: id, Method: http.MethodGet, Path: path, Summary: summary, Details: details, Tag: tag, Permission: "checks:read"}
	}
	httpapi.Handle(api, read("list-baselines", "/baselines", "List baselines", ""), c.httpBaselines)
	httpapi.Handle(api, read("list-baseline-series", "/baselines/{id}/series", "List the series of a baseline",
		"With the newest point of each, its band, its score and the newest anomaly; anomalies first."), c.httpBaselineSeries)
	httpapi.Handle(api, read("get-baseline-band", "/baselines/{id}/band", "Read the band of one series over a time",
		"Also of times before the baseline was declared, and of the future."), c.httpBand)
	httpapi.Handle(api, read("list-capacity-pools", "/capacity-pools", "List capacity pools", "Declared, and come with Mainstay."), c.httpPools)
	httpapi.Handle(api, read("list-capacity", "/capacity", "List what fills",
		"By default what is full first comes first."), c.httpCapacity)
	httpapi.Handle(api, read("get-capacity", "/capacity/{id}", "Read the history and the forecast of something that fills", ""), c.httpThing)
	httpapi.Handle(api, read("what-if-capacity", "/capacity-what-if", "Ask what would be if", "Takes what fills of one pool together, as a service or a site shares it."), c.httpWhatIf)
	httpapi.Handle(api, read("list-capacity-reports", "/capacity-reports", "List the weekly reports of capacity", ""), c.httpReports)
	httpapi.Handle(api, read("get-capacity-report", "/capacity-reports/{id}", "Read a weekly report of capacity", "By its week, such as 2026-W48, or now for one that is made now."), c.httpReport)
	c.files(api)
}

// teamFilter limits a list to what the caller may see.
func teamFilter(ctx context.Context, column string) (where []string, args []any) {
	scope := auth.From(ctx).Scope("checks:read")
	if scope.All {
		return nil, nil
	}
	args = []any{""}
	for _, team := range scope.Teams {
		args = append(args, team)
	}
	return []string{column + " IN (" + sqldb.In(len(args), 1) + ")"}, args
}

func mayRead(ctx context.Context, team string) bool {
	return auth.From(ctx).Scope("checks:read").Allows(team)
}
