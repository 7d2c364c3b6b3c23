package monitor

import (
	"context"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

const tag = "monitor"

// ByID names one record of a route.
type ByID struct {
	ID string `path:"id" maxLength:"120" doc:"id or name"`
}

// ByVersion names one record of a route and the version that is meant.
type ByVersion struct {
	ByID
	IfMatch string `header:"If-Match" doc:"the ETag that was read"`
}

// CheckView is a check with what is known of its targets.
type CheckView struct {
	Check
	Targets []Target       `json:"targets" nullable:"false" doc:"the worst first; of very many, the first thousand"`
	Total   int            `json:"total" doc:"how many targets it has"`
	States  map[string]int `json:"states" doc:"how many targets are in each state"`
	Missing []string       `json:"missing,omitempty" doc:"names in dependsOn that are no check"`
}

type checkOutput struct {
	ETag string `header:"ETag"`
	Body CheckView
}

// CheckDocument declares a check.
type CheckDocument struct {
	Name string    `json:"name"`
	Spec CheckSpec `json:"spec"`
}

// Routes registers what monitoring answers.
func (c *Component) Routes(api *httpapi.API) {
	c.checkRoutes(api)
	c.outsideRoutes(api)
	c.ruleRoutes(api)
	c.formRoutes(api)
	c.windowRoutes(api)
}

func (c *Component) checkRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-checks", Method: http.MethodGet, Path: "/checks", Summary: "List checks", Tag: tag, Permission: "checks:read",
		Details: "One row for each item a check is about."}, c.httpListChecks)
	httpapi.Handle(api, httpapi.Route{ID: "create-check", Method: http.MethodPost, Path: "/checks", Summary: "Declare a check", Tag: tag, Permission: "checks:write", Status: http.StatusCreated}, c.httpCreateCheck)
	httpapi.Handle(api, httpapi.Route{ID: "get-check", Method: http.MethodGet, Path: "/checks/{id}", Summary: "Read a check", Tag: tag, Permission: "checks:read",
		Details: "By the check's id or name, or the id of one of its targets."}, c.httpGetCheck)
	httpapi.Handle(api, httpapi.Route{ID: "update-check", Method: http.MethodPut, Path: "/checks/{id}", Summary: "Change a check", Tag: tag, Permission: "checks:write"}, c.httpUpdateCheck)
	httpapi.Handle(api, httpapi.Route{ID: "delete-check", Method: http.MethodDelete, Path: "/checks/{id}", Summary: "Delete a check", Tag: tag, Permission: "checks:write"}, c.httpDeleteCheck)
	httpapi.Handle(api, httpapi.Route{ID: "run-check", Method: http.MethodPost, Path: "/checks/{id}/run", Summary: "Run a check now", Tag: tag, Permission: "checks:act"}, c.httpRunCheck)
	httpapi.Handle(api, httpapi.Route{ID: "explain-check", Method: http.MethodGet, Path: "/checks/{id}/why", Summary: "Explain a check's state", Tag: tag, Permission: "checks:read",
		Details: "The reasons for the state of the check on one item, the most telling first."}, c.httpWhy)
	httpapi.Handle(api, httpapi.Route{ID: "get-check-coverage", Method: http.MethodGet, Path: "/check-coverage", Summary: "Find items without a check", Tag: tag, Permission: "checks:read"}, c.httpCoverage)
	httpapi.Handle(api, httpapi.Route{ID: "list-check-results", Method: http.MethodGet, Path: "/checks/{id}/results", Summary: "List a check's last results", Tag: tag, Permission: "checks:read"}, c.httpResults)
	c.screenshotRoute(api)
}

type pageOutput[T any] struct{ Body listing.Page[T] }

func (c *Component) httpListChecks(ctx context.Context, in *struct{ listing.Params }) (*pageOutput[Target], error) {
	page, err := c.listTargets(ctx, in.Params)
	return &pageOutput[Target]{page}, err
}

// visible reads a check that the caller may do something with.
func (c *Component) visible(ctx context.Context, ref, verb string) (*Check, error) {
	check, err := c.store.checkBy(ctx, c.deps.DB, ref)
	if err != nil {
		return nil, err
	}
	if err := allowed(ctx, "checks:read", check.Spec.Team, "check", ref); err != nil {
		return nil, err
	}
	return check, allowed(ctx, permission("checks", verb), check.Spec.Team, "check", ref)
}

func (c *Component) httpGetCheck(ctx context.Context, in *ByID) (*checkOutput, error) {
	check, err := c.visible(ctx, in.ID, "read")
	if err != nil {
		return nil, err
	}
	return c.viewOf(ctx, check)
}

func (c *Component) viewOf(ctx context.Context, check *Check) (*checkOutput, error) {
	view := CheckView{Check: *check, Targets: []Target{}, States: map[string]int{}}
	targets, err := c.targetsOf(ctx, check.ID)
	if err != nil {
		return nil, err
	}
	view.Targets = append(view.Targets, targets...)
	if view.States, err = c.store.stateCounts(ctx, check.ID); err != nil {
		return nil, err
	}
	for _, n := range view.States {
		view.Total += n
	}
	for _, name := range check.Spec.DependsOn {
		parent, err := c.store.checkNamed(ctx, c.deps.DB, name)
		if err != nil {
			return nil, err
		}
		if parent == nil {
			view.Missing = append(view.Missing, name)
		}
	}
	return &checkOutput{ETag: httpapi.ETag(check.Version), Body: view}, nil
}

func (c *Component) httpCreateCheck(ctx context.Context, in *struct{ Body CheckDocument }) (*checkOutput, error) {
	if err := allowed(ctx, "checks:write", in.Body.Spec.Team, "check", in.Body.Name); err != nil {
		return nil, err
	}
	var check *Check
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		old, err := c.store.checkNamed(ctx, tx, in.Body.Name)
		if err != nil {
			return err
		}
		if old != nil {
			return core.Errorf(core.CodeConflict, "there is already a check named %q", in.Body.Name)
		}
		check, _, err = c.applyCheck(ctx, tx, in.Body.Name, in.Body.Spec, "")
		return err
	})
	if err != nil {
		return nil, err
	}
	c.loadNow(ctx, check)
	return c.viewOf(ctx, check)
}

// loadNow has a check run as it is declared, so that the answer shows its
// targets; in another process that follows in a moment.
func (c *Component) loadNow(ctx context.Context, check *Check) {
	if e := c.leader.Load(); e != nil {
		if err := e.reload(ctx, check.ID); err != nil {
			c.deps.Log.Warn("monitor: a check cannot be loaded yet", "check", check.Name, "error", err)
		}
	}
}

func (c *Component) httpUpdateCheck(ctx context.Context, in *struct {
	ByVersion
	Body struct {
		Spec CheckSpec `json:"spec"`
	}
}) (*checkOutput, error) {
	old, err := c.visible(ctx, in.ID, "write")
	if err != nil {
		return nil, err
	}
	if err := allowed(ctx, "checks:write", in.Body.Spec.Team, "check", in.ID); err != nil {
		return nil, err
	}
	check, _, err := c.PutCheck(ctx, old.Name, in.Body.Spec, in.IfMatch)
	if err != nil {
		return nil, err
	}
	c.loadNow(ctx, check)
	return c.viewOf(ctx, check)
}

func (c *Component) httpDeleteCheck(ctx context.Context, in *ByVersion) (*struct{}, error) {
	check, err := c.visible(ctx, in.ID, "write")
	if err != nil {
		return nil, err
	}
	return nil, c.DeleteCheck(ctx, check.ID, in.IfMatch)
}

type resultOutput struct{ Body Result }

func (c *Component) httpRunCheck(ctx context.Context, in *ByID) (*resultOutput, error) {
	if _, err := c.visible(ctx, in.ID, "act"); err != nil {
		return nil, err
	}
	res, err := c.RunNow(ctx, in.ID)
	return &resultOutput{res}, err
}

type resultsInput struct {
	ByID
	Limit  int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Before time.Time `query:"before" doc:"only results from before this time"`
	Target string    `query:"target" maxLength:"26" doc:"one target of a check that has several"`
}

type resultsOutput struct {
	Body struct {
		Items []Result `json:"items" nullable:"false"`
	}
}

func (c *Component) httpResults(ctx context.Context, in *resultsInput) (*resultsOutput, error) {
	target, check, err := c.targetOf(ctx, in.ByID, in.Target)
	if err != nil {
		return nil, err
	}
	out := &resultsOutput{}
	out.Body.Items = []Result{}
	list, err := c.store.results(ctx, target, in.Before, in.Limit)
	for i := range list {
		list[i].Check = check.Name
	}
	out.Body.Items = append(out.Body.Items, list...)
	return out, err
}
