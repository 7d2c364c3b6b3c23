package identity

import (
	"context"
	"net/http"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/listing"
)

// memberRoutes are who is in a team, and where somebody is signed in.
func (c *Component) memberRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-team-members", Method: "GET", Path: "/teams/{id}/members", Tag: tag, Permission: usersRead,
		Summary: "The users who have a role in a team", Details: "With all their grants; a role everywhere does not make a member."},
		func(ctx context.Context, in *struct {
			ID string `path:"id"`
			listing.Params
		}) (*struct{ Body listing.Page[User] }, error) {
			if _, err := c.Team(ctx, in.ID); err != nil {
				return nil, err
			}
			page, err := c.listUsers(ctx, in.Params, listing.Base{Args: []any{in.ID},
				Where: []string{"EXISTS (SELECT 1 FROM auth_grant g WHERE g.user_id = u.id AND g.team = $1)"}})
			return &struct{ Body listing.Page[User] }{page}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "list-user-sessions", Method: "GET", Path: "/users/{id}/sessions", Tag: tag, Permission: usersAdmin,
		Summary: "Where a user is signed in"},
		func(ctx context.Context, in *struct {
			ID string `path:"id"`
		}) (*struct{ Body []session }, error) {
			if _, err := c.User(ctx, in.ID); err != nil {
				return nil, err
			}
			found, err := c.sessions(ctx, in.ID, auth.From(ctx).Session)
			return &struct{ Body []session }{found}, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "end-user-session", Method: "DELETE", Path: "/users/{id}/sessions/{session}", Status: http.StatusNoContent, Tag: tag,
		Permission: usersAdmin, Summary: "Sign a user out in one place"},
		func(ctx context.Context, in *struct {
			ID      string `path:"id"`
			Session string `path:"session"`
		}) (*struct{}, error) {
			return nil, c.endSession(ctx, in.ID, in.Session, "session.revoked")
		})
}
