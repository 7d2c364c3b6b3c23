package identity_test

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/identity"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func trustLoopback(cfg *identity.Configuration) {
	cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
}

type madeToken struct {
	ID     string
	Secret string
	Scopes []string
}

// token makes a token of the client's user and returns a program that has it.
func (b *bundle) token(c *client, body map[string]any) *client {
	b.t.Helper()
	if body == nil {
		body = map[string]any{}
	}
	body["name"] = "test"
	var made madeToken
	c.want(http.StatusCreated, "POST", "/tokens", body, &made)
	if !strings.HasPrefix(made.Secret, identity.TokenPrefix) {
		b.t.Fatalf("token %q", made.Secret)
	}
	program := b.client()
	program.token = made.Secret
	return program
}

func TestTokensActWithinTheirScopes(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		admin := b.admin()
		all := b.token(admin, nil)
		all.want(http.StatusOK, "GET", "/users", nil, nil)
		narrow := b.token(admin, map[string]any{"scopes": []string{"alerts:*"}})
		narrow.want(http.StatusOK, "GET", "/echo", nil, nil)
		narrow.want(http.StatusForbidden, "GET", "/users", nil, nil)
		var wider madeToken
		narrow.want(http.StatusCreated, "POST", "/tokens", map[string]any{"name": "wider", "scopes": []string{"*:read"}}, &wider)
		if strings.Join(wider.Scopes, " ") != "alerts:read" {
			t.Fatalf("a narrow token made one with %v", wider.Scopes)
		}
		narrow.want(http.StatusForbidden, "POST", "/tokens", map[string]any{"name": "other", "scopes": []string{"users:admin"}}, nil)
		all.want(http.StatusForbidden, "POST", "/me/totp", nil, nil)
		all.want(http.StatusForbidden, "PUT", "/me/password", map[string]string{"current": password, "new": "another password"}, nil)
		admin.want(http.StatusUnprocessableEntity, "POST", "/tokens", map[string]any{"name": "bad", "scopes": []string{"alerts"}}, nil)
	})
}

func TestTokensExpireAndAreRevoked(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		admin := b.admin()
		brief := b.token(admin, map[string]any{"expires": b.clock.Now().Add(time.Minute)})
		brief.want(http.StatusOK, "GET", "/echo", nil, nil)
		b.clock.Advance(61 * time.Second)
		brief.want(http.StatusUnauthorized, "GET", "/echo", nil, nil)

		long := b.token(admin, nil)
		long.want(http.StatusOK, "GET", "/echo", nil, nil)
		if response, _ := long.do("GET", "/echo", nil, "Authorization", "Basic "+basic("anyone", long.token)); response.StatusCode != http.StatusOK {
			t.Errorf("as a basic password: %d", response.StatusCode)
		}
		for _, scheme := range []string{"Token", "Splunk"} {
			if response, _ := long.do("GET", "/echo", nil, "Authorization", scheme+" "+long.token); response.StatusCode != http.StatusOK {
				t.Errorf("under the scheme %s: %d", scheme, response.StatusCode)
			}
		}
		if err := b.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
		var list struct {
			Items []struct{ ID, Hint, Address string }
		}
		admin.want(http.StatusOK, "GET", "/tokens?limit=1", nil, &list)
		if list.Items[0].Address != "127.0.0.1" || list.Items[0].Hint != long.token[len(long.token)-4:] {
			t.Fatalf("%+v", list.Items[0])
		}
		admin.want(http.StatusNoContent, "DELETE", "/tokens/"+list.Items[0].ID, nil, nil)
		long.want(http.StatusUnauthorized, "GET", "/echo", nil, nil)
		mistyped := b.client()
		mistyped.token = long.token[:10] + "x" + long.token[11:]
		mistyped.want(http.StatusUnauthorized, "GET", "/echo", nil, nil)
	})
}

func TestServicesHaveTokensOnly(t *testing.T) {
	t.Parallel()
	b := setup(t, sqldbtest.SQLite(t))
	admin := b.admin()
	var robot identity.User
	admin.want(http.StatusUnprocessableEntity, "POST", "/users", map[string]any{"kind": "service", "username": "robot", "password": password}, nil)
	admin.want(http.StatusCreated, "POST", "/users", map[string]any{"kind": "service", "username": "robot",
		"grants": []map[string]string{{"role": "auditor"}}}, &robot)
	service := b.token(admin, map[string]any{"user": "robot"})
	var me struct{ Kind, Username string }
	service.want(http.StatusOK, "GET", "/me", nil, &me)
	if me.Kind != "service" || me.Username != "robot" {
		t.Fatalf("%+v", me)
	}
	_, ops := b.user("olga", identity.Grant{Role: auth.Operator})
	ops.want(http.StatusForbidden, "POST", "/tokens", map[string]any{"name": "x", "user": "robot"}, nil)
	admin.want(http.StatusNoContent, "DELETE", "/users/"+robot.ID, nil, nil)
	service.want(http.StatusUnauthorized, "GET", "/me", nil, nil)
}

// A command makes a token directly on the store of a running server.
func TestACommandMakesATokenOfARunningServer(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		command, err := identity.New(cheap(), identity.Dependencies{DB: db, Ledger: b.ledger, Clock: b.clock, IDs: core.NewIDs(b.clock, nil)})
		if err != nil {
			t.Fatal(err)
		}
		ctx := auth.With(context.Background(), auth.System("command line"))
		_, secret, err := command.CreateToken(ctx, identity.TokenRequest{User: "admin", Name: "from the shell"})
		if err != nil {
			t.Fatal(err)
		}
		program := b.client()
		program.token = secret
		program.want(http.StatusOK, "GET", "/users", nil, nil)
	})
}
