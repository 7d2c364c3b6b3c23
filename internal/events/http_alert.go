package events

import (
	"context"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// Routes registers everything the module serves.
func (c *Component) Routes(api *httpapi.API) {
	c.eventRoutes(api)
	c.alertRoutes(api)
	c.situationRoutes(api)
	c.situationActionRoutes(api)
	c.learnedRoutes(api)
	c.routingRoutes(api)
	c.reportRoutes(api)
	c.silenceRoutes(api)
	c.healthRoutes(api)
	c.alertmanagerRoutes(api)
}

const alertTag = "Alerts"

type alertOutput struct{ Body AlertView }

// AlertDetail is an alert with what belongs to it.
type AlertDetail struct {
	AlertView
	Comments []CommentView `json:"comments" nullable:"false"`
	Events   []EventView   `json:"events" nullable:"false" doc:"The latest events that changed it; duplicates are in count"`
}

// CommentView is what a person wrote.
type CommentView struct {
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Text string    `json:"text"`
}

func (c *Component) alertRoutes(api *httpapi.API) {
	type listOutput struct{ Body listing.Page[AlertView] }
	httpapi.Handle(api, httpapi.Route{ID: "list-alerts", Method: http.MethodGet, Path: "/alerts", Tag: alertTag, Permission: "alerts:read",
		Summary: "List alerts, the newest first", Details: "Filters also by `labels.NAME`."},
		func(ctx context.Context, in *listing.Params) (*listOutput, error) {
			page, err := c.Alerts(ctx, *in)
			return &listOutput{page}, err
		})
	type idInput struct {
		ID string `path:"id"`
	}
	type detailOutput struct{ Body AlertDetail }
	httpapi.Handle(api, httpapi.Route{ID: "get-alert", Method: http.MethodGet, Path: "/alerts/{id}", Tag: alertTag, Permission: "alerts:read",
		Summary: "Show an alert with its comments and latest events"},
		func(ctx context.Context, in *idInput) (*detailOutput, error) {
			d, err := c.alertDetail(ctx, in.ID)
			return &detailOutput{d}, err
		})
	c.alertActionRoutes(api)
}

func (c *Component) alertDetail(ctx context.Context, id string) (d AlertDetail, err error) {
	a, err := c.alertFor(ctx, id, "alerts:read")
	if err != nil {
		return d, err
	}
	views := []AlertView{c.shown(a)}
	if err = c.alsoFrom(ctx, views); err != nil {
		return d, err
	}
	d.AlertView = views[0]
	if d.Comments, err = c.comments(ctx, core.Ref{Kind: "alert", ID: id}); err != nil {
		return d, err
	}
	d.Events, err = c.eventsWhere(ctx, "alert = $1 ORDER BY id DESC LIMIT 50", id)
	return d, err
}

func (c *Component) comments(ctx context.Context, of core.Ref) ([]CommentView, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT id, at, by_name, body FROM events_comment WHERE subject_kind = $1 AND subject_id = $2 ORDER BY id LIMIT 1000", of.Kind, of.ID)
	list, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (v CommentView, err error) {
		var at int64
		err = rows.Scan(&v.ID, &at, &v.By, &v.Text)
		v.At = core.FromMicros(at)
		return v, err
	})
	if list == nil {
		list = []CommentView{}
	}
	return list, err
}

// alertActionRoutes are one route for each action on one alert, and one for all on many.
func (c *Component) alertActionRoutes(api *httpapi.API) {
	type noteInput struct {
		ID   string `path:"id"`
		Body struct {
			Note string `json:"note,omitempty" maxLength:"10000" doc:"Kept as a comment"`
		}
	}
	type textInput struct {
		ID   string `path:"id"`
		Body struct {
			Text string `json:"text" minLength:"1" maxLength:"10000"`
		}
	}
	type assignInput struct {
		ID   string `path:"id"`
		Body struct {
			Assignee string `json:"assignee" maxLength:"200" doc:"A user; empty takes the assignment back"`
		}
	}
	route := func(action Action, summary string) httpapi.Route {
		return httpapi.Route{ID: string(action) + "-alert", Method: http.MethodPost, Path: "/alerts/{id}/" + string(action), Tag: alertTag,
			Permission: "alerts:act", Summary: summary}
	}
	note := func(action Action) func(context.Context, *noteInput) (*alertOutput, error) {
		return func(ctx context.Context, in *noteInput) (*alertOutput, error) {
			return c.actOnOne(ctx, action, in.ID, in.Body.Note)
		}
	}
	httpapi.Handle(api, route(Acknowledge, "Say that you have it"), note(Acknowledge))
	httpapi.Handle(api, route(Unacknowledge, "Take the acknowledgement back"), note(Unacknowledge))
	httpapi.Handle(api, route(ClearAlert, "Clear an alert by hand"), note(ClearAlert))
	httpapi.Handle(api, route(Comment, "Write a comment"), func(ctx context.Context, in *textInput) (*alertOutput, error) {
		return c.actOnOne(ctx, Comment, in.ID, in.Body.Text)
	})
	httpapi.Handle(api, route(Assign, "Assign an alert to a person"), func(ctx context.Context, in *assignInput) (*alertOutput, error) {
		return c.actOnOne(ctx, Assign, in.ID, in.Body.Assignee)
	})
	type bulkInput struct {
		Body struct {
			IDs    []string `json:"ids" minItems:"1" maxItems:"1000"`
			Action Action   `json:"action" enum:"acknowledge,unacknowledge,comment,clear,assign"`
			Text   string   `json:"text,omitempty" maxLength:"10000" doc:"The note, the comment or the assignee"`
		}
	}
	type bulkOutput struct {
		Body struct {
			Results []Outcome `json:"results" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "act-on-alerts", Method: http.MethodPost, Path: "/alerts/bulk", Tag: alertTag, Permission: "alerts:act",
		Summary: "Do one thing to many alerts"},
		func(ctx context.Context, in *bulkInput) (*bulkOutput, error) {
			results, err := c.Act(ctx, in.Body.Action, in.Body.IDs, in.Body.Text)
			out := &bulkOutput{}
			out.Body.Results = results
			return out, err
		})
}

func (c *Component) actOnOne(ctx context.Context, action Action, id, text string) (*alertOutput, error) {
	if _, err := c.alertFor(ctx, id, "alerts:act"); err != nil {
		return nil, err
	}
	outcomes, err := c.Act(ctx, action, []string{id}, text)
	if err != nil {
		return nil, err
	}
	if !outcomes[0].Done {
		return nil, core.Errorf(core.CodeConflict, "the alert cannot be changed: %s", outcomes[0].Error)
	}
	a, err := c.alertFor(ctx, id, "alerts:act")
	if err != nil {
		return nil, err
	}
	return &alertOutput{c.shown(a)}, nil
}
