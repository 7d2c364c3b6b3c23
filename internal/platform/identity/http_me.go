package identity

import (
	"context"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

// me is the caller, with what they may do: the console shows accordingly.
type me struct {
	ID          string                       `json:"id"`
	Kind        string                       `json:"kind"`
	Username    string                       `json:"username"`
	Name        string                       `json:"name"`
	Email       string                       `json:"email,omitempty"`
	TOTP        bool                         `json:"totp"`
	External    bool                         `json:"external"`
	Session     bool                         `json:"session" doc:"false for an API token"`
	Grants      []Grant                      `json:"grants" nullable:"false"`
	Teams       map[string]string            `json:"teams" doc:"names of the teams the grants speak of, by id"`
	Permissions []auth.Permission            `json:"permissions" nullable:"false" doc:"everywhere; each side of resource:verb may be *"`
	OfTeams     map[string][]auth.Permission `json:"teamPermissions" doc:"besides, for records of the team with this id"`
}

type passwordChange struct {
	Current string `json:"current" maxLength:"1024"`
	New     string `json:"new" maxLength:"1024"`
}

type codeInput struct {
	Body struct {
		Code string `json:"code" maxLength:"64"`
	}
}

func (c *Component) meRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "get-me", Method: "GET", Path: "/me", Tag: tag, Permission: auth.SignedIn, Summary: "The caller and their permissions"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body me }, error) {
			m, err := c.me(ctx)
			return &struct{ Body me }{m}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "change-my-password", Method: "PUT", Path: "/me/password", Status: http.StatusNoContent, Tag: tag, Permission: auth.SignedIn,
		Summary: "Change one's password; all other sessions end"},
		func(ctx context.Context, in *struct{ Body passwordChange }) (*struct{}, error) {
			return nil, c.changeOwnPassword(ctx, in.Body)
		})
	httpapi.Handle(api, httpapi.Route{ID: "list-my-sessions", Method: "GET", Path: "/me/sessions", Tag: tag, Permission: auth.SignedIn, Summary: "Where the caller is signed in"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body []session }, error) {
			p := auth.From(ctx)
			found, err := c.sessions(ctx, p.ID, p.Session)
			return &struct{ Body []session }{found}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "end-my-session", Method: "DELETE", Path: "/me/sessions/{id}", Status: http.StatusNoContent, Tag: tag, Permission: auth.SignedIn,
		Summary: "Sign out elsewhere"},
		func(ctx context.Context, in *struct {
			ID string `path:"id"`
		}) (*struct{}, error) {
			p, err := person(ctx)
			if err != nil {
				return nil, err
			}
			return nil, c.endSession(ctx, p.ID, in.ID, "session.revoked")
		})
	c.totpRoutes(api)
}

func (c *Component) totpRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "enrol-totp", Method: "POST", Path: "/me/totp", Status: http.StatusCreated, Tag: tag, Permission: auth.SignedIn,
		Summary: "Begin to set up a second factor"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body enrolment }, error) {
			p, err := person(ctx)
			if err != nil {
				return nil, err
			}
			e, err := c.enrolTOTP(ctx, p.ID)
			return &struct{ Body enrolment }{e}, err
		})
	type recovery struct {
		Codes []string `json:"recoveryCodes" nullable:"false" doc:"each signs in once when the authenticator is lost; shown this once"`
	}
	httpapi.Handle(api, httpapi.Route{ID: "confirm-totp", Method: "POST", Path: "/me/totp/confirm", Tag: tag, Permission: auth.SignedIn,
		Summary: "Switch the second factor on, with a first code"},
		func(ctx context.Context, in *codeInput) (*struct{ Body recovery }, error) {
			p, err := person(ctx)
			if err != nil {
				return nil, err
			}
			var codes []string
			err = c.guarded(ctx, p, func() (err error) { codes, err = c.confirmTOTP(ctx, p.ID, in.Body.Code); return err })
			return &struct{ Body recovery }{recovery{codes}}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "remove-totp", Method: "POST", Path: "/me/totp/remove", Status: http.StatusNoContent, Tag: tag, Permission: auth.SignedIn,
		Summary: "Remove the second factor, with a code of it or a recovery code"},
		func(ctx context.Context, in *codeInput) (*struct{}, error) {
			p, err := person(ctx)
			if err != nil {
				return nil, err
			}
			return nil, c.guarded(ctx, p, func() error { return c.removeTOTP(ctx, p.ID, in.Body.Code) })
		})
}

// person is the caller, who must be signed in with a browser: a token must not
// change how its owner signs in.
func person(ctx context.Context) (*auth.Principal, error) {
	p := auth.From(ctx)
	if p.Kind != auth.KindUser || p.Session == "" {
		return nil, core.Errorf(core.CodeForbidden, "this needs a person who is signed in, not an API token")
	}
	return p, nil
}

// guarded throttles the guessing of codes and passwords by whoever holds a session.
func (c *Component) guarded(ctx context.Context, p *auth.Principal, fn func() error) error {
	from := callerFrom(ctx)
	if err := c.throttle.Take("session/"+p.ID, from.address); err != nil {
		return err
	}
	err := fn()
	if err == nil {
		c.throttle.Refund("session/"+p.ID, from.address)
	}
	return err
}

func (c *Component) me(ctx context.Context) (me, error) {
	p := auth.From(ctx)
	everywhere, teams := p.Permissions()
	m := me{ID: p.ID, Kind: p.Kind, Username: p.Name, Name: p.Name, Session: p.Session != "", Grants: []Grant{}, Teams: map[string]string{},
		Permissions: everywhere.Patterns(), OfTeams: map[string][]auth.Permission{}}
	if m.Permissions == nil {
		m.Permissions = []auth.Permission{}
	}
	for team, set := range teams {
		m.OfTeams[team] = set.Patterns()
	}
	if p.Kind != auth.KindUser && p.Kind != auth.KindService {
		return m, nil
	}
	u, err := c.User(ctx, p.ID)
	if err != nil {
		return me{}, err
	}
	m.Username, m.Email, m.TOTP, m.External, m.Grants = u.Username, u.Email, u.TOTP, u.External, u.Grants
	names, err := teamNames(ctx, c.deps.DB)
	for _, g := range u.Grants {
		if name, ok := names[g.Team]; ok {
			m.Teams[g.Team] = name
		}
	}
	return m, err
}
