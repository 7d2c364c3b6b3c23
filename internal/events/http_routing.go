package events

import (
	"context"
	"net/http"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/routing"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
)

// RoutingView is how alerts are routed now.
type RoutingView struct {
	Declared    bool               `json:"declared" doc:"Whether there is a document of the kind AlertRouting"`
	Root        *routing.RouteView `json:"root,omitempty"`
	Receivers   []string           `json:"receivers" nullable:"false"`
	Groups      []GroupView        `json:"groups" nullable:"false" doc:"Groups of alerts, those that are due first in front"`
	GroupCount  int                `json:"groupCount" doc:"How many there are in all"`
	Inhibitions []InhibitionView   `json:"inhibitions" nullable:"false" doc:"The rules that hold alerts back while another one is active"`
	Held        []HeldView         `json:"held" nullable:"false" doc:"Alerts that are held back by another one now"`
}

// GroupView is a group of alerts between two notifications.
type GroupView struct {
	Labels   map[string]string `json:"labels" nullable:"false"`
	Route    string            `json:"route"`
	Receiver string            `json:"receiver"`
	Due      *time.Time        `json:"due,omitempty" doc:"When it is looked at next"`
	Telling  bool              `json:"telling,omitempty" doc:"It is being told right now"`
	Firing   int               `json:"firing"`
	Resolved int               `json:"resolved"`
	Titles   []string          `json:"titles" nullable:"false" doc:"Of the first alerts"`
}

// InhibitionView is one rule of inhibition.
type InhibitionView struct {
	Name   string   `json:"name"`
	Source []string `json:"source" nullable:"false"`
	Target []string `json:"target" nullable:"false"`
	Equal  []string `json:"equal" nullable:"false"`
	Held   int      `json:"held" doc:"Alerts that the caller may see and that it holds back now"`
}

// HeldView is an alert that another one holds back.
type HeldView struct {
	Alert       string        `json:"alert"`
	Title       string        `json:"title"`
	Severity    core.Severity `json:"severity"`
	Rule        string        `json:"rule"`
	Source      string        `json:"source" doc:"The alert that holds it back"`
	SourceTitle string        `json:"sourceTitle"`
}

const (
	groupsShown = 500
	titlesShown = 5
	heldShown   = 500
)

// Routing shows the routes, the groups that wait, and what inhibits what, as
// far as the caller may see it.
func (c *Component) Routing(ctx context.Context) (RoutingView, error) {
	v := RoutingView{Receivers: []string{}, Groups: []GroupView{}, Inhibitions: []InhibitionView{}}
	if plan := c.router.Plan(); plan != nil {
		root := plan.Tree()
		v.Declared, v.Root = true, &root
		for _, r := range plan.Known() {
			v.Receivers = append(v.Receivers, r.Name)
		}
	}
	scope, now := auth.From(ctx).Scope("alerts:read"), c.deps.Clock.Now()
	for _, w := range c.router.Waiting() {
		g := GroupView{Labels: w.Labels, Route: w.Route, Receiver: w.Receiver, Due: optional(w.Due), Telling: w.Flushing, Titles: []string{}}
		if g.Labels == nil {
			g.Labels = map[string]string{}
		}
		for _, a := range w.Alerts {
			if !scope.Allows(a.Team) {
				continue
			}
			if a.ResolvedAt(now) {
				g.Resolved++
			} else {
				g.Firing++
			}
			if len(g.Titles) < titlesShown {
				g.Titles = append(g.Titles, a.Labels["alertname"])
			}
		}
		if g.Firing+g.Resolved == 0 {
			continue
		}
		if v.GroupCount++; v.GroupCount <= groupsShown {
			v.Groups = append(v.Groups, g)
		}
	}
	var err error
	if v.Held, err = c.heldNow(ctx, scope); err != nil {
		return v, err
	}
	set, err := c.readRules(ctx)
	for _, r := range set.inhibitions {
		one := InhibitionView{Name: r.Name, Source: []string{}, Target: []string{}, Equal: append([]string{}, r.Equal...)}
		for _, m := range r.Source {
			one.Source = append(one.Source, m.String())
		}
		for _, m := range r.Target {
			one.Target = append(one.Target, m.String())
		}
		for _, h := range v.Held {
			if h.Rule == r.Name {
				one.Held++
			}
		}
		v.Inhibitions = append(v.Inhibitions, one)
	}
	return v, err
}

// heldNow lists the alerts that others hold back.
func (c *Component) heldNow(ctx context.Context, scope auth.Scope) ([]HeldView, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT a.id, a.title, a.severity, a.team, a.suppressed_why, a.suppressed_id, COALESCE(s.title, ''), COALESCE(s.team, '') "+
		"FROM events_alert AS a LEFT JOIN events_alert AS s ON s.id = a.suppressed_id WHERE a.active AND a.suppressed_by = $1 ORDER BY a.opened_at DESC, a.id LIMIT $2", byInhibition, heldShown)
	type row struct {
		HeldView
		team, sourceTeam string
	}
	found, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (r row, err error) {
		var severity int64
		err = rows.Scan(&r.Alert, &r.Title, &severity, &r.team, &r.Rule, &r.Source, &r.SourceTitle, &r.sourceTeam)
		r.Severity = core.Severity(severity)
		return r, err
	})
	held := []HeldView{}
	for _, r := range found {
		if !scope.Allows(r.team) {
			continue
		}
		if !scope.Allows(r.sourceTeam) {
			r.Source, r.SourceTitle = "", "an alert of another team"
		}
		held = append(held, r.HeldView)
	}
	return held, err
}

// RoutingTest says where an alert would go.
type RoutingTest struct {
	Labels       map[string]string     `json:"labels" nullable:"false"`
	Destinations []routing.Destination `json:"destinations" nullable:"false"`
	SilencedBy   []string              `json:"silencedBy" nullable:"false"`
	InhibitedBy  string                `json:"inhibitedBy,omitempty" doc:"The rule that would hold it back now"`
}

// TestRouting says where an alert with these labels would go now. With a text
// of routing, it is that which is asked, and not what is declared.
func (c *Component) TestRouting(set map[string]string, other *routing.Spec) (RoutingTest, error) {
	t := RoutingTest{Labels: set, Destinations: []routing.Destination{}, SilencedBy: []string{}}
	plan, now := c.router.Plan(), c.deps.Clock.Now()
	if other != nil {
		var err error
		if plan, err = routing.Compile(*other, nil); err != nil {
			return t, err
		}
	}
	if plan != nil {
		t.Destinations = append(t.Destinations, plan.Trace(set, now)...)
	}
	t.SilencedBy = append(t.SilencedBy, c.suppressor.silencedBy(set, now)...)
	if _, rule, held := c.mirror.inhibitor().By(set, now); held {
		t.InhibitedBy = rule
		if rule == "" {
			t.InhibitedBy = "a rule without a name"
		}
	}
	return t, nil
}

const routingTag = "Alert routing"

func (c *Component) routingRoutes(api *httpapi.API) {
	type output struct{ Body RoutingView }
	httpapi.Handle(api, httpapi.Route{ID: "show-alert-routing", Method: http.MethodGet, Path: "/alert-routing", Tag: routingTag, Permission: "alerts:read",
		Summary: "The tree of routes, the groups that wait, and what inhibits what"},
		func(ctx context.Context, _ *struct{}) (*output, error) {
			v, err := c.Routing(ctx)
			return &output{v}, err
		})
	type testInput struct {
		Body struct {
			Labels map[string]string `json:"labels" doc:"Of the alert"`
			Spec   *routing.Spec     `json:"spec,omitempty" doc:"Routing to try instead of what is declared"`
		}
	}
	type testOutput struct{ Body RoutingTest }
	httpapi.Handle(api, httpapi.Route{ID: "test-alert-routing", Method: http.MethodPost, Path: "/alert-routing/test", Tag: routingTag, Permission: "alerts:read",
		Summary: "Where would this alert go", Details: "What `amtool config routes test` says, and what would hold it back."},
		func(_ context.Context, in *testInput) (*testOutput, error) {
			if len(in.Body.Labels) > maxLabels {
				return nil, core.Invalid("labels", "are too many")
			}
			for name := range in.Body.Labels {
				if strings.TrimSpace(name) == "" {
					return nil, core.Invalid("labels", "must have names")
				}
			}
			t, err := c.TestRouting(in.Body.Labels, in.Body.Spec)
			return &testOutput{t}, err
		})
}
