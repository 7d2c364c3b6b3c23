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
	Links    []LinkView    `json:"links" nullable:"false"`
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
	type listInput struct {
		listing.Params
		Grouped
	}
	type listOutput struct{ Body listing.Page[AlertView] }
	httpapi.Handle(api, httpapi.Route{ID: "list-alerts", Method: http.MethodGet, Path: "/alerts", Tag: alertTag, Permission: "alerts:read",
		Summary: "List alerts, the newest first", Details: "Filters also by `labels.NAME`."},
		func(ctx context.Context, in *listInput) (*listOutput, error) {
			page, err := c.AlertsIn(ctx, in.Params, in.Grouped)
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
	c.groupRoutes(api)
	c.bulkRoutes(api)
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
	if d.Links, err = c.links(ctx, id); err != nil {
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
			Assignee string `json:"assignee,omitempty" maxLength:"200" doc:"A user, by id or name"`
			Team     string `json:"team,omitempty" maxLength:"200" doc:"A team, by id or name. Neither takes the assignment back"`
		}
	}
	type snoozeInput struct {
		ID   string `path:"id"`
		Body struct {
			Until time.Time `json:"until,omitzero" doc:"When it ends by itself, in the next 90 days"`
			Wakes Wake      `json:"wakes,omitempty" enum:"time,worse,change" doc:"Which change of severity ends it before"`
			Note  string    `json:"note,omitempty" maxLength:"10000" doc:"Kept as a comment"`
		}
	}
	type reasonInput struct {
		ID   string `path:"id"`
		Body struct {
			Reason string `json:"reason" minLength:"1" maxLength:"10000" doc:"Shown with the alert, and kept as a comment"`
		}
	}
	type linkInput struct {
		ID   string `path:"id"`
		Body struct {
			URL    string `json:"url,omitempty" maxLength:"2000" doc:"An address of the web"`
			Record string `json:"record,omitempty" maxLength:"200" doc:"Or a record, as kind/id"`
			Title  string `json:"title,omitempty" maxLength:"300"`
		}
	}
	route := func(action Action, summary string) httpapi.Route {
		return httpapi.Route{ID: string(action) + "-alert", Method: http.MethodPost, Path: "/alerts/{id}/" + string(action), Tag: alertTag,
			Permission: "alerts:act", Summary: summary}
	}
	note := func(action Action) func(context.Context, *noteInput) (*alertOutput, error) {
		return func(ctx context.Context, in *noteInput) (*alertOutput, error) {
			return c.doToOne(ctx, Deed{Action: action, Text: in.Body.Note}, in.ID)
		}
	}
	httpapi.Handle(api, route(Acknowledge, "Say that you have it"), note(Acknowledge))
	httpapi.Handle(api, route(Unacknowledge, "Take the acknowledgement back"), note(Unacknowledge))
	httpapi.Handle(api, route(ClearAlert, "Clear an alert by hand"), note(ClearAlert))
	httpapi.Handle(api, route(Comment, "Write a comment"), func(ctx context.Context, in *textInput) (*alertOutput, error) {
		return c.doToOne(ctx, Deed{Action: Comment, Text: in.Body.Text}, in.ID)
	})
	httpapi.Handle(api, route(Assign, "Assign an alert to a person, a team or both"), func(ctx context.Context, in *assignInput) (*alertOutput, error) {
		return c.doToOne(ctx, Deed{Action: Assign, User: in.Body.Assignee, Team: in.Body.Team}, in.ID)
	})
	httpapi.Handle(api, route(Snooze, "Hold an alert back until a time, or until its severity changes"), func(ctx context.Context, in *snoozeInput) (*alertOutput, error) {
		return c.doToOne(ctx, Deed{Action: Snooze, Text: in.Body.Note, Until: in.Body.Until, Wakes: in.Body.Wakes}, in.ID)
	})
	httpapi.Handle(api, route(Suppress, "Hold an alert back until that is taken back"), func(ctx context.Context, in *reasonInput) (*alertOutput, error) {
		return c.doToOne(ctx, Deed{Action: Suppress, Text: in.Body.Reason}, in.ID)
	})
	httpapi.Handle(api, route(Release, "End a snooze or suppression"), note(Release))
	httpapi.Handle(api, route(AddLink, "Link an alert to an address or a record"), func(ctx context.Context, in *linkInput) (*alertOutput, error) {
		return c.doToOne(ctx, Deed{Action: AddLink, URL: in.Body.URL, Record: in.Body.Record, Title: in.Body.Title}, in.ID)
	})
	httpapi.Handle(api, route(RemoveLink, "Remove a link of an alert"), func(ctx context.Context, in *linkInput) (*alertOutput, error) {
		return c.doToOne(ctx, Deed{Action: RemoveLink, URL: in.Body.URL, Record: in.Body.Record}, in.ID)
	})
	type bulkInput struct {
		Body struct {
			IDs []string `json:"ids" minItems:"1" maxItems:"1000"`
			Deed
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
			results, err := c.Do(ctx, in.Body.Deed, in.Body.IDs)
			out := &bulkOutput{}
			out.Body.Results = results
			return out, err
		})
}

func (c *Component) doToOne(ctx context.Context, deed Deed, id string) (*alertOutput, error) {
	if _, err := c.alertFor(ctx, id, "alerts:act"); err != nil {
		return nil, err
	}
	outcomes, err := c.Do(ctx, deed, []string{id})
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
