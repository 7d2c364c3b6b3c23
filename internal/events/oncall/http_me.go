package oncall

import (
	"context"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/events/oncall/webpush"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
)

// Mine is what a person sees of how they are told.
type Mine struct {
	Preferences Preferences `json:"preferences"`
	Channels    []Way       `json:"channels" nullable:"false" doc:"What rules may name"`
	Browsers    []Browser   `json:"browsers" nullable:"false"`
	PushKey     string      `json:"pushKey" doc:"What a browser subscribes with"`
	Email       string      `json:"email,omitempty"`
}

// Way is a channel that a rule may name.
type Way struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Contact string `json:"contact,omitempty" doc:"Which contact of the person it needs; absent when none"`
}

// contactOf is the contact that a type of channel needs of a person.
func contactOf(kind string) string {
	switch kind {
	case "sms", "voice":
		return "phone"
	case "mail", "telegram", "ntfy", "matrix", "mattermost":
		return kind
	}
	return ""
}

func me(ctx context.Context) (*auth.Principal, error) {
	p := auth.From(ctx)
	if p == nil || p.Kind != auth.KindUser {
		return nil, core.Errorf(core.CodeForbidden, "only a person is told of anything")
	}
	return p, nil
}

func (c *Component) mine(ctx context.Context) (out Mine, err error) {
	p, err := me(ctx)
	if err != nil {
		return out, err
	}
	if out.Preferences, err = c.preferences(ctx, c.deps.DB, p.ID); err != nil {
		return out, err
	}
	who, err := c.deps.People.ByID(ctx, p.ID)
	if err != nil {
		return out, err
	}
	out.Email = who.Email
	out.Channels = []Way{{ownPush, ownPush, ""}, {ownMail, ownMail, "mail"}}
	docs, err := c.visible(ctx, kindChannel)
	if err != nil {
		return out, err
	}
	for _, d := range docs {
		spec, err := c.channelNamed(ctx, c.deps.DB, d.Name)
		if err != nil {
			return out, err
		}
		out.Channels = append(out.Channels, Way{d.Name, spec.Type, contactOf(spec.Type)})
	}
	list, err := browsers(ctx, c.deps.DB, p.ID)
	out.Browsers = make([]Browser, len(list))
	for i, b := range list {
		out.Browsers[i] = Browser{b.Endpoint, b.agent, b.made}
	}
	if err != nil {
		return out, err
	}
	k, err := c.signing(ctx)
	if err == nil {
		out.PushKey = k.push.PublicKey()
	}
	return out, err
}

func (c *Component) meRoutes(api *httpapi.API) {
	route := func(id, method, path, summary string, status int) httpapi.Route {
		return httpapi.Route{ID: id, Method: method, Path: path, Summary: summary, Tag: tag, Permission: auth.SignedIn, Status: status}
	}
	httpapi.Handle(api, route("get-my-notifications", http.MethodGet, "/me/notifications", "How the caller is told", 0),
		func(ctx context.Context, _ *struct{}) (*struct{ Body Mine }, error) {
			m, err := c.mine(ctx)
			return &struct{ Body Mine }{m}, err
		})
	httpapi.Handle(api, route("set-my-notifications", http.MethodPut, "/me/notifications", "Say how one wants to be told", 0),
		func(ctx context.Context, in *struct{ Body Preferences }) (*struct{ Body Mine }, error) {
			p, err := me(ctx)
			if err != nil {
				return nil, err
			}
			if err := c.SetPreferences(ctx, p.ID, in.Body); err != nil {
				return nil, err
			}
			m, err := c.mine(ctx)
			return &struct{ Body Mine }{m}, err
		})
	httpapi.Handle(api, route("test-my-notifications", http.MethodPost, "/me/notifications/test", "Send oneself a test", http.StatusAccepted),
		func(ctx context.Context, in *struct {
			Body struct {
				Channel string `json:"channel" minLength:"1" maxLength:"200"`
			}
		}) (*testOutput, error) {
			p, err := me(ctx)
			if err != nil {
				return nil, err
			}
			who, err := c.deps.People.ByID(ctx, p.ID)
			if err != nil {
				return nil, err
			}
			return c.sendTest(ctx, in.Body.Channel, who)
		})
	httpapi.Handle(api, route("list-my-deliveries", http.MethodGet, "/me/deliveries", "What the caller was told, the latest first", 0),
		func(ctx context.Context, _ *struct{}) (*list[DeliveryView], error) {
			p, err := me(ctx)
			if err != nil {
				return nil, err
			}
			items, err := deliveries(ctx, c.deps.DB, "person = $1 ORDER BY created_at DESC, id DESC", p.ID)
			return listOf(items), err
		})
	httpapi.Handle(api, route("create-my-calendar", http.MethodPost, "/me/calendar", "Make the secret address of one's calendar of duty; an earlier one ends", http.StatusCreated),
		func(ctx context.Context, _ *struct{}) (*feedOutput, error) {
			p, err := me(ctx)
			if err != nil {
				return nil, err
			}
			return c.feedOutput(ctx, feedPerson, p.ID)
		})
	httpapi.Handle(api, route("add-my-browser", http.MethodPost, "/me/browsers", "Be told by a browser", http.StatusNoContent),
		func(ctx context.Context, in *struct {
			Agent string `header:"User-Agent"`
			Body  struct {
				Endpoint string `json:"endpoint" maxLength:"2000"`
				P256DH   string `json:"p256dh" maxLength:"200"`
				Auth     string `json:"auth" maxLength:"100"`
			}
		}) (*struct{}, error) {
			p, err := me(ctx)
			if err != nil {
				return nil, err
			}
			return nil, c.subscribe(ctx, p.ID, in.Agent, webpush.Subscription{Endpoint: in.Body.Endpoint, P256DH: in.Body.P256DH, Auth: in.Body.Auth})
		})
	httpapi.Handle(api, route("remove-my-browser", http.MethodPost, "/me/browsers/remove", "Not to be told by a browser any more", http.StatusNoContent),
		func(ctx context.Context, in *struct {
			Body struct {
				Endpoint string `json:"endpoint" maxLength:"2000"`
			}
		}) (*struct{}, error) {
			p, err := me(ctx)
			if err != nil {
				return nil, err
			}
			return nil, c.unsubscribe(ctx, p.ID, in.Body.Endpoint)
		})
}

type testOutput struct {
	Body struct {
		ID string `json:"id" doc:"Of the delivery"`
	}
}

// sendTest queues a test and returns its delivery.
func (c *Component) sendTest(ctx context.Context, name string, who Person) (*testOutput, error) {
	if _, err := c.channelNamed(ctx, c.deps.DB, name); err != nil {
		return nil, err
	}
	p, err := c.preferences(ctx, c.deps.DB, who.ID)
	if err != nil {
		return nil, err
	}
	out := &testOutput{}
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		d, err := c.addressed(ctx, tx, Page{Title: "Test message"}, who, p, name, purposeTest, "a test by "+caller(ctx))
		if err != nil {
			return err
		}
		d.id, d.body = c.deps.IDs.New(), "This is a test. Nothing is wrong."
		out.Body.ID, err = c.queueAs(ctx, tx, d)
		return err
	})
	return out, err
}
