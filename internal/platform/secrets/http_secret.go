package secrets

import (
	"context"
	"net/http"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
)

// Permissions over secrets: their names may be seen by many, their values by
// nobody.
const (
	secretsRead  auth.Permission = "secrets:read"
	secretsAdmin auth.Permission = "secrets:admin"
)

const tag = "secrets"

type secretInput struct {
	Value       string `json:"value" minLength:"1" maxLength:"65536" doc:"never shown again"`
	Description string `json:"description,omitempty" maxLength:"1000"`
	Team        string `json:"team,omitempty" doc:"id of the team whose records alone may use it"`
}

// Names hold slashes, so the last part of the path takes them all:
// /secrets/db/password, or db%2Fpassword.
type named struct {
	Name string `path:"name"`
}

// Routes registers everything of this package.
func (c *Component) Routes(api *httpapi.API) {
	type one struct{ Body Secret }
	httpapi.Handle(api, httpapi.Route{ID: "list-secrets", Method: "GET", Path: "/secrets", Tag: tag, Permission: secretsRead,
		Summary: "Secrets by name, without their values"},
		func(ctx context.Context, in *struct{ listing.Params }) (*struct{ Body listing.Page[Secret] }, error) {
			page, err := c.list(ctx, in.Params)
			return &struct{ Body listing.Page[Secret] }{page}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "get-secret", Method: "GET", Path: "/secrets/{name...}", Tag: tag, Permission: secretsRead,
		Summary: "One secret, without its value"},
		func(ctx context.Context, in *named) (*one, error) {
			s, err := read(ctx, c.deps.DB, in.Name)
			return &one{s}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "put-secret", Method: "PUT", Path: "/secrets/{name...}", Tag: tag, Permission: secretsAdmin,
		Summary: "Store a secret, or a new version of it", Details: "Documents refer to it as `secret:name`, or `secret:name@2` for one version."},
		func(ctx context.Context, in *struct {
			Name string `path:"name"`
			Body secretInput
		}) (*one, error) {
			s, err := c.Put(ctx, in.Name, Change(in.Body))
			return &one{s}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "delete-secret", Method: "DELETE", Path: "/secrets/{name...}", Status: http.StatusNoContent, Tag: tag, Permission: secretsAdmin,
		Summary: "Remove a secret and all its versions"},
		func(ctx context.Context, in *named) (*struct{}, error) { return nil, c.Delete(ctx, in.Name) })
	type rotation struct {
		Resealed int `json:"resealed" doc:"versions sealed again under the new key"`
	}
	httpapi.Handle(api, httpapi.Route{ID: "rotate-secret-key", Method: "POST", Path: "/secrets-key/rotate", Tag: tag, Permission: secretsAdmin,
		Summary: "Make a new key and seal every secret with it"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body rotation }, error) {
			n, err := c.Rotate(ctx)
			return &struct{ Body rotation }{rotation{n}}, err
		})
}

func (c *Component) list(ctx context.Context, p listing.Params) (listing.Page[Secret], error) {
	st, err := listing.Fields{"name": {Column: "name"}, "team": {Column: "team"}, "changed": {Column: "changed", Kind: listing.Time},
		"used": {Column: "used", Kind: listing.Time}, "uses": {Column: "uses", Kind: listing.Int}}.Build(p,
		listing.Base{Select: secretSelect, From: "secrets_secret", Where: []string{"NOT internal"}, Search: []string{"name", "description"},
			Default: "name", Key: "name", Now: c.deps.Clock.Now()})
	if err != nil {
		return listing.Page[Secret]{}, err
	}
	return listing.Read(ctx, c.deps.DB, p, st, scanSecret)
}
