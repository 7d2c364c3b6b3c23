package monitor

import (
	"context"
	"net/http"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
)

// RuleView is a rule with what it sees.
type RuleView struct {
	Rule
	Health    string     `json:"health" enum:"ok,err,unknown"`
	LastError string     `json:"lastError,omitempty"`
	Evaluated *time.Time `json:"evaluated,omitempty"`
	Pending   int        `json:"pending" doc:"series that do not count yet"`
	Firing    int        `json:"firing" doc:"series that count"`
	Severity  string     `json:"severity,omitempty" doc:"of its alerts; left out where it records, and where each alert's labels tell"`
}

// RuleDocument declares a rule.
type RuleDocument struct {
	Name string   `json:"name"`
	Spec RuleSpec `json:"spec"`
}

type ruleOutput struct {
	ETag string `header:"ETag"`
	Body RuleView
}

func (c *Component) ruleRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-metric-rules", Method: http.MethodGet, Path: "/metric-rules", Summary: "List metric rules", Tag: tag, Permission: "checks:read"}, c.httpListRules)
	httpapi.Handle(api, httpapi.Route{ID: "create-metric-rule", Method: http.MethodPost, Path: "/metric-rules", Summary: "Declare a metric rule", Tag: tag, Permission: "checks:write", Status: http.StatusCreated}, c.httpCreateRule)
	httpapi.Handle(api, httpapi.Route{ID: "preview-metric-rule", Method: http.MethodPost, Path: "/metric-rules/preview", Summary: "Try a metric rule on history", Tag: tag, Permission: "metrics:read",
		Details: "Evaluates the rule over the range as if it had been there, and tells when it would have fired. It stores nothing, takes 20 seconds at the most and says how far it came."}, c.httpPreviewRule)
	httpapi.Handle(api, httpapi.Route{ID: "get-metric-rule", Method: http.MethodGet, Path: "/metric-rules/{id}", Summary: "Read a metric rule", Tag: tag, Permission: "checks:read"}, c.httpGetRule)
	httpapi.Handle(api, httpapi.Route{ID: "list-metric-rule-series", Method: http.MethodGet, Path: "/metric-rules/{id}/series", Summary: "List what a metric rule sees now", Tag: tag, Permission: "checks:read",
		Details: "The series that its expression gave at the last evaluation, those that count first."}, c.httpRuleSeries)
	httpapi.Handle(api, httpapi.Route{ID: "update-metric-rule", Method: http.MethodPut, Path: "/metric-rules/{id}", Summary: "Change a metric rule", Tag: tag, Permission: "checks:write"}, c.httpUpdateRule)
	httpapi.Handle(api, httpapi.Route{ID: "delete-metric-rule", Method: http.MethodDelete, Path: "/metric-rules/{id}", Summary: "Delete a metric rule", Tag: tag, Permission: "checks:write"}, c.httpDeleteRule)
}

func (c *Component) httpListRules(ctx context.Context, in *struct{ listing.Params }) (*pageOutput[RuleView], error) {
	fields := listing.Fields{
		"name": {Column: "name"}, "file": {Column: "file"}, "group": {Column: "grp"}, "kind": {Column: "kind"}, "team": {Column: "team"}, "disabled": {Column: "disabled", Kind: listing.Bool},
		"createdAt": {Column: "created_at", Kind: listing.Time}, "updatedAt": {Column: "updated_at", Kind: listing.Time},
	}
	base := listing.Base{Select: ruleColumns, From: "monitor_rule", Search: []string{"name", "spec"}, Default: "name", Key: "id", Now: c.deps.Clock.Now()}
	base.Where, base.Args = teamFilter(ctx, "checks:read", "team")
	st, err := fields.Build(in.Params, base)
	if err != nil {
		return nil, err
	}
	page, err := listing.Read(ctx, c.deps.DB, in.Params, st, func(scan func(...any) error) (RuleView, error) {
		r, err := scanRule(scan)
		if err != nil {
			return RuleView{}, err
		}
		return RuleView{Rule: *r}, nil
	})
	if err != nil {
		return nil, err
	}
	for i := range page.Items {
		if err := c.fillRule(ctx, &page.Items[i]); err != nil {
			return nil, err
		}
	}
	return &pageOutput[RuleView]{page}, nil
}

// fillRule adds what the rule sees now.
func (c *Component) fillRule(ctx context.Context, v *RuleView) error {
	if label := v.Spec.Labels["severity"]; v.Spec.Record == "" && !strings.Contains(label, "{{") {
		v.Severity = v.Spec.severityOf(label).String()
	}
	v.Health = "unknown"
	var alerts map[string]ruleAlert
	if live := c.liveRule(v.ID); live != nil {
		live.mu.Lock()
		alerts = live.alerts
		if at := live.at; !at.IsZero() {
			v.Evaluated, v.Health = &at, "ok"
		}
		if live.err != nil {
			v.Health, v.LastError = "err", shown(live.err)
		}
		live.mu.Unlock()
	} else {
		var err error
		if alerts, err = c.store.ruleAlerts(ctx, c.deps.DB, v.ID); err != nil {
			return err
		}
	}
	for _, a := range alerts {
		if a.Firing {
			v.Firing++
		} else {
			v.Pending++
		}
	}
	return nil
}

func (c *Component) ruleView(ctx context.Context, r *Rule) (*ruleOutput, error) {
	out := &ruleOutput{ETag: httpapi.ETag(r.Version), Body: RuleView{Rule: *r}}
	return out, c.fillRule(ctx, &out.Body)
}

// visibleRule reads a rule that the caller may do something with.
func (c *Component) visibleRule(ctx context.Context, ref, verb string) (*Rule, error) {
	r, err := c.store.ruleBy(ctx, c.deps.DB, ref)
	if err != nil {
		return nil, err
	}
	if err := allowed(ctx, "checks:read", r.Spec.Team, "metric rule", ref); err != nil {
		return nil, err
	}
	return r, allowed(ctx, permission("checks", verb), r.Spec.Team, "metric rule", ref)
}

func (c *Component) httpGetRule(ctx context.Context, in *ByID) (*ruleOutput, error) {
	r, err := c.visibleRule(ctx, in.ID, "read")
	if err != nil {
		return nil, err
	}
	return c.ruleView(ctx, r)
}

func (c *Component) httpCreateRule(ctx context.Context, in *struct{ Body RuleDocument }) (*ruleOutput, error) {
	if err := allowed(ctx, "checks:write", in.Body.Spec.Team, "metric rule", in.Body.Name); err != nil {
		return nil, err
	}
	if _, err := c.store.ruleBy(ctx, c.deps.DB, in.Body.Name); err == nil {
		return nil, core.Errorf(core.CodeConflict, "there is already a metric rule named %q", in.Body.Name)
	}
	r, _, err := c.PutRule(ctx, in.Body.Name, in.Body.Spec, "")
	if err != nil {
		return nil, err
	}
	return c.ruleView(ctx, r)
}

func (c *Component) httpUpdateRule(ctx context.Context, in *struct {
	ByVersion
	Body struct {
		Spec RuleSpec `json:"spec"`
	}
}) (*ruleOutput, error) {
	old, err := c.visibleRule(ctx, in.ID, "write")
	if err != nil {
		return nil, err
	}
	if err := allowed(ctx, "checks:write", in.Body.Spec.Team, "metric rule", in.ID); err != nil {
		return nil, err
	}
	r, _, err := c.PutRule(ctx, old.Name, in.Body.Spec, in.IfMatch)
	if err != nil {
		return nil, err
	}
	return c.ruleView(ctx, r)
}

func (c *Component) httpDeleteRule(ctx context.Context, in *ByVersion) (*struct{}, error) {
	r, err := c.visibleRule(ctx, in.ID, "write")
	if err != nil {
		return nil, err
	}
	return nil, c.DeleteRule(ctx, r.ID, in.IfMatch)
}
