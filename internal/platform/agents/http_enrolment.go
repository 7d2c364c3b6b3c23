package agents

import (
	"context"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
)

var enrolmentFields = listing.Fields{
	"id": {Column: "e.id"}, "name": {Column: "e.name"}, "team": {Column: "e.team"}, "agent": {Column: "e.agent"},
	"createdBy": {Column: "e.created_by"}, "createdAt": {Column: "e.created_at", Kind: listing.Time},
	"expiresAt": {Column: "e.expires_at", Kind: listing.Time}, "usedAt": {Column: "e.used_at", Kind: listing.Time}, "revokedAt": {Column: "e.revoked_at", Kind: listing.Time},
}

// NewEnrolment asks for a token.
type NewEnrolment struct {
	Name      string `json:"name,omitempty" maxLength:"253" doc:"What it is for; the agent's name when the host gives none"`
	Team      string `json:"team,omitempty" maxLength:"26" doc:"Id of the team the agent will belong to"`
	ExpiresIn string `json:"expiresIn,omitempty" doc:"How long it is valid; 24h when absent" example:"1h"`
}

// CreatedEnrolment shows the token, once.
type CreatedEnrolment struct {
	Enrolment
	Token string `json:"token" doc:"The token; it is shown only here"`
}

type (
	enrolmentPath struct {
		ID string `path:"id" doc:"The enrolment's id"`
	}
	newEnrolment  struct{ Body NewEnrolment }
	created       struct{ Body CreatedEnrolment }
	enrolmentBody struct{ Body Enrolment }
	enrolmentPage struct{ Body listing.Page[Enrolment] }
)

func (c *Component) enrolmentRoutes(api *httpapi.API, route func(id, method, path, summary string, permission auth.Permission) httpapi.Route) {
	httpapi.Handle(api, route("list-enrolments", http.MethodGet, "/enrolments", "List enrolment tokens", canAdmin), c.listEnrolments)
	create := route("create-enrolment", http.MethodPost, "/enrolments", "Make a one-time token with which a host enrols", canAdmin)
	create.Status = http.StatusCreated
	httpapi.Handle(api, create, func(ctx context.Context, in *newEnrolment) (*created, error) {
		var expires time.Duration
		if in.Body.ExpiresIn != "" {
			var err error
			if expires, err = time.ParseDuration(in.Body.ExpiresIn); err != nil || expires == 0 {
				return nil, core.Invalid("expiresIn", "must be a duration such as 1h")
			}
		}
		if !teamAllowed(ctx, canAdmin, in.Body.Team) {
			return nil, core.Invalid("team", "is not a team you administer agents for")
		}
		e, token, err := c.CreateEnrolment(ctx, in.Body.Name, in.Body.Team, expires)
		return &created{CreatedEnrolment{e, token}}, err
	})
	httpapi.Handle(api, route("revoke-enrolment", http.MethodPost, "/enrolments/{id}/revoke", "Make an unused token useless", canAdmin), func(ctx context.Context, in *enrolmentPath) (*enrolmentBody, error) {
		e, err := c.RevokeEnrolment(ctx, in.ID)
		return &enrolmentBody{e}, err
	})
}

func (c *Component) listEnrolments(ctx context.Context, in *listing.Params) (*enrolmentPage, error) {
	where, args := inScope(ctx, canAdmin, "e.team")
	now := c.deps.Clock.Now()
	st, err := enrolmentFields.Build(*in, listing.Base{Select: enrolmentColumns, From: "agents_enrolment e", Where: where, Args: args,
		Search: []string{"e.name"}, Default: "-createdAt", Key: "e.id", Now: now})
	if err != nil {
		return nil, err
	}
	page, err := listing.Read(ctx, c.deps.DB, *in, st, func(scan func(...any) error) (Enrolment, error) { return scanEnrolment(now, scan) })
	return &enrolmentPage{page}, err
}
