package jobs

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// RemediationView is a remediation as lists and pages show it.
type RemediationView struct {
	Name      string       `json:"name"`
	Enabled   bool         `json:"enabled"`
	Team      string       `json:"team,omitempty"`
	Runbook   string       `json:"runbook"`
	Spec      *Remediation `json:"spec"`
	UpdatedAt time.Time    `json:"updatedAt"`
}

const remediationColumns = "name, enabled, team, runbook, spec, updated_at"

func remediationFields() listing.Fields {
	return listing.Fields{"name": {Column: "name"}, "enabled": {Column: "enabled", Kind: listing.Bool, Unsorted: true}, "team": {Column: "team"},
		"runbook": {Column: "runbook"}, "updatedAt": {Column: "updated_at", Kind: listing.Time}}
}

func scanRemediation(dest func(...any) error) (RemediationView, error) {
	var v RemediationView
	var spec string
	var updated int64
	if err := dest(&v.Name, &v.Enabled, &v.Team, &v.Runbook, &spec, &updated); err != nil {
		return v, err
	}
	v.UpdatedAt = core.FromMicros(updated)
	return v, json.Unmarshal([]byte(spec), &v.Spec)
}

type remediationInput struct {
	Name string `path:"name" maxLength:"200"`
}

func (c *Component) remediationRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-remediations", Method: http.MethodGet, Path: "/remediations", Tag: "Jobs", Permission: "jobs:read",
		Summary: "List remediations"},
		func(ctx context.Context, in *listing.Params) (*body[listing.Page[RemediationView]], error) {
			where, args := scoped(ctx, "jobs:read", "team")
			st, err := remediationFields().Build(*in, listing.Base{Select: remediationColumns, From: "jobs_remediation", Where: where, Args: args,
				Search: []string{"name", "runbook"}, Default: "name", Key: "name", Now: c.deps.Clock.Now()})
			if err != nil {
				return nil, err
			}
			page, err := listing.Read(ctx, c.deps.DB, *in, st, scanRemediation)
			return &body[listing.Page[RemediationView]]{page}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "get-remediation", Method: http.MethodGet, Path: "/remediations/{name}", Tag: "Jobs", Permission: "jobs:read",
		Summary: "Show a remediation"},
		func(ctx context.Context, in *remediationInput) (*body[RemediationView], error) {
			v, err := c.remediation(ctx, in.Name)
			return &body[RemediationView]{v}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "get-kill-switch", Method: http.MethodGet, Path: "/remediations/kill-switch", Tag: "Jobs", Permission: "jobs:read",
		Summary: "Tell whether all remediation is switched off"},
		func(ctx context.Context, _ *struct{}) (*body[KillSwitch], error) {
			s, err := loadSwitch(ctx, c.deps.DB)
			if err == nil {
				err = s.countRunning(ctx, c.deps.DB)
			}
			return &body[KillSwitch]{s}, err
		})
	type switchInput struct {
		Body struct {
			On            bool `json:"on" doc:"true: no remediation starts anything"`
			CancelRunning bool `json:"cancelRunning,omitempty" doc:"Cancel also what remediations have under way; running tells how many runs that is"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "set-kill-switch", Method: http.MethodPut, Path: "/remediations/kill-switch", Tag: "Jobs", Permission: "jobs:act",
		Summary: "Switch all remediation off, or on again"},
		func(ctx context.Context, in *switchInput) (*body[KillSwitch], error) {
			if !auth.From(ctx).Scope("jobs:act").All {
				return nil, core.Errorf(core.CodeForbidden, "the kill switch needs jobs:act for all teams")
			}
			s, err := c.SetKillSwitch(ctx, in.Body.On, in.Body.CancelRunning)
			return &body[KillSwitch]{s}, err
		})
	type testInput struct {
		Name string `path:"name" maxLength:"200"`
		Body TestRequest
	}
	httpapi.Handle(api, httpapi.Route{ID: "test-remediation", Method: http.MethodPost, Path: "/remediations/{name}/test", Tag: "Jobs", Permission: "jobs:read",
		Summary: "Try a remediation on recorded situations or alerts, without doing anything",
		Details: "With a spec in the body, that is tried instead of the stored one; the name may then be one that does not exist yet."},
		func(ctx context.Context, in *testInput) (*body[TestReport], error) {
			report, err := c.Test(ctx, in.Name, in.Body)
			return &body[TestReport]{report}, err
		})
}

func (c *Component) remediation(ctx context.Context, name string) (RemediationView, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT "+remediationColumns+" FROM jobs_remediation WHERE name = $1", name)
	found, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (RemediationView, error) { return scanRemediation(r.Scan) })
	if err != nil {
		return RemediationView{}, err
	}
	if len(found) == 0 || !auth.From(ctx).Scope("jobs:read").Allows(found[0].Team) {
		return RemediationView{}, core.NotFound("remediation", name)
	}
	return found[0], nil
}
