package oncall

import (
	"context"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// DeliveryView is a message with its proof.
type DeliveryView struct {
	ID      string     `json:"id"`
	Page    string     `json:"page,omitempty"`
	Person  string     `json:"person,omitempty" doc:"User id; absent for a team's channel"`
	Name    string     `json:"name"`
	Channel string     `json:"channel"`
	Purpose string     `json:"purpose" enum:"page,acknowledged,resolved,handover,test"`
	Why     string     `json:"why"`
	Title   string     `json:"title"`
	State   string     `json:"state" enum:"waiting,sent,failed,dropped"`
	Answer  string     `json:"answer" doc:"Of the last try"`
	At      time.Time  `json:"at"`
	DoneAt  *time.Time `json:"doneAt,omitempty"`
	Tries   []Try      `json:"tries" nullable:"false"`
}

// Try is one try of a delivery.
type Try struct {
	At     time.Time `json:"at"`
	OK     bool      `json:"ok"`
	Status int       `json:"status,omitempty" doc:"Of HTTP"`
	Answer string    `json:"answer"`
}

// PageDetail is a page with everything that was sent.
type PageDetail struct {
	Page
	Deliveries []DeliveryView `json:"deliveries" nullable:"false"`
}

const deliveriesShown = 500

func deliveries(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]DeliveryView, error) {
	args = append(args, deliveriesShown)
	rows, err := q.Query(ctx, "SELECT id, page, person, name, channel, purpose, why, title, state, answer, created_at, done_at FROM oncall_delivery WHERE "+where+" LIMIT "+sqldb.In(1, len(args)), args...)
	out, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (v DeliveryView, err error) {
		var at, done int64
		err = r.Scan(&v.ID, &v.Page, &v.Person, &v.Name, &v.Channel, &v.Purpose, &v.Why, &v.Title, &v.State, &v.Answer, &at, &done)
		v.At, v.DoneAt, v.Tries = core.FromMicros(at), core.Moment(done), []Try{}
		return v, err
	})
	if err != nil || len(out) == 0 {
		return []DeliveryView{}, err
	}
	ids, at := make([]any, len(out)), map[string]int{}
	for i, d := range out {
		ids[i], at[d.ID] = d.ID, i
	}
	rows, err = q.Query(ctx, "SELECT delivery, at, ok, status, answer FROM oncall_try WHERE delivery IN ("+sqldb.In(len(ids), 1)+") ORDER BY delivery, number", ids...)
	_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (t Try, err error) {
		var id string
		var when, ok int64
		err = r.Scan(&id, &when, &ok, &t.Status, &t.Answer)
		t.At, t.OK = core.FromMicros(when), ok != 0
		out[at[id]].Tries = append(out[at[id]].Tries, t)
		return t, err
	})
	return out, err
}

func pageFields() listing.Fields {
	return listing.Fields{"id": {Column: "id"}, "situation": {Column: "situation"}, "policy": {Column: "policy"}, "team": {Column: "team"}, "title": {Column: "title"},
		"severity": {Column: "severity", Kind: listing.Severity}, "urgency": {Column: "urgency"}, "state": {Column: "state"}, "openedAt": {Column: "opened_at", Kind: listing.Time},
		"resolvedAt": {Column: "resolved_at", Kind: listing.Time}, "acknowledgedBy": {Column: "acked_by"}}
}

// pages lists those the caller may see.
func (c *Component) pages(ctx context.Context, p listing.Params) (listing.Page[Page], error) {
	base := listing.Base{Select: pageColumns, From: "oncall_page", Search: []string{"title", "policy"}, Default: "-openedAt", Key: "id", Now: c.deps.Clock.Now()}
	if scope := auth.From(ctx).Scope("oncall:read"); !scope.All {
		base.Args = []any{""}
		for _, team := range scope.Teams {
			base.Args = append(base.Args, team)
		}
		base.Where = []string{"team IN (" + sqldb.In(len(base.Args), 1) + ")"}
	}
	st, err := pageFields().Build(p, base)
	if err != nil {
		return listing.Page[Page]{}, err
	}
	return listing.Read(ctx, c.deps.DB, p, st, scanPage)
}

func (c *Component) detail(ctx context.Context, page Page) (out PageDetail, err error) {
	out.Page = page
	out.Deliveries, err = deliveries(ctx, c.deps.DB, "page = $1 ORDER BY id", page.ID)
	return out, err
}

type (
	// ByID names one record of a route.
	ByID struct {
		ID string `path:"id" maxLength:"100"`
	}
	pageOutput struct{ Body PageDetail }
)

func (c *Component) then(ctx context.Context, page Page, err error) (*pageOutput, error) {
	if err != nil {
		return nil, err
	}
	d, err := c.detail(ctx, page)
	return &pageOutput{d}, err
}

func (c *Component) pageRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-pages", Method: http.MethodGet, Path: "/pages", Summary: "List pages: who was told of which situation", Tag: tag, Permission: "oncall:read"},
		func(ctx context.Context, in *struct{ listing.Params }) (*struct{ Body listing.Page[Page] }, error) {
			page, err := c.pages(ctx, in.Params)
			return &struct{ Body listing.Page[Page] }{page}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "get-page", Method: http.MethodGet, Path: "/pages/{id}", Summary: "Read a page with its deliveries", Tag: tag, Permission: "oncall:read"},
		func(ctx context.Context, in *ByID) (*pageOutput, error) {
			page, err := pageByID(ctx, c.deps.DB, in.ID)
			if err == nil && !auth.From(ctx).Scope("oncall:read").Allows(page.Team) {
				err = core.NotFound("page", in.ID)
			}
			return c.then(ctx, page, err)
		})
	httpapi.Handle(api, httpapi.Route{ID: "list-situation-pages", Method: http.MethodGet, Path: "/situations/{id}/pages", Summary: "The pages of a situation, with their deliveries", Tag: tag, Permission: "oncall:read"},
		func(ctx context.Context, in *ByID) (*list[PageDetail], error) {
			pages, err := pagesWhere(ctx, c.deps.DB, "situation = $1 ORDER BY opened_at DESC LIMIT 20", in.ID)
			if err != nil {
				return nil, err
			}
			var out []PageDetail
			for _, p := range pages {
				if !auth.From(ctx).Scope("oncall:read").Allows(p.Team) {
					continue
				}
				d, err := c.detail(ctx, p)
				if err != nil {
					return nil, err
				}
				out = append(out, d)
			}
			return listOf(out), nil
		})
	act := func(verb, summary string) httpapi.Route {
		return httpapi.Route{ID: verb + "-page", Method: http.MethodPost, Path: "/pages/{id}/" + verb, Summary: summary, Tag: tag, Permission: "oncall:act"}
	}
	type noted struct {
		ByID
		Body struct {
			Note string `json:"note,omitempty" maxLength:"10000"`
		}
	}
	httpapi.Handle(api, act("acknowledge", "Say that you have it"), func(ctx context.Context, in *noted) (*pageOutput, error) {
		page, err := c.Acknowledge(ctx, in.ID, in.Body.Note)
		return c.then(ctx, page, err)
	})
	httpapi.Handle(api, act("resolve", "Close the situation and end the page"), func(ctx context.Context, in *noted) (*pageOutput, error) {
		page, err := c.Resolve(ctx, in.ID, in.Body.Note)
		return c.then(ctx, page, err)
	})
	httpapi.Handle(api, act("snooze", "Silence a page for a while"), func(ctx context.Context, in *struct {
		ByID
		Body struct {
			Until time.Time `json:"until"`
		}
	}) (*pageOutput, error) {
		page, err := c.Snooze(ctx, in.ID, in.Body.Until)
		return c.then(ctx, page, err)
	})
	httpapi.Handle(api, act("reassign", "Give a page to a person or another policy"), func(ctx context.Context, in *struct {
		ByID
		Body struct {
			Person string `json:"person,omitempty" maxLength:"100" doc:"User name"`
			Policy string `json:"policy,omitempty" maxLength:"200"`
		}
	}) (*pageOutput, error) {
		page, err := c.Reassign(ctx, in.ID, in.Body.Person, in.Body.Policy)
		return c.then(ctx, page, err)
	})
	httpapi.Handle(api, httpapi.Route{ID: "get-on-call-report", Method: http.MethodGet, Path: "/on-call-report", Summary: "What being on call cost: pages, MTTA, nights, hours by person", Tag: tag, Permission: "oncall:read"},
		func(ctx context.Context, in *struct {
			From time.Time `query:"from" required:"true"`
			To   time.Time `query:"to" required:"true"`
		}) (*struct{ Body Report }, error) {
			r, err := c.Report(ctx, in.From, in.To)
			return &struct{ Body Report }{r}, err
		})
}
