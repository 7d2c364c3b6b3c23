package oncall

import (
	"context"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/oncall/roster"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
)

const tag = "on call"

// RotaView is a rota as lists show it.
type RotaView struct {
	Name     string        `json:"name"`
	Title    string        `json:"title,omitempty"`
	Team     string        `json:"team,omitempty"`
	TimeZone string        `json:"timeZone"`
	Now      *roster.Shift `json:"now,omitempty" doc:"Who is on call; absent when nobody is"`
	NowName  string        `json:"nowName,omitempty"`
	Next     *roster.Shift `json:"next,omitempty" doc:"Who comes after"`
	NextName string        `json:"nextName,omitempty"`
	Gap      *roster.Span  `json:"gap,omitempty" doc:"The first gap of the next two weeks, unless gaps are allowed"`
}

// list is the answer of a list that is never long.
type list[T any] struct {
	Body struct {
		Items []T `json:"items" nullable:"false"`
	}
}

func listOf[T any](items []T) *list[T] {
	out := &list[T]{}
	out.Body.Items = items
	if items == nil {
		out.Body.Items = []T{}
	}
	return out
}

// ByName names one record of a route.
type ByName struct {
	Name string `path:"name" maxLength:"200"`
}

// Routes registers what on call answers.
func (c *Component) Routes(api *httpapi.API) {
	route := func(id, method, path, summary string, permission auth.Permission) httpapi.Route {
		return httpapi.Route{ID: id, Method: method, Path: path, Summary: summary, Tag: tag, Permission: permission}
	}
	httpapi.Handle(api, route("list-rotas", http.MethodGet, "/rotas", "Who is on call now, by rota", "oncall:read"),
		func(ctx context.Context, _ *struct{}) (*list[RotaView], error) {
			items, err := c.rotaViews(ctx)
			return listOf(items), err
		})
	httpapi.Handle(api, route("get-rota-schedule", http.MethodGet, "/rotas/{name}/schedule", "The shifts of a rota", "oncall:read"),
		func(ctx context.Context, in *struct {
			ByName
			From time.Time `query:"from" required:"true"`
			To   time.Time `query:"to" required:"true"`
		}) (*struct{ Body Schedule }, error) {
			s, err := c.Schedule(ctx, in.Name, in.From, in.To)
			return &struct{ Body Schedule }{s}, err
		})
	preview := route("preview-rota", http.MethodPost, "/rota-preview", "What a rota would amount to", "oncall:read")
	preview.Details = "Nothing is stored. With the name of a rota its overrides are counted in."
	httpapi.Handle(api, preview, func(ctx context.Context, in *struct {
		Body struct {
			Name string      `json:"name,omitempty" maxLength:"200"`
			Spec roster.Rota `json:"spec"`
			From time.Time   `json:"from"`
			To   time.Time   `json:"to"`
		}
	}) (*struct{ Body Schedule }, error) {
		if err := in.Body.Spec.Prepare(); err != nil {
			return nil, err
		}
		var kept []Override
		if in.Body.Name != "" {
			if _, err := c.see(ctx, c.deps.DB, kindRota, in.Body.Name, "oncall:read"); err == nil {
				if _, kept, err = forRoster(ctx, c.deps.DB, in.Body.Name, in.Body.From, in.Body.To); err != nil {
					return nil, err
				}
			}
		}
		s, err := c.scheduleOf(ctx, &in.Body.Spec, kept, in.Body.From, in.Body.To)
		return &struct{ Body Schedule }{s}, err
	})
	create := route("create-override", http.MethodPost, "/rotas/{name}/overrides", "Put one person on call instead of another", "oncall:act")
	create.Status = http.StatusCreated
	httpapi.Handle(api, create, func(ctx context.Context, in *struct {
		ByName
		Body struct {
			Person string    `json:"person" minLength:"1" maxLength:"100" doc:"User name"`
			From   time.Time `json:"from"`
			To     time.Time `json:"to"`
			Reason string    `json:"reason,omitempty" maxLength:"500"`
		}
	}) (*struct{ Body Override }, error) {
		o, err := c.SetOverride(ctx, OverrideSpec{Rota: in.Name, Person: in.Body.Person, From: in.Body.From, To: in.Body.To, Reason: in.Body.Reason})
		return &struct{ Body Override }{o}, err
	})
	httpapi.Handle(api, route("delete-override", http.MethodDelete, "/rotas/{name}/overrides/{override}", "Take an override back", "oncall:act"),
		func(ctx context.Context, in *struct {
			ByName
			Override string `path:"override" maxLength:"250"`
		}) (*struct{}, error) {
			return nil, c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
				list, err := overrides(ctx, tx, "name = $1 AND rota = $2", in.Override, in.Name)
				if err == nil && len(list) == 0 {
					err = core.NotFound("override", in.Override)
				}
				if err == nil {
					_, err = c.deleteOverride(ctx, tx, in.Override)
				}
				return err
			})
		})
	feed := route("create-rota-calendar", http.MethodPost, "/rotas/{name}/calendar", "Make the secret address of a rota's calendar", "oncall:read")
	feed.Details, feed.Status = "Whoever knows it can read the rota. One made by the caller before ends.", http.StatusCreated
	httpapi.Handle(api, feed, func(ctx context.Context, in *ByName) (*feedOutput, error) {
		if _, err := c.see(ctx, c.deps.DB, kindRota, in.Name, "oncall:read"); err != nil {
			return nil, err
		}
		return c.feedOutput(ctx, feedRota, in.Name)
	})
	c.pageRoutes(api)
	c.meRoutes(api)
	c.channelRoutes(api)
	api.Mount("GET /oncall/calendar/{secret}", auth.Public, http.HandlerFunc(c.serveFeed))
	api.Mount("GET /oncall/act/{token}", auth.Public, http.HandlerFunc(c.showLink))
	api.Mount("POST /oncall/act/{token}", auth.Public, http.HandlerFunc(c.followLink))
}

type feedOutput struct {
	Body struct {
		URL string `json:"url" doc:"Shown this once"`
	}
}

func (c *Component) feedOutput(ctx context.Context, kind, subject string) (*feedOutput, error) {
	p := auth.From(ctx)
	if p.Kind != auth.KindUser {
		return nil, core.Errorf(core.CodeForbidden, "only a person has a calendar")
	}
	address, err := c.NewFeed(ctx, kind, subject, p.ID)
	out := &feedOutput{}
	out.Body.URL = address
	return out, err
}

// aheadShown is how far lists look for who comes next.
const aheadShown = 14

func (c *Component) rotaViews(ctx context.Context) ([]RotaView, error) {
	docs, err := c.visible(ctx, kindRota)
	if err != nil {
		return nil, err
	}
	now := c.deps.Clock.Now()
	until := now.AddDate(0, 0, aheadShown)
	out := make([]RotaView, 0, len(docs))
	for _, d := range docs {
		r, err := rotaOf(d)
		if err != nil {
			return nil, err
		}
		over, _, err := forRoster(ctx, c.deps.DB, d.Name, now.AddDate(0, 0, -aheadShown), until.AddDate(0, 0, aheadShown))
		if err != nil {
			return nil, err
		}
		v := RotaView{Name: d.Name, Title: r.Title, Team: d.Team, TimeZone: r.TimeZone}
		// From some time before, so that the present shift shows when it began.
		for _, s := range r.Final(now.AddDate(0, 0, -aheadShown), until.AddDate(0, 0, aheadShown), over) {
			switch {
			case !s.To.After(now):
			case !s.From.After(now):
				v.Now, v.NowName = &s, c.nameOf(ctx, s.Person)
			case v.Next == nil && (v.Now == nil || s.Person != v.Now.Person):
				v.Next, v.NextName = &s, c.nameOf(ctx, s.Person)
			}
		}
		if gaps := roster.Gaps(r.Final(now, until, over), now, until); len(gaps) > 0 && !r.AllowGaps {
			v.Gap = &gaps[0]
		}
		out = append(out, v)
	}
	return out, nil
}
