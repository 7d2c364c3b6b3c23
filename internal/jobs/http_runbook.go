package jobs

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// Routes registers the module's part of the API.
func (c *Component) Routes(api *httpapi.API) {
	c.runbookRoutes(api)
	c.runRoutes(api)
	c.remediationRoutes(api)
	c.decisionRoutes(api)
}

// RunbookView is a runbook as lists and pages show it.
type RunbookView struct {
	Name      string    `json:"name"`
	Title     string    `json:"title"`
	Team      string    `json:"team,omitempty"`
	Spec      *Runbook  `json:"spec"`
	UpdatedAt time.Time `json:"updatedAt"`
}

type body[T any] struct{ Body T }

func runbookFields() listing.Fields {
	return listing.Fields{
		"name": {Column: "name"}, "title": {Column: "title"}, "team": {Column: "team"}, "updatedAt": {Column: "updated_at", Kind: listing.Time},
	}
}

func scanRunbook(dest func(...any) error) (RunbookView, error) {
	var v RunbookView
	var spec string
	var updated int64
	if err := dest(&v.Name, &v.Title, &v.Team, &spec, &updated); err != nil {
		return v, err
	}
	v.UpdatedAt = core.FromMicros(updated)
	return v, json.Unmarshal([]byte(spec), &v.Spec)
}

// scoped restricts a list to the caller's teams.
func scoped(ctx context.Context, permission auth.Permission, column string) (where []string, args []any) {
	scope := auth.From(ctx).Scope(permission)
	if scope.All {
		return nil, nil
	}
	args = []any{""}
	for _, team := range scope.Teams {
		args = append(args, team)
	}
	return []string{column + " IN (" + sqldb.In(len(args), 1) + ")"}, args
}

func (c *Component) runbookRoutes(api *httpapi.API) {
	type nameInput struct {
		Name string `path:"name" maxLength:"200"`
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-runbooks", Method: http.MethodGet, Path: "/runbooks", Tag: "Jobs", Permission: "jobs:read",
		Summary: "List runbooks"},
		func(ctx context.Context, in *listing.Params) (*body[listing.Page[RunbookView]], error) {
			where, args := scoped(ctx, "jobs:read", "team")
			st, err := runbookFields().Build(*in, listing.Base{Select: "name, title, team, spec, updated_at", From: "jobs_runbook", Where: where, Args: args,
				Search: []string{"name", "title"}, Default: "name", Key: "name", Now: c.deps.Clock.Now()})
			if err != nil {
				return nil, err
			}
			page, err := listing.Read(ctx, c.deps.DB, *in, st, scanRunbook)
			return &body[listing.Page[RunbookView]]{page}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "get-runbook", Method: http.MethodGet, Path: "/runbooks/{name}", Tag: "Jobs", Permission: "jobs:read",
		Summary: "Show a runbook"},
		func(ctx context.Context, in *nameInput) (*body[RunbookView], error) {
			v, err := c.runbook(ctx, in.Name)
			return &body[RunbookView]{v}, err
		})
	type runInput struct {
		Name string `path:"name" maxLength:"200"`
		Body struct {
			Parameters map[string]any `json:"parameters,omitempty"`
			Why        string         `json:"why,omitempty" maxLength:"2000"`
			Item       string         `json:"item,omitempty" doc:"What it is about: $item of the steps"`
			Situation  string         `json:"situation,omitempty"`
			Alert      string         `json:"alert,omitempty"`
			Incident   string         `json:"incident,omitempty"`
			Cause      string         `json:"cause,omitempty" doc:"Ledger entry that led to it"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "run-runbook", Method: http.MethodPost, Path: "/runbooks/{name}/run", Tag: "Jobs", Permission: "jobs:act",
		Status: http.StatusCreated, Summary: "Start a run"},
		func(ctx context.Context, in *runInput) (*body[*Run], error) {
			v, err := c.runbook(ctx, in.Name)
			if err != nil {
				return nil, err
			}
			if err := permit(ctx, "jobs:act", v.Team); err != nil {
				return nil, err
			}
			b := in.Body
			about, err := c.subjectOfRequest(ctx, Subject{Item: b.Item, Situation: b.Situation, Alert: b.Alert, Incident: b.Incident})
			if err != nil {
				return nil, err
			}
			run, err := c.Run(ctx, Request{Runbook: in.Name, Parameters: b.Parameters, Trigger: triggerOf(ctx), Actor: actorOf(ctx), Why: b.Why,
				Cause: b.Cause, Subject: about})
			return &body[*Run]{run}, err
		})
}

// triggerOf tells a person at the console from a program with a token.
func triggerOf(ctx context.Context) Trigger {
	if p := auth.From(ctx); p != nil && p.Kind == auth.KindUser && p.Token == "" {
		return ByPerson
	}
	return ByAPI
}

// subjectOfRequest fills in what the ledger tells of a situation or an alert.
func (c *Component) subjectOfRequest(ctx context.Context, about Subject) (Subject, error) {
	for kind, id := range map[string]string{OnSituation: about.Situation, OnAlert: about.Alert} {
		if id == "" {
			continue
		}
		entries, err := c.deps.Ledger.List(ctx, ledger.Query{Subject: core.Ref{Kind: kind, ID: id}, Types: []string{"events." + kind + "."}, Limit: 1})
		if err != nil {
			return about, err
		}
		if len(entries) == 0 {
			continue // of another installation: the run is about it all the same
		}
		s, _, ok := subjectOf(entries[0])
		if !ok {
			continue
		}
		known, err := s.about()
		if err != nil {
			return about, err
		}
		if about.Item == "" {
			about.Item = known.Item
		}
		if len(known.Checks) > len(about.Checks) {
			about.Checks = known.Checks
		}
	}
	return about, nil
}

func (c *Component) runbook(ctx context.Context, name string) (RunbookView, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT name, title, team, spec, updated_at FROM jobs_runbook WHERE name = $1", name)
	found, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (RunbookView, error) { return scanRunbook(r.Scan) })
	if err != nil {
		return RunbookView{}, err
	}
	if len(found) == 0 || !auth.From(ctx).Scope("jobs:read").Allows(found[0].Team) {
		return RunbookView{}, core.NotFound("runbook", name)
	}
	return found[0], nil
}
