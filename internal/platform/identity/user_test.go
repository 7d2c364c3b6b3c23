package identity_test

import (
	"encoding/base64"
	"net/http"
	"testing"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/identity"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

func TestNobodyGrantsMoreThanTheyHold(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		admin := b.admin()
		admin.want(http.StatusOK, "PUT", "/roles/personnel", map[string]any{"permissions": []string{"users:*", "requests:*", "knowledge:read", "status:read"}}, nil)
		_, clerk := b.user("clerk", identity.Grant{Role: "personnel"})
		clerk.want(http.StatusForbidden, "POST", "/users", map[string]any{"username": "evil", "grants": []map[string]string{{"role": "administrator"}}}, nil)
		clerk.want(http.StatusCreated, "POST", "/users", map[string]any{"username": "guest", "grants": []map[string]string{{"role": "requester"}}}, nil)
		clerk.want(http.StatusUnprocessableEntity, "POST", "/users", map[string]any{"username": "x", "grants": []map[string]string{{"role": "none"}}}, nil)
		clerk.want(http.StatusForbidden, "PUT", "/roles/personnel", map[string]any{"permissions": []string{"*:*"}}, nil)
		clerk.want(http.StatusConflict, "PUT", "/roles/auditor", map[string]any{"permissions": []string{"users:read"}}, nil)
		var page struct{ Items []identity.User }
		clerk.want(http.StatusOK, "GET", "/users?where=username=admin", nil, &page)
		boss := page.Items[0].ID
		clerk.want(http.StatusForbidden, "PATCH", "/users/"+boss, map[string]any{"password": "i am the boss now"}, nil)
		clerk.want(http.StatusForbidden, "DELETE", "/users/"+boss, nil, nil)
		clerk.want(http.StatusForbidden, "POST", "/tokens", map[string]any{"name": "x", "user": boss}, nil)
		admin.want(http.StatusConflict, "DELETE", "/roles/personnel", nil, nil)
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		admin := b.admin()
		var me struct{ ID string }
		admin.want(http.StatusOK, "GET", "/me", nil, &me)
		admin.want(http.StatusConflict, "PATCH", "/users/"+me.ID, map[string]any{"active": false}, nil)
		admin.want(http.StatusConflict, "PATCH", "/users/"+me.ID, map[string]any{"grants": []any{}}, nil)
		admin.want(http.StatusConflict, "DELETE", "/users/"+me.ID, nil, nil)
		b.user("second", identity.Grant{Role: auth.Administrator})
		admin.want(http.StatusOK, "PATCH", "/users/"+me.ID, map[string]any{"grants": []any{}}, nil)
		admin.want(http.StatusForbidden, "GET", "/users", nil, nil) // at once, though who they are was cached
	})
}

func TestMembersAndTheirSessions(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		admin := b.admin()
		var team identity.Team
		admin.want(http.StatusCreated, "POST", "/teams", map[string]any{"name": "databases"}, &team)
		kim, kims := b.user("kim", identity.Grant{Role: auth.Operator}, identity.Grant{Role: auth.Manager, Team: team.ID})
		b.user("sam", identity.Grant{Role: auth.Operator})
		var page struct{ Items []identity.User }
		admin.want(http.StatusOK, "GET", "/teams/"+team.ID+"/members?q=k", nil, &page)
		if len(page.Items) != 1 || page.Items[0].ID != kim.ID || len(page.Items[0].Grants) != 2 {
			t.Errorf("%+v", page.Items)
		}
		admin.want(http.StatusNotFound, "GET", "/teams/none/members", nil, nil)
		kims.want(http.StatusForbidden, "GET", "/users/"+kim.ID+"/sessions", nil, nil)
		var sessions []struct {
			ID      string
			Current bool
		}
		admin.want(http.StatusOK, "GET", "/users/"+kim.ID+"/sessions", nil, &sessions)
		if len(sessions) != 1 || sessions[0].Current {
			t.Fatalf("%+v", sessions)
		}
		admin.want(http.StatusNotFound, "DELETE", "/users/"+kim.ID+"/sessions/none", nil, nil)
		admin.want(http.StatusNoContent, "DELETE", "/users/"+kim.ID+"/sessions/"+sessions[0].ID, nil, nil)
		kims.want(http.StatusUnauthorized, "GET", "/me", nil, nil)
		admin.want(http.StatusNotFound, "GET", "/users/none/sessions", nil, nil)
		if got := b.entries("auth.session.revoked"); len(got) != 1 || got[0].Subject.ID != kim.ID || got[0].Actor.ID == kim.ID {
			t.Errorf("%+v", got)
		}
	})
}

func TestTeamsScopeGrants(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		admin := b.admin()
		var team identity.Team
		admin.want(http.StatusCreated, "POST", "/teams", map[string]string{"name": "web"}, &team)
		admin.want(http.StatusConflict, "POST", "/teams", map[string]string{"name": "web"}, nil)
		u, member := b.user("wim", identity.Grant{Role: auth.Operator, Team: team.ID})
		var me struct {
			Teams           map[string]string
			Permissions     []string
			TeamPermissions map[string][]string
		}
		member.want(http.StatusOK, "GET", "/me", nil, &me)
		if me.Teams[team.ID] != "web" || len(me.Permissions) != 0 || len(me.TeamPermissions[team.ID]) == 0 {
			t.Fatalf("%+v", me)
		}
		admin.want(http.StatusOK, "GET", "/teams/"+team.ID, nil, &team)
		members, err := b.Members(t.Context(), team.ID)
		if team.Members != 1 || err != nil || len(members) != 1 || members[0].ID != u.ID {
			t.Fatalf("%d members, %+v, %v", team.Members, members, err)
		}
		admin.want(http.StatusNoContent, "DELETE", "/teams/"+team.ID, nil, nil)
		member.want(http.StatusForbidden, "GET", "/echo", nil, nil)
	})
}

func TestUsersAreListedAndChangedOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		admin := b.admin()
		u, c := b.user("una", identity.Grant{Role: auth.Auditor})
		admin.want(http.StatusConflict, "POST", "/users", map[string]any{"username": "UNA"}, nil)
		admin.want(http.StatusUnprocessableEntity, "POST", "/users", map[string]any{"username": "no spaces", "email": "x"}, nil)
		var page struct{ Items []identity.User }
		admin.want(http.StatusOK, "GET", "/users?q=un&sort=-username", nil, &page)
		if len(page.Items) != 1 || page.Items[0].Grants[0].Role != auth.Auditor {
			t.Fatalf("%+v", page)
		}
		path := "/users/" + u.ID
		admin.want(http.StatusOK, "PATCH", path, map[string]any{"name": "Una B."}, nil, "If-Match", `"1"`)
		admin.want(http.StatusPreconditionFailed, "PATCH", path, map[string]any{"name": "Una C."}, nil, "If-Match", `"1"`)
		c.want(http.StatusForbidden, "PATCH", path, map[string]any{"name": "Una D."}, nil)
		admin.want(http.StatusNoContent, "DELETE", path+"/sessions", nil, nil)
		c.want(http.StatusUnauthorized, "GET", "/echo", nil, nil)
	})
}
