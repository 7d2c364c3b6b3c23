package statuspage

import (
	"context"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
)

const tag = "Status pages"

// PageView is a page as its keepers see it.
type PageView struct {
	Name        string    `json:"name"`
	Title       string    `json:"title"`
	Slug        string    `json:"slug"`
	Visibility  string    `json:"visibility" enum:"public,internal"`
	Team        string    `json:"team,omitempty"`
	Status      Status    `json:"status,omitempty" doc:"Absent until it was rendered"`
	Rendered    time.Time `json:"renderedAt,omitzero"`
	Subscribers int       `json:"subscribers" doc:"Confirmed addresses"`
	Mail        bool      `json:"mail" doc:"Mail can be sent"`
	Components  []string  `json:"components" nullable:"false"`
	Version     int64     `json:"version"`
	UpdatedAt   time.Time `json:"updatedAt"`
}

// ByName is one page of a route.
type ByName struct {
	Name string `path:"name" maxLength:"200"`
}

type incidentOutput struct{ Body *Incident }

// Routes registers /status-pages and /status.
func (c *Component) Routes(api *httpapi.API) {
	type listOutput struct {
		Body struct {
			Items []PageView `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-status-pages", Method: http.MethodGet, Path: "/status-pages", Tag: tag, Permission: "statuspages:read", Summary: "List status pages"},
		func(ctx context.Context, _ *struct{}) (*listOutput, error) {
			list, err := c.pages(ctx, c.deps.DB, "1 = 1")
			if err != nil {
				return nil, err
			}
			out := &listOutput{}
			out.Body.Items = []PageView{}
			scope := auth.From(ctx).Scope("statuspages:read")
			for _, p := range list {
				if !scope.Allows(p.Spec.Team) {
					continue
				}
				v, err := c.view(ctx, p)
				if err != nil {
					return nil, err
				}
				out.Body.Items = append(out.Body.Items, v)
			}
			return out, nil
		})
	type pageOutput struct{ Body PageView }
	httpapi.Handle(api, httpapi.Route{ID: "get-status-page", Method: http.MethodGet, Path: "/status-pages/{name}", Tag: tag, Permission: "statuspages:read", Summary: "Read a status page"},
		func(ctx context.Context, in *ByName) (*pageOutput, error) {
			p, err := c.page(ctx, c.deps.DB, in.Name, "statuspages:read")
			if err != nil {
				return nil, err
			}
			v, err := c.view(ctx, *p)
			return &pageOutput{v}, err
		})
	c.incidentRoutes(api)
	c.publicRoutes(api)
}

func (c *Component) incidentRoutes(api *httpapi.API) {
	type incidentsOutput struct {
		Body struct {
			Items []Incident `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-status-incidents", Method: http.MethodGet, Path: "/status-pages/{name}/incidents", Tag: tag, Permission: "statuspages:read",
		Summary: "List what was posted on a page, newest first", Details: "What is open, and what was resolved in the last 400 days."},
		func(ctx context.Context, in *ByName) (*incidentsOutput, error) {
			if _, err := c.page(ctx, c.deps.DB, in.Name, "statuspages:read"); err != nil {
				return nil, err
			}
			out := &incidentsOutput{}
			var err error
			out.Body.Items, err = c.incidents(ctx, c.deps.DB, in.Name, c.deps.Clock.Now().AddDate(0, 0, -400))
			if out.Body.Items == nil {
				out.Body.Items = []Incident{}
			}
			return out, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "create-status-incident", Method: http.MethodPost, Path: "/status-pages/{name}/incidents", Tag: tag, Permission: "statuspages:write", Status: http.StatusCreated,
		Summary: "Post an incident or planned maintenance"},
		func(ctx context.Context, in *struct {
			ByName
			Body Draft
		}) (*incidentOutput, error) {
			inc, err := c.Post(ctx, in.Name, "", in.Body)
			return &incidentOutput{inc}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "update-status-incident", Method: http.MethodPost, Path: "/status-pages/{name}/incidents/{id}/updates", Tag: tag, Permission: "statuspages:write", Status: http.StatusCreated,
		Summary: "Post an update of an incident"},
		func(ctx context.Context, in *struct {
			ByName
			ID   string `path:"id"`
			Body Draft
		}) (*incidentOutput, error) {
			inc, err := c.Post(ctx, in.Name, in.ID, in.Body)
			return &incidentOutput{inc}, err
		})
	type previewOutput struct {
		Body struct {
			HTML string `json:"html" doc:"The page as it would be"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "preview-status-page", Method: http.MethodPost, Path: "/status-pages/{name}/preview", Tag: tag, Permission: "statuspages:read",
		Summary: "Show the page as it would be with a post"},
		func(ctx context.Context, in *struct {
			ByName
			Incident string `query:"incident" doc:"Id of the incident that is updated; a new one when left out"`
			Body     Draft
		}) (*previewOutput, error) {
			html, err := c.preview(ctx, in.Name, in.Incident, in.Body)
			out := &previewOutput{}
			out.Body.HTML = string(html)
			return out, err
		})
}

func (c *Component) view(ctx context.Context, p Page) (PageView, error) {
	v := PageView{Name: p.Name, Title: p.Spec.Title, Slug: p.Spec.Slug, Visibility: "internal", Team: p.Spec.Team, Mail: c.deps.Mail.Configured(), Components: []string{}, Version: p.Version, UpdatedAt: p.Updated}
	if p.Spec.public() {
		v.Visibility = public
	}
	for _, g := range p.Spec.Groups {
		for _, part := range g.Components {
			v.Components = append(v.Components, part.Name)
		}
	}
	if r := (*c.served.Load())[p.Spec.Slug]; r != nil {
		v.Status, v.Rendered = r.shown.Status, r.shown.Updated
	}
	var err error
	v.Subscribers, err = c.subscribers(ctx, p.Name)
	return v, err
}

// preview renders a page with a draft on it; nothing is stored.
func (c *Component) preview(ctx context.Context, name, id string, d Draft) ([]byte, error) {
	p, err := c.page(ctx, c.deps.DB, name, "statuspages:read")
	if err != nil {
		return nil, err
	}
	inc := &Incident{Updates: []Update{}}
	if id != "" {
		rows, err := c.deps.DB.Query(ctx, "SELECT id, kind, title, status, components, starts_at, ends_at, created_at, resolved_at FROM statuspage_incident WHERE page = $1 AND id = $2", name, id)
		list, err := sqldb.Collect(rows, err, scanIncident)
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			return nil, core.NotFound("incident of the page", id)
		}
		if err := c.addUpdates(ctx, c.deps.DB, list); err != nil {
			return nil, err
		}
		inc = &list[0]
	}
	now := c.deps.Clock.Now()
	if err := inc.post(d, &p.Spec, now); err != nil {
		return nil, err
	}
	inc.Updates = append([]Update{{At: now, Status: d.Status, Body: d.Body}}, inc.Updates...)
	shown, err := c.show(ctx, p, inc)
	if err != nil {
		return nil, err
	}
	return execute("page", shown, shown.TimeZone)
}
