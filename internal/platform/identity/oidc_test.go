package identity_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/identity"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

// federated is a bundle whose people sign in at a real OpenID provider.
func federated(t *testing.T, db *sqldb.DB) (*bundle, *openID) {
	t.Helper()
	p := startOpenID(t)
	b := setup(t, db, func(cfg *identity.Configuration) {
		p.redirect = cfg.PublicURL + "/api/v1/oidc/callback"
		cfg.OIDC.Issuer, cfg.OIDC.ClientID, cfg.OIDC.ClientSecret = p.server.URL, clientID, clientSecret
		cfg.OIDC.Groups = []identity.GroupGrant{{Group: "ops", Role: auth.Operator}, {Group: "web", Role: auth.Manager, Team: "web"},
			{Group: "ops", Role: "gone"}}
	})
	if _, err := b.PutTeam(auth.With(context.Background(), auth.System("test")), "", identity.TeamInput{Name: "web"}); err != nil {
		t.Fatal(err)
	}
	return b, p
}

// follow goes where the browser is sent until it is back at the console, and
// returns where that is.
func (c *client) follow(at string) string {
	c.b.t.Helper()
	for range 10 {
		response, err := c.http.Get(at)
		if err != nil {
			c.b.t.Fatal(err)
		}
		response.Body.Close()
		to, err := response.Location()
		if err != nil {
			c.b.t.Fatalf("%s: %d leads nowhere", at, response.StatusCode)
		}
		if at = to.String(); strings.HasPrefix(at, c.b.server.URL) && !strings.Contains(at, "/api/v1/") {
			return strings.TrimPrefix(at, c.b.server.URL)
		}
	}
	c.b.t.Fatalf("still under way at %s", at)
	return ""
}

func (c *client) enter() string {
	c.b.t.Helper()
	return c.follow(c.b.server.URL + "/api/v1/oidc/login?return=/alerts%3Fstate%3Dopen")
}

type who struct {
	Username, Name, Email string
	External              bool
	Grants                []identity.Grant
}

func TestOpenIDSignIn(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b, p := federated(t, db)
		p.person = person{"sub-1", "Olga", "Olga O.", "olga@example.com", []string{"ops", "web", "unrelated"}}
		c := b.client()
		if at := c.enter(); at != "/alerts?state=open" {
			t.Fatalf("led to %s", at)
		}
		var me who
		c.want(http.StatusOK, "GET", "/me", nil, &me)
		if me.Username != "olga" || me.Name != "Olga O." || me.Email != "olga@example.com" || !me.External || len(me.Grants) != 2 {
			t.Fatalf("%+v", me)
		}
		c.want(http.StatusOK, "GET", "/echo", nil, nil)

		// The next sign-in takes away what the provider no longer says.
		p.person.groups, p.person.name = []string{"web"}, "Olga P."
		c.enter()
		c.want(http.StatusOK, "GET", "/me", nil, &me)
		if me.Name != "Olga P." || len(me.Grants) != 1 || me.Grants[0].Role != auth.Manager || me.Grants[0].Source != "oidc" {
			t.Fatalf("%+v", me)
		}
		if n := len(b.entries("auth.login")); n != 2 {
			t.Fatalf("%d sign-ins recorded", n)
		}
	})
}

func TestOpenIDRefusals(t *testing.T) {
	t.Parallel()
	b, p := federated(t, sqldbtest.SQLite(t))
	refused := func(what, because string, at string) {
		t.Helper()
		if text, _ := url.QueryUnescape(at); !strings.HasPrefix(text, "/login?error=") || !strings.Contains(text, because) {
			t.Errorf("%s led to %s", what, text)
		}
	}
	p.person = person{"sub-2", "guest", "Guest", "", nil}
	refused("no group with access", "none of your groups", b.client().enter())
	p.person = person{"sub-3", "admin", "Not the admin", "", []string{"ops"}}
	refused("the name of a local user", "a local user", b.client().enter())

	p.person = person{"sub-4", "olga", "Olga", "", []string{"ops"}}
	p.tamper = func(r *loginRequest) { r.Nonce = "of another sign-in" }
	refused("another nonce", "another sign-in", b.client().enter())
	p.tamper = func(r *loginRequest) { r.CodeChallenge = "of another verifier" }
	refused("another verifier", "refused the code", b.client().enter())
	p.tamper = nil
	refused("a state that was never given", "not begun in this browser",
		b.client().follow(b.server.URL+"/api/v1/oidc/callback?code=x&state=y"))
	refused("an error of the provider", "access_denied",
		b.client().follow(b.server.URL+"/api/v1/oidc/callback?error=access_denied"))

	// A sign-in that one browser began does not end in another.
	victim, attacker := b.client(), b.client()
	var stolen string
	attacker.http.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.Path, "/api/v1/oidc/callback") {
			stolen = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	if _, err := attacker.http.Get(b.server.URL + "/api/v1/oidc/login"); err != nil || stolen == "" {
		t.Fatal(stolen, err)
	}
	refused("a code of another browser", "not begun in this browser", victim.follow(stolen))
}

func TestOpenIDReturnsToThisSite(t *testing.T) {
	t.Parallel()
	b, p := federated(t, sqldbtest.SQLite(t))
	p.person = person{"sub-4", "olga", "Olga", "", []string{"ops"}}
	for _, elsewhere := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)"} {
		if at := b.client().follow(b.server.URL + "/api/v1/oidc/login?return=" + url.QueryEscape(elsewhere)); at != "/" {
			t.Errorf("%s led to %s", elsewhere, at)
		}
	}
}

func TestOpenIDProviderDown(t *testing.T) {
	t.Parallel()
	b, p := federated(t, sqldbtest.SQLite(t))
	p.server.Close()
	at := b.client().follow(b.server.URL + "/api/v1/oidc/login")
	if text, _ := url.QueryUnescape(at); !strings.Contains(text, "does not answer") {
		t.Fatal(text)
	}
	b.admin().want(http.StatusOK, "GET", "/me", nil, nil)
}
