package identity

import (
	"context"
	"net/http"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
)

func (c *Component) roleRoutes(api *httpapi.API) {
	type named struct {
		Name string `path:"name"`
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-roles", Method: "GET", Path: "/roles", Tag: tag, Permission: usersRead, Summary: "Roles and their permissions"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body listing.Page[Role] }, error) {
			roles, err := c.Roles(ctx)
			return &struct{ Body listing.Page[Role] }{listing.Page[Role]{Items: roles, Total: &listing.Total{Count: len(roles)}}}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "put-role", Method: "PUT", Path: "/roles/{name}", Tag: tag, Permission: usersAdmin,
		Summary: "Make a role or change it", Details: "A role may hold no permission that the caller does not hold. Built-in roles cannot be changed."},
		func(ctx context.Context, in *struct {
			Name string `path:"name"`
			Body RoleInput
		}) (*struct{ Body Role }, error) {
			role, err := c.PutRole(ctx, in.Name, in.Body)
			return &struct{ Body Role }{role}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "delete-role", Method: "DELETE", Path: "/roles/{name}", Status: http.StatusNoContent, Tag: tag, Permission: usersAdmin,
		Summary: "Remove a role that nobody has"},
		func(ctx context.Context, in *named) (*struct{}, error) { return nil, c.DeleteRole(ctx, in.Name) })
}

type createdToken struct {
	Token
	Secret string `json:"secret" doc:"the token itself; shown this once"`
}

func (c *Component) tokenRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-tokens", Method: "GET", Path: "/tokens", Tag: tag, Permission: auth.SignedIn,
		Summary: "API tokens", Details: "One's own; those of everyone with users:admin."},
		func(ctx context.Context, in *struct{ listing.Params }) (*struct{ Body listing.Page[Token] }, error) {
			page, err := c.listTokens(ctx, in.Params)
			return &struct{ Body listing.Page[Token] }{page}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "create-token", Method: "POST", Path: "/tokens", Status: http.StatusCreated, Tag: tag, Permission: auth.SignedIn,
		Summary: "Make an API token", Details: "For somebody else, such as a service, it needs users:admin."},
		func(ctx context.Context, in *struct{ Body TokenRequest }) (*struct{ Body createdToken }, error) {
			t, secret, err := c.CreateToken(ctx, in.Body)
			return &struct{ Body createdToken }{createdToken{t, secret}}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "revoke-token", Method: "DELETE", Path: "/tokens/{id}", Status: http.StatusNoContent, Tag: tag, Permission: auth.SignedIn,
		Summary: "Revoke an API token"},
		func(ctx context.Context, in *struct {
			ID string `path:"id"`
		}) (*struct{}, error) {
			return nil, c.RevokeToken(ctx, in.ID)
		})
}

func (c *Component) listTokens(ctx context.Context, p listing.Params) (listing.Page[Token], error) {
	base := listing.Base{Select: tokenSelect, From: "auth_token t", Search: []string{"t.name"}, Default: "-created", Key: "t.id", Now: c.deps.Clock.Now()}
	if caller := auth.From(ctx); !caller.Can(usersAdmin) {
		base.Where, base.Args = []string{"t.user_id = $1"}, []any{caller.ID}
	}
	st, err := listing.Fields{"name": {Column: "t.name"}, "user": {Column: "t.user_id"}, "created": {Column: "t.created", Kind: listing.Time},
		"expires": {Column: "t.expires", Kind: listing.Time}, "used": {Column: "t.used", Kind: listing.Time}}.Build(p, base)
	if err != nil {
		return listing.Page[Token]{}, err
	}
	return listing.Read(ctx, c.deps.DB, p, st, scanToken)
}
