package dashboard

import (
	"context"
	"net/http"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

const tag = "dashboards"

// ByID names one dashboard of a route.
type ByID struct {
	ID string `path:"id" maxLength:"120" doc:"id or name"`
}

// ByVersion names one dashboard of a route and the version that is meant.
type ByVersion struct {
	ByID
	IfMatch string `header:"If-Match" doc:"the ETag that was read"`
}

// Document declares a dashboard.
type Document struct {
	Name string `json:"name"`
	Spec Spec   `json:"spec"`
}

type (
	output struct {
		ETag string `header:"ETag"`
		Body Dashboard
	}
	listInput struct {
		listing.Params
		Tag []string `query:"tag,explode" maxItems:"20" doc:"Only dashboards that have this tag; several must all be there"`
	}
	listOutput struct{ Body listing.Page[Dashboard] }
	tagsOutput struct {
		Body struct {
			Items []string `json:"items" nullable:"false"`
		}
	}
)

// maxDocument bounds a dashboard in a request: hundreds of panels are possible.
const maxDocument = 4 << 20

// Routes registers what dashboards answer.
func (c *Component) Routes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-dashboards", Method: http.MethodGet, Path: "/dashboards", Summary: "List dashboards", Tag: tag, Permission: "dashboards:read",
		Details: "Fields: name, title, team, tags (written |one|two|), favourite, createdAt and updatedAt."}, c.httpList)
	httpapi.Handle(api, httpapi.Route{ID: "list-dashboard-tags", Method: http.MethodGet, Path: "/dashboard-tags", Summary: "List the tags of dashboards", Tag: tag, Permission: "dashboards:read"}, c.httpTags)
	httpapi.Handle(api, httpapi.Route{ID: "create-dashboard", Method: http.MethodPost, Path: "/dashboards", Summary: "Declare a dashboard", Tag: tag, Permission: "dashboards:write", Status: http.StatusCreated, MaxBody: maxDocument}, c.httpCreate)
	httpapi.Handle(api, httpapi.Route{ID: "get-dashboard", Method: http.MethodGet, Path: "/dashboards/{id}", Summary: "Read a dashboard", Tag: tag, Permission: "dashboards:read"}, c.httpGet)
	httpapi.Handle(api, httpapi.Route{ID: "update-dashboard", Method: http.MethodPut, Path: "/dashboards/{id}", Summary: "Change a dashboard", Tag: tag, Permission: "dashboards:write", MaxBody: maxDocument}, c.httpUpdate)
	httpapi.Handle(api, httpapi.Route{ID: "delete-dashboard", Method: http.MethodDelete, Path: "/dashboards/{id}", Summary: "Delete a dashboard", Tag: tag, Permission: "dashboards:write"}, c.httpDelete)
	httpapi.Handle(api, httpapi.Route{ID: "mark-dashboard", Method: http.MethodPut, Path: "/dashboards/{id}/favourite", Summary: "Make a dashboard one's favourite", Tag: tag, Permission: "dashboards:read", Status: http.StatusNoContent},
		func(ctx context.Context, in *ByID) (*struct{}, error) { return nil, c.mark(ctx, in.ID, true) })
	httpapi.Handle(api, httpapi.Route{ID: "unmark-dashboard", Method: http.MethodDelete, Path: "/dashboards/{id}/favourite", Summary: "Take a favourite back", Tag: tag, Permission: "dashboards:read"},
		func(ctx context.Context, in *ByID) (*struct{}, error) { return nil, c.mark(ctx, in.ID, false) })
	c.generatedRoutes(api)
	c.importRoute(api)
}

// person is whose favourites are meant.
func person(ctx context.Context) string {
	if p := auth.From(ctx); p != nil {
		return p.ID
	}
	return ""
}

// seen limits a statement to the dashboards of the caller's teams and to those of none.
func seen(ctx context.Context, args []any) ([]string, []any) {
	scope := auth.From(ctx).Scope("dashboards:read")
	if scope.All {
		return nil, args
	}
	first := len(args) + 1
	args = append(args, "")
	for _, team := range scope.Teams {
		args = append(args, team)
	}
	return []string{"d.team IN (" + sqldb.In(len(args)-first+1, first) + ")"}, args
}

func (c *Component) httpList(ctx context.Context, in *listInput) (*listOutput, error) {
	const favourite = "(CASE WHEN f.person IS NULL THEN 0 ELSE 1 END)"
	fields := listing.Fields{
		"name": {Column: "d.name"}, "title": {Column: "d.title"}, "team": {Column: "d.team"}, "tags": {Column: "d.tags", Unsorted: true},
		"favourite": {Column: favourite, Kind: listing.Int},
		"createdAt": {Column: "d.created_at", Kind: listing.Time}, "updatedAt": {Column: "d.updated_at", Kind: listing.Time},
	}
	base := listing.Base{Select: columns + ", " + favourite, From: "dashboard d LEFT JOIN dashboard_favourite f ON f.dashboard = d.id AND f.person = $1", Args: []any{person(ctx)},
		Search: []string{"d.name", "d.title", "d.tags"}, Default: "title", Key: "d.id", Now: c.deps.Clock.Now()}
	base.Where, base.Args = seen(ctx, base.Args)
	for _, t := range in.Tag {
		in.Where = append(in.Where, "tags~|"+t+"|")
	}
	st, err := fields.Build(in.Params, base)
	if err != nil {
		return nil, err
	}
	page, err := listing.Read(ctx, c.deps.DB, in.Params, st, func(read func(...any) error) (Dashboard, error) {
		var liked int
		d, err := scan(read, &liked)
		if err != nil {
			return Dashboard{}, err
		}
		d.Favourite = liked == 1
		// A list names dashboards; their panels come with each.
		d.Spec.Panels, d.Spec.Variables = nil, nil
		return *d, nil
	})
	return &listOutput{page}, err
}

func (c *Component) httpTags(ctx context.Context, _ *struct{}) (*tagsOutput, error) {
	where, args := seen(ctx, nil)
	out := &tagsOutput{}
	var err error
	out.Body.Items, err = c.store.tags(ctx, strings.Join(append([]string{"1 = 1"}, where...), " AND "), args)
	return out, err
}

// visible reads a dashboard that the caller may do something with.
func (c *Component) visible(ctx context.Context, ref string, verb string) (*Dashboard, error) {
	d, err := c.store.by(ctx, c.deps.DB, ref)
	if err != nil {
		return nil, err
	}
	if err := allowed(ctx, "dashboards:read", d.Spec.Team, ref); err != nil {
		return nil, err
	}
	return d, allowed(ctx, auth.Permission("dashboards:"+verb), d.Spec.Team, ref)
}

func (c *Component) view(ctx context.Context, d *Dashboard) (*output, error) {
	var err error
	d.Favourite, err = c.store.marked(ctx, person(ctx), d.ID)
	return &output{ETag: httpapi.ETag(d.Version), Body: *d}, err
}

func (c *Component) httpGet(ctx context.Context, in *ByID) (*output, error) {
	d, err := c.visible(ctx, in.ID, auth.Read)
	if err != nil {
		return nil, err
	}
	return c.view(ctx, d)
}

func (c *Component) httpCreate(ctx context.Context, in *struct{ Body Document }) (*output, error) {
	if err := allowed(ctx, "dashboards:write", in.Body.Spec.Team, in.Body.Name); err != nil {
		return nil, err
	}
	if old, err := c.store.named(ctx, c.deps.DB, in.Body.Name); err != nil || old != nil {
		if err == nil {
			err = core.Errorf(core.CodeConflict, "there is already a dashboard named %q", in.Body.Name)
		}
		return nil, err
	}
	d, _, err := c.Put(ctx, in.Body.Name, in.Body.Spec, "")
	if err != nil {
		return nil, err
	}
	return c.view(ctx, d)
}

func (c *Component) httpUpdate(ctx context.Context, in *struct {
	ByVersion
	Body struct {
		Spec Spec `json:"spec"`
	}
}) (*output, error) {
	old, err := c.visible(ctx, in.ID, auth.Write)
	if err != nil {
		return nil, err
	}
	if err := allowed(ctx, "dashboards:write", in.Body.Spec.Team, in.ID); err != nil {
		return nil, err
	}
	d, _, err := c.Put(ctx, old.Name, in.Body.Spec, in.IfMatch)
	if err != nil {
		return nil, err
	}
	return c.view(ctx, d)
}

func (c *Component) httpDelete(ctx context.Context, in *ByVersion) (*struct{}, error) {
	d, err := c.visible(ctx, in.ID, auth.Write)
	if err != nil {
		return nil, err
	}
	return nil, c.Delete(ctx, d.ID, in.IfMatch)
}

func (c *Component) mark(ctx context.Context, ref string, liked bool) error {
	d, err := c.visible(ctx, ref, auth.Read)
	if err != nil {
		return err
	}
	return c.store.mark(ctx, person(ctx), d.ID, liked)
}
