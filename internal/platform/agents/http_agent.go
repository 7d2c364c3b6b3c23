package agents

import (
	"context"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// Permissions of the agents' routes.
const (
	canRead  = auth.Permission("agents:read")
	canWrite = auth.Permission("agents:write")
	canAct   = auth.Permission("agents:act")
	canAdmin = auth.Permission("agents:admin")
)

var agentFields = listing.Fields{
	"id": {Column: "a.id"}, "name": {Column: "a.name"}, "team": {Column: "a.team"}, "item": {Column: "a.item"},
	"hostname": {Column: "a.hostname"}, "os": {Column: "a.os"}, "arch": {Column: "a.arch"}, "version": {Column: "a.version"},
	"connected": {Column: "a.connected", Kind: listing.Bool}, "resident": {Column: "a.resident", Kind: listing.Bool},
	"changedAt": {Column: "a.changed_at", Kind: listing.Time}, "enrolledAt": {Column: "a.enrolled_at", Kind: listing.Time},
	"seenAt": {Column: "a.seen_at", Kind: listing.Time}, "queued": {Column: "a.queued", Kind: listing.Int}, "dropped": {Column: "a.dropped", Kind: listing.Int},
}

type (
	agentPath struct {
		ID string `path:"id" doc:"The agent's id"`
	}
	agentChange struct {
		ID   string `path:"id" doc:"The agent's id"`
		Body Change
	}
	agentBody struct{ Body Agent }
	agentPage struct{ Body listing.Page[Agent] }
	enrolIn   struct{ Body protocol.EnrolRequest }
	enrolOut  struct{ Body protocol.EnrolReply }
)

// Routes registers everything under /agents and /enrolments.
func (c *Component) Routes(api *httpapi.API) {
	route := func(id, method, path, summary string, permission auth.Permission) httpapi.Route {
		return httpapi.Route{ID: id, Method: method, Path: path, Summary: summary, Tag: "agents", Permission: permission}
	}
	httpapi.Handle(api, route("list-agents", http.MethodGet, "/agents", "List agents", canRead), c.listAgents)
	httpapi.Handle(api, route("get-agent", http.MethodGet, "/agents/{id}", "Show an agent", canRead), func(ctx context.Context, in *agentPath) (*agentBody, error) {
		a, err := c.visible(ctx, canRead, in.ID)
		return &agentBody{a}, err
	})
	httpapi.Handle(api, route("update-agent", http.MethodPatch, "/agents/{id}", "Rename an agent, or give it to a team", canWrite), func(ctx context.Context, in *agentChange) (*agentBody, error) {
		if _, err := c.visible(ctx, canWrite, in.ID); err != nil {
			return nil, err
		}
		if in.Body.Team != nil && !teamAllowed(ctx, canWrite, *in.Body.Team) {
			return nil, core.Invalid("team", "is not a team you may write for")
		}
		a, err := c.Update(ctx, in.ID, in.Body)
		return &agentBody{a}, err
	})
	httpapi.Handle(api, route("delete-agent", http.MethodDelete, "/agents/{id}", "Remove an agent; its key is refused from then on", canAdmin), func(ctx context.Context, in *agentPath) (*struct{}, error) {
		if _, err := c.visible(ctx, canAdmin, in.ID); err != nil {
			return nil, err
		}
		return nil, c.Remove(ctx, in.ID)
	})
	httpapi.Handle(api, route("refresh-agent", http.MethodPost, "/agents/{id}/refresh", "Ask an agent to report all its facts again", canAct), func(ctx context.Context, in *agentPath) (*struct{}, error) {
		if _, err := c.visible(ctx, canAct, in.ID); err != nil {
			return nil, err
		}
		return nil, c.RefreshFacts(ctx, in.ID)
	})
	enrol := route("enrol-agent", http.MethodPost, "/agents/enrol", "Exchange an enrolment token for an agent's identity", auth.Public)
	enrol.Status, enrol.MaxBody = http.StatusCreated, 16<<10
	httpapi.Handle(api, enrol, func(ctx context.Context, in *enrolIn) (*enrolOut, error) {
		reply, err := c.Enrol(ctx, in.Body)
		return &enrolOut{reply}, err
	})
	c.enrolmentRoutes(api, route)
}

func (c *Component) listAgents(ctx context.Context, in *listing.Params) (*agentPage, error) {
	where, args := inScope(ctx, canRead, "a.team")
	st, err := agentFields.Build(*in, listing.Base{Select: agentColumns, From: "agents_agent a", Where: where, Args: args,
		Search: []string{"a.name", "a.hostname"}, Default: "name", Key: "a.id", Now: c.deps.Clock.Now()})
	if err != nil {
		return nil, err
	}
	page, err := listing.Read(ctx, c.deps.DB, *in, st, scanAgent)
	return &agentPage{page}, err
}

// visible returns the agent when the caller has the permission for its team; otherwise there is none.
func (c *Component) visible(ctx context.Context, permission auth.Permission, id string) (Agent, error) {
	a, err := c.Agent(ctx, id)
	if err == nil && !teamAllowed(ctx, permission, a.Team) {
		return Agent{}, core.NotFound("agent", id)
	}
	return a, err
}

// inScope is the condition that keeps a list to the caller's teams and to what is common.
func inScope(ctx context.Context, permission auth.Permission, column string) ([]string, []any) {
	scope := auth.From(ctx).Scope(permission)
	if scope.All {
		return nil, nil
	}
	args := []any{""}
	for _, team := range scope.Teams {
		args = append(args, team)
	}
	return []string{column + " IN (" + sqldb.In(len(args), 1) + ")"}, args
}
