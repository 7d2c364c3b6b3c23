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

func runFields() listing.Fields {
	return listing.Fields{
		"id": {Column: "id"}, "runbook": {Column: "runbook"}, "title": {Column: "title"}, "state": {Column: "state"}, "trigger": {Column: "origin"},
		"actor": {Column: "actor_name"}, "item": {Column: "item"}, "situation": {Column: "situation"}, "alert": {Column: "alert"},
		"incident": {Column: "incident"}, "team": {Column: "team"}, "decision": {Column: "decision"},
		"waiting":    {Column: "EXISTS (SELECT 1 FROM jobs_step AS s WHERE s.run = jobs_run.id AND s.state = 'waiting')", Kind: listing.Bool, Unsorted: true},
		"createdAt":  {Column: "created_at", Kind: listing.Time},
		"startedAt":  {Column: "started_at", Kind: listing.Time},
		"finishedAt": {Column: "finished_at", Kind: listing.Time},
	}
}

// RunView is a run with what was tried at each step.
type RunView struct {
	*Run
	Attempts []Attempt `json:"attempts" nullable:"false"`
}

type runInput struct {
	ID string `path:"id" maxLength:"40"`
}

type stepInput struct {
	ID   string `path:"id" maxLength:"40"`
	Step string `path:"step" maxLength:"64"`
	Body *remark
}

// remark is what a person says about a decision; the whole body may be absent.
type remark struct {
	Comment string `json:"comment,omitempty" maxLength:"2000"`
}

func (r *remark) text() string {
	if r == nil {
		return ""
	}
	return r.Comment
}

func (c *Component) runRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-runs", Method: http.MethodGet, Path: "/runs", Tag: "Jobs", Permission: "jobs:read",
		Summary: "List runs, newest first"}, c.listRuns)
	httpapi.Handle(api, httpapi.Route{ID: "get-run", Method: http.MethodGet, Path: "/runs/{id}", Tag: "Jobs", Permission: "jobs:read",
		Summary: "Show a run with its steps"},
		func(ctx context.Context, in *runInput) (*body[RunView], error) {
			run, err := c.visible(ctx, in.ID, "jobs:read")
			if err != nil {
				return nil, err
			}
			attempts, err := loadAttempts(ctx, c.deps.DB, run.ID)
			if attempts == nil {
				attempts = []Attempt{}
			}
			return &body[RunView]{RunView{run, attempts}}, err
		})
	type cancelInput struct {
		ID   string `path:"id" maxLength:"40"`
		Body *remark
	}
	httpapi.Handle(api, httpapi.Route{ID: "cancel-run", Method: http.MethodPost, Path: "/runs/{id}/cancel", Tag: "Jobs", Permission: "jobs:act",
		Summary: "Cancel a run"},
		func(ctx context.Context, in *cancelInput) (*body[*Run], error) {
			if _, err := c.visible(ctx, in.ID, "jobs:act"); err != nil {
				return nil, err
			}
			why := "cancelled by " + actorOf(ctx).Name
			if text := in.Body.text(); text != "" {
				why += ": " + text
			}
			run, err := c.Cancel(ctx, in.ID, actorOf(ctx), why)
			return &body[*Run]{run}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "rerun-run", Method: http.MethodPost, Path: "/runs/{id}/rerun", Tag: "Jobs", Permission: "jobs:act",
		Status: http.StatusCreated, Summary: "Run it again with the same parameters, on the runbook as it is now"},
		func(ctx context.Context, in *runInput) (*body[*Run], error) {
			if _, err := c.visible(ctx, in.ID, "jobs:act"); err != nil {
				return nil, err
			}
			run, err := c.Rerun(ctx, in.ID, actorOf(ctx), triggerOf(ctx))
			return &body[*Run]{run}, err
		})
	c.decideRoute(api, "approve", true)
	c.decideRoute(api, "reject", false)
	api.Mount("GET /api/v1/runs/{id}/output", "jobs:read", http.HandlerFunc(c.serveOutput))
}

func (c *Component) decideRoute(api *httpapi.API, verb string, approve bool) {
	httpapi.Handle(api, httpapi.Route{ID: verb + "-step", Method: http.MethodPost, Path: "/runs/{id}/steps/{step}/" + verb, Tag: "Jobs",
		Permission: "approvals:act", Summary: "Decide on a step that waits for approval: " + verb},
		func(ctx context.Context, in *stepInput) (*body[*Run], error) {
			if _, err := c.visible(ctx, in.ID, "jobs:read"); err != nil {
				return nil, err
			}
			run, err := c.Decide(ctx, in.ID, in.Step, approve, actorOf(ctx), in.Body.text(), auth.From(ctx).Scope("approvals:act").Allows)
			return &body[*Run]{run}, err
		})
}

// visible reads a run of the caller's teams.
func (c *Component) visible(ctx context.Context, id string, permission auth.Permission) (*Run, error) {
	run, err := loadRun(ctx, c.deps.DB, id)
	if err == nil && !auth.From(ctx).Scope("jobs:read").Allows(run.Team) {
		err = core.NotFound("run", id)
	}
	if err != nil {
		return nil, err
	}
	return run, permit(ctx, permission, run.Team)
}

func (c *Component) listRuns(ctx context.Context, in *listing.Params) (*body[listing.Page[Run]], error) {
	where, args := scoped(ctx, "jobs:read", "team")
	st, err := runFields().Build(*in, listing.Base{Select: runColumns, From: "jobs_run", Where: where, Args: args,
		Search: []string{"title", "runbook", "actor_name", "why"}, Default: "-createdAt", Key: "id", Now: c.deps.Clock.Now()})
	if err != nil {
		return nil, err
	}
	page, err := listing.Read(ctx, c.deps.DB, *in, st, func(dest func(...any) error) (Run, error) {
		r, err := scanRun(dest)
		if err != nil {
			return Run{}, err
		}
		r.Definition = nil // one page shows it: that of the run
		return *r, nil
	})
	if err != nil {
		return nil, err
	}
	return &body[listing.Page[Run]]{page}, c.addSteps(ctx, page.Items)
}

// addSteps reads the steps of a page of runs at once.
func (c *Component) addSteps(ctx context.Context, runs []Run) error {
	if len(runs) == 0 {
		return nil
	}
	index := map[string]int{}
	args := make([]any, len(runs))
	for i, r := range runs {
		index[r.ID], args[i] = i, r.ID
	}
	rows, err := c.deps.DB.Query(ctx, "SELECT run, id, name, kind, "+stepColumns+" FROM jobs_step WHERE run IN ("+
		sqldb.In(len(args), 1)+") ORDER BY run, position", args...)
	_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (struct{}, error) {
		var run string
		s, err := scanStep(func(dest ...any) error { return r.Scan(append([]any{&run}, dest...)...) })
		if err == nil {
			runs[index[run]].Steps = append(runs[index[run]].Steps, s)
		}
		return struct{}{}, err
	})
	return err
}
