package desk

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

const tag = "Service desk"

// incidentOut is one incident and its entity tag.
type incidentOut struct {
	ETag string `header:"ETag"`
	Body Incident
}

// IncidentPath names an incident in an address.
type IncidentPath struct {
	ID string `path:"id" maxLength:"64" doc:"Id, or number such as INC-000123"`
}

// Precondition makes a change depend on the version that was read.
type Precondition struct {
	IfMatch string `header:"If-Match" doc:"The ETag of the version that was read; the change is refused when it is not the newest"`
}

// Routes registers the desk's endpoints.
func (c *Component) Routes(api *httpapi.API) {
	c.routeIncidents(api)
	c.routeComments(api)
	c.routeAttachments(api)
	c.routePortal(api)
}

func (c *Component) routeIncidents(api *httpapi.API) {
	type listIn struct {
		listing.Params
		Affects string `query:"affects" maxLength:"64" doc:"Only incidents that affect this item"`
	}
	type pageOut struct{ Body listing.Page[Incident] }
	httpapi.Handle(api, httpapi.Route{ID: "list-incidents", Method: "GET", Path: "/incidents", Summary: "List incidents", Tag: tag, Permission: "incidents:read"},
		func(ctx context.Context, in *listIn) (*pageOut, error) {
			page, err := c.list(ctx, in.Params, auth.From(ctx).Scope("incidents:read"), in.Affects, "")
			return &pageOut{page}, err
		})

	type createIn struct{ Body Draft }
	httpapi.Handle(api, httpapi.Route{ID: "create-incident", Method: "POST", Path: "/incidents", Summary: "Open an incident", Tag: tag, Permission: "incidents:write", Status: http.StatusCreated},
		func(ctx context.Context, in *createIn) (*incidentOut, error) {
			inc, err := c.Create(ctx, in.Body)
			return c.show(ctx, inc, err)
		})

	httpapi.Handle(api, httpapi.Route{ID: "get-incident", Method: "GET", Path: "/incidents/{id}", Summary: "Show an incident", Tag: tag, Permission: "incidents:read"},
		func(ctx context.Context, in *IncidentPath) (*incidentOut, error) {
			inc, err := c.visible(ctx, in.ID)
			return c.show(ctx, inc, err)
		})

	type updateIn struct {
		IncidentPath
		Precondition
		Body Patch
	}
	httpapi.Handle(api, httpapi.Route{ID: "update-incident", Method: "PATCH", Path: "/incidents/{id}", Summary: "Change an incident", Tag: tag, Permission: "incidents:write"},
		func(ctx context.Context, in *updateIn) (*incidentOut, error) {
			inc, err := c.Update(ctx, in.ID, in.IfMatch, in.Body)
			return c.show(ctx, inc, err)
		})

	type moveIn struct {
		IncidentPath
		Precondition
		Body Move
	}
	httpapi.Handle(api, httpapi.Route{ID: "transition-incident", Method: "POST", Path: "/incidents/{id}/transition", Summary: "Move an incident to another state", Tag: tag, Permission: "incidents:act"},
		func(ctx context.Context, in *moveIn) (*incidentOut, error) {
			inc, err := c.Transition(ctx, in.ID, in.IfMatch, in.Body)
			return c.show(ctx, inc, err)
		})

	type assignIn struct {
		IncidentPath
		Precondition
		Body Assignment
	}
	httpapi.Handle(api, httpapi.Route{ID: "assign-incident", Method: "POST", Path: "/incidents/{id}/assign", Summary: "Give an incident to a team or a person", Tag: tag, Permission: "incidents:act"},
		func(ctx context.Context, in *assignIn) (*incidentOut, error) {
			inc, err := c.Assign(ctx, in.ID, in.IfMatch, in.Body)
			return c.show(ctx, inc, err)
		})

	type timelineIn struct {
		IncidentPath
		listing.Params
	}
	type timelineOut struct{ Body listing.Page[Note] }
	httpapi.Handle(api, httpapi.Route{ID: "list-incident-timeline", Method: "GET", Path: "/incidents/{id}/timeline", Summary: "What happened to an incident", Tag: tag, Permission: "incidents:read",
		Details: "Its own steps, and what the situation and the runs made for it reported, the oldest first."},
		func(ctx context.Context, in *timelineIn) (*timelineOut, error) {
			inc, err := c.visible(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			page, err := c.store.timeline(ctx, c.deps.DB, in.Params, inc.ID, false, c.deps.Clock.Now())
			return &timelineOut{page}, err
		})
}

// show completes an incident for the caller.
func (c *Component) show(ctx context.Context, inc Incident, err error) (*incidentOut, error) {
	if err != nil {
		return nil, err
	}
	if auth.From(ctx).Scope("incidents:act").Allows(inc.Team) {
		inc.Actions = Possible(inc.State, Staff)
	}
	inc.DescriptionHTML, inc.ResolutionHTML = c.render.html(inc.Description), c.render.html(inc.Resolution)
	return &incidentOut{httpapi.ETag(inc.Version), inc}, nil
}

// visible reads an incident that the caller may see; another is not found.
func (c *Component) visible(ctx context.Context, id string) (Incident, error) {
	inc, err := c.store.byID(ctx, c.deps.DB, id)
	if err == nil && !auth.From(ctx).Scope("incidents:read").Allows(inc.Team) {
		err = core.NotFound("incident", id)
	}
	return inc, err
}

// incidentFields are what incidents may be filtered and sorted by.
func incidentFields() listing.Fields {
	return listing.Fields{
		"number": {Column: "i.number", Kind: listing.Int}, "title": {Column: "i.title"}, "state": {Column: "i.state"},
		"severity": {Column: "i.severity", Kind: listing.Severity}, "priority": {Column: "i.priority"}, "impact": {Column: "i.impact"},
		"urgency": {Column: "i.urgency"}, "situation": {Column: "COALESCE(i.situation, '')"}, "item": {Column: "i.item"}, "team": {Column: "i.team"},
		"assignee": {Column: "i.assignee"}, "requester": {Column: "i.requester"}, "reopened": {Column: "i.reopened", Kind: listing.Int},
		"openedAt": {Column: "i.opened_at", Kind: listing.Time}, "updatedAt": {Column: "i.updated_at", Kind: listing.Time},
		"resolvedAt": {Column: "i.resolved_at", Kind: listing.Time}, "closedAt": {Column: "i.closed_at", Kind: listing.Time},
	}
}

// list reads a page of incidents in a scope; affects and requester restrict
// further when they are not empty.
func (c *Component) list(ctx context.Context, p listing.Params, scope auth.Scope, affects, requester string) (listing.Page[Incident], error) {
	base := listing.Base{Select: incidentColumns, From: "desk_incident i", Search: []string{"i.title", "i.description"}, Default: "-openedAt", Key: "i.id", Now: c.deps.Clock.Now()}
	bind := func(where string, values ...any) {
		base.Where = append(base.Where, where)
		base.Args = append(base.Args, values...)
	}
	if !scope.All {
		teams := []any{""}
		for _, team := range scope.Teams {
			teams = append(teams, team)
		}
		bind("i.team IN ("+sqldb.In(len(teams), 1)+")", teams...)
	}
	var number Number
	if strings.HasPrefix(strings.ToUpper(p.Q), "INC-") && number.UnmarshalText([]byte(strings.TrimSpace(p.Q))) == nil {
		p.Q = ""
		bind("i.number = "+sqldb.In(1, len(base.Args)+1), int64(number))
	}
	if affects != "" {
		bind("EXISTS (SELECT 1 FROM desk_incident_item x WHERE x.incident = i.id AND x.item = "+sqldb.In(1, len(base.Args)+1)+")", affects)
	}
	if requester != "" {
		bind("i.requester = "+sqldb.In(1, len(base.Args)+1), requester)
	}
	st, err := incidentFields().Build(p, base)
	if err != nil {
		return listing.Page[Incident]{}, err
	}
	page, err := listing.Read(ctx, c.deps.DB, p, st, func(dest func(...any) error) (Incident, error) { return scanIncident(dest) })
	if err != nil {
		return page, err
	}
	return page, c.store.addClocks(ctx, c.deps.DB, page.Items)
}
