package identity

import (
	"context"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// Permissions over who may do what.
const (
	usersRead  auth.Permission = "users:read"
	usersAdmin auth.Permission = "users:admin"
)

type oneUser struct {
	ETag string `header:"ETag"`
	Body User
}

func newOneUser(u User) *oneUser { return &oneUser{httpapi.ETag(u.Revision), u} }

func userFields() listing.Fields {
	return listing.Fields{
		"username": {Column: "u.username"}, "name": {Column: "u.name"}, "email": {Column: "u.email"}, "kind": {Column: "u.kind"},
		"active": {Column: "u.active", Kind: listing.Bool}, "totp": {Column: "u.totp", Kind: listing.Bool},
		"created": {Column: "u.created", Kind: listing.Time}, "signedIn": {Column: "u.signed_in", Kind: listing.Time},
	}
}

// listUsers lists the users whom the conditions of base, if it has any, select.
func (c *Component) listUsers(ctx context.Context, p listing.Params, base listing.Base) (listing.Page[User], error) {
	base.Select, base.From, base.Search = accountSelect, "auth_user u", []string{"u.username", "u.name", "u.email"}
	base.Default, base.Key, base.Now = "username", "u.id", c.deps.Clock.Now()
	st, err := userFields().Build(p, base)
	if err != nil {
		return listing.Page[User]{}, err
	}
	page, err := listing.Read(ctx, c.deps.DB, p, st, func(scan func(...any) error) (User, error) {
		a, err := scanAccount(scan)
		return a.User, err
	})
	if err != nil {
		return page, err
	}
	users := make([]*User, len(page.Items))
	for i := range page.Items {
		users[i] = &page.Items[i]
	}
	return page, readGrants(ctx, c.deps.DB, users...)
}

func (c *Component) userRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-users", Method: "GET", Path: "/users", Tag: tag, Permission: usersRead, Summary: "Users and services"},
		func(ctx context.Context, in *struct{ listing.Params }) (*struct{ Body listing.Page[User] }, error) {
			page, err := c.listUsers(ctx, in.Params, listing.Base{})
			return &struct{ Body listing.Page[User] }{page}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "get-user", Method: "GET", Path: "/users/{id}", Tag: tag, Permission: usersRead, Summary: "One user"},
		func(ctx context.Context, in *struct {
			ID string `path:"id"`
		}) (*oneUser, error) {
			u, err := c.User(ctx, in.ID)
			return newOneUser(u), err
		})
	httpapi.Handle(api, httpapi.Route{ID: "create-user", Method: "POST", Path: "/users", Status: http.StatusCreated, Tag: tag, Permission: usersAdmin,
		Summary: "Make a user or a service", Details: "The grants may give no permission that the caller does not hold."},
		func(ctx context.Context, in *struct{ Body NewUser }) (*oneUser, error) {
			u, err := c.CreateUser(ctx, in.Body)
			return newOneUser(u), err
		})
	httpapi.Handle(api, httpapi.Route{ID: "change-user", Method: "PATCH", Path: "/users/{id}", Tag: tag, Permission: usersAdmin, Summary: "Change a user"},
		func(ctx context.Context, in *struct {
			ID      string `path:"id"`
			IfMatch string `header:"If-Match"`
			Body    UserChange
		}) (*oneUser, error) {
			u, err := c.ChangeUser(ctx, in.ID, func(u User) error { return httpapi.Match(in.IfMatch, u.Revision) }, in.Body)
			return newOneUser(u), err
		})
	httpapi.Handle(api, httpapi.Route{ID: "delete-user", Method: "DELETE", Path: "/users/{id}", Status: http.StatusNoContent, Tag: tag, Permission: usersAdmin,
		Summary: "Remove a user with their sessions and tokens"},
		func(ctx context.Context, in *struct {
			ID string `path:"id"`
		}) (*struct{}, error) {
			return nil, c.DeleteUser(ctx, in.ID)
		})
	httpapi.Handle(api, httpapi.Route{ID: "end-user-sessions", Method: "DELETE", Path: "/users/{id}/sessions", Status: http.StatusNoContent, Tag: tag,
		Permission: usersAdmin, Summary: "Sign a user out everywhere"},
		func(ctx context.Context, in *struct {
			ID string `path:"id"`
		}) (*struct{}, error) {
			return nil, c.endAllSessions(ctx, in.ID)
		})
}

func (c *Component) endAllSessions(ctx context.Context, id string) error {
	return c.write(ctx, func(tx *sqldb.Tx) error {
		a, err := accountByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := deleteSessions(ctx, tx, id, ""); err != nil {
			return err
		}
		return c.record(ctx, tx, "session.revoked", userRef(id), "ended all sessions of "+a.Username, nil)
	})
}

func (c *Component) teamRoutes(api *httpapi.API) {
	type one struct{ Body Team }
	httpapi.Handle(api, httpapi.Route{ID: "list-teams", Method: "GET", Path: "/teams", Tag: tag, Permission: auth.SignedIn, Summary: "Teams"},
		func(ctx context.Context, in *struct{ listing.Params }) (*struct{ Body listing.Page[Team] }, error) {
			st, err := listing.Fields{"name": {Column: "t.name"}, "created": {Column: "t.created", Kind: listing.Time}}.Build(in.Params,
				listing.Base{Select: teamSelect, From: teamFrom, Search: []string{"t.name", "t.description"}, Default: "name", Key: "t.id", Now: c.deps.Clock.Now()})
			if err != nil {
				return nil, err
			}
			page, err := listing.Read(ctx, c.deps.DB, in.Params, st, scanTeam)
			return &struct{ Body listing.Page[Team] }{page}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "get-team", Method: "GET", Path: "/teams/{id}", Tag: tag, Permission: auth.SignedIn, Summary: "One team"},
		func(ctx context.Context, in *struct {
			ID string `path:"id"`
		}) (*one, error) {
			t, err := c.Team(ctx, in.ID)
			return &one{t}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "create-team", Method: "POST", Path: "/teams", Status: http.StatusCreated, Tag: tag, Permission: usersAdmin, Summary: "Make a team"},
		func(ctx context.Context, in *struct{ Body TeamInput }) (*one, error) {
			t, err := c.PutTeam(ctx, "", in.Body)
			return &one{t}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "change-team", Method: "PUT", Path: "/teams/{id}", Tag: tag, Permission: usersAdmin, Summary: "Change a team"},
		func(ctx context.Context, in *struct {
			ID   string `path:"id"`
			Body TeamInput
		}) (*one, error) {
			if in.ID == "" {
				return nil, core.NotFound("team", in.ID)
			}
			t, err := c.PutTeam(ctx, in.ID, in.Body)
			return &one{t}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "delete-team", Method: "DELETE", Path: "/teams/{id}", Status: http.StatusNoContent, Tag: tag, Permission: usersAdmin,
		Summary: "Remove a team and the grants for it"},
		func(ctx context.Context, in *struct {
			ID string `path:"id"`
		}) (*struct{}, error) {
			return nil, c.DeleteTeam(ctx, in.ID)
		})
}
