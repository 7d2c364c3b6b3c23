package scraping

import (
	"context"
	"net/http"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

type targetsOutput struct{ Body listing.Page[Target] }

// Routes registers what scraping answers.
func (c *Component) Routes(api *httpapi.API) {
	api.Mount("GET /api/v1/http_sd", "items:read", http.HandlerFunc(c.serveSD))
	httpapi.Handle(api, httpapi.Route{ID: "list-scrape-targets", Method: http.MethodGet, Path: "/scrape-targets", Summary: "List scrape targets", Tag: "monitor", Permission: "checks:read",
		Details: "Every target that the Scrape documents discover, with how its last scrape went. A document that cannot be loaded is listed as broken, with the reason."}, c.httpTargets)
}

func (c *Component) httpTargets(ctx context.Context, in *struct{ listing.Params }) (*targetsOutput, error) {
	fields := listing.Fields{
		"scrape": {Column: "scrape"}, "address": {Column: "address"}, "health": {Column: "health"}, "item": {Column: "item"}, "team": {Column: "team"},
		"error": {Column: "error"}, "id": {Column: "id"}, "duration": {Column: "duration", Kind: listing.Int}, "scrapedAt": {Column: "scraped_at", Kind: listing.Time},
	}
	base := listing.Base{Select: targetColumns, From: "scraping_target", Search: []string{"scrape", "address", "labels", "error"}, Default: "scrape,address", Key: "id", Now: c.deps.Clock.Now()}
	base.Where, base.Args = teamFilter(ctx)
	st, err := fields.Build(in.Params, base)
	if err != nil {
		return nil, err
	}
	page, err := listing.Read(ctx, c.deps.DB, in.Params, st, scanTarget)
	if err != nil {
		return nil, err
	}
	if e := c.leader.Load(); e != nil {
		live := e.shown.now()
		for i := range page.Items {
			if t, there := live[page.Items[i].ID]; there {
				t.Item = page.Items[i].Item
				page.Items[i] = t
			}
		}
	}
	return &targetsOutput{page}, nil
}

// teamFilter limits a list to the records of the caller's teams and to those of none.
func teamFilter(ctx context.Context) (where []string, args []any) {
	scope := auth.From(ctx).Scope("checks:read")
	if scope.All {
		return nil, nil
	}
	args = []any{""}
	for _, team := range scope.Teams {
		args = append(args, team)
	}
	return []string{"team IN (" + sqldb.In(len(args), 1) + ")"}, args
}
