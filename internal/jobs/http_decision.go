package jobs

import (
	"context"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

func decisionFields() listing.Fields {
	return listing.Fields{
		"remediation": {Column: "remediation"}, "state": {Column: "state"}, "guard": {Column: "guard"}, "kind": {Column: "subject_kind"},
		"subject": {Column: "subject_id"}, "item": {Column: "item"}, "run": {Column: "run"}, "team": {Column: "team"},
		"createdAt": {Column: "created_at", Kind: listing.Time}, "updatedAt": {Column: "updated_at", Kind: listing.Time},
	}
}

func (c *Component) decisionRoutes(api *httpapi.API) {
	type listInput struct {
		Name string `path:"name" maxLength:"200"`
		listing.Params
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-remediation-decisions", Method: http.MethodGet, Path: "/remediations/{name}/decisions", Tag: "Jobs",
		Permission: "jobs:read", Summary: "List what a remediation decided, and why"},
		func(ctx context.Context, in *listInput) (*body[listing.Page[Decision]], error) {
			where, args := scoped(ctx, "jobs:read", "team")
			args = append(args, in.Name)
			return c.listDecisions(ctx, in.Params, append(where, "remediation = "+placeholderOf(len(args))), args)
		})
	httpapi.Handle(api, httpapi.Route{ID: "list-decisions", Method: http.MethodGet, Path: "/decisions", Tag: "Jobs", Permission: "jobs:read",
		Summary: "List what all remediations decided: where=state=proposed, where=subject=<situation>"},
		func(ctx context.Context, in *listing.Params) (*body[listing.Page[Decision]], error) {
			where, args := scoped(ctx, "jobs:read", "team")
			return c.listDecisions(ctx, *in, where, args)
		})
	c.answerRoute(api, "approve", true)
	c.answerRoute(api, "reject", false)
}

func placeholderOf(n int) string { return sqldb.In(1, n) }

func (c *Component) listDecisions(ctx context.Context, p listing.Params, where []string, args []any) (*body[listing.Page[Decision]], error) {
	st, err := decisionFields().Build(p, listing.Base{Select: decisionColumns, From: "jobs_decision", Where: where, Args: args,
		Search: []string{"remediation", "why"}, Default: "-createdAt", Key: "id", Now: c.deps.Clock.Now()})
	if err != nil {
		return nil, err
	}
	page, err := listing.Read(ctx, c.deps.DB, p, st, func(dest func(...any) error) (Decision, error) {
		d, err := scanDecision(dest)
		if err != nil {
			return Decision{}, err
		}
		return *d, nil
	})
	return &body[listing.Page[Decision]]{page}, err
}

func (c *Component) answerRoute(api *httpapi.API, verb string, approve bool) {
	type answerInput struct {
		ID   string `path:"id" maxLength:"40"`
		Body *remark
	}
	httpapi.Handle(api, httpapi.Route{ID: verb + "-decision", Method: http.MethodPost, Path: "/decisions/{id}/" + verb, Tag: "Jobs",
		Permission: "approvals:act", Summary: "Answer what a remediation proposes: " + verb},
		func(ctx context.Context, in *answerInput) (*body[*Decision], error) {
			d, err := loadDecision(ctx, c.deps.DB, in.ID)
			if err == nil && !auth.From(ctx).Scope("jobs:read").Allows(d.Team) {
				err = core.NotFound("decision", in.ID)
			}
			if err != nil {
				return nil, err
			}
			d, err = c.Answer(ctx, in.ID, approve, in.Body.text())
			return &body[*Decision]{d}, err
		})
}
