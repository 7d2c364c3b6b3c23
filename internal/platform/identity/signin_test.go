package identity_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/identity"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

type signIn struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Code     string `json:"code,omitempty"`
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		c := b.client()
		c.want(http.StatusUnauthorized, "GET", "/me", nil, nil)
		response, _ := c.do("POST", "/session", signIn{"  Admin ", password, ""})
		cookie := response.Header.Get("Set-Cookie")
		if response.StatusCode != http.StatusCreated || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") || strings.Contains(cookie, "Secure") {
			t.Fatalf("%d, cookie %q", response.StatusCode, cookie)
		}
		var me struct {
			Username    string
			Permissions []string
		}
		c.want(http.StatusOK, "GET", "/me", nil, &me)
		if me.Username != "admin" || len(me.Permissions) != 1 || me.Permissions[0] != "*:*" {
			t.Fatalf("%+v", me)
		}
		stolen := b.client()
		stolen.http.Jar.SetCookies(response.Request.URL, response.Cookies())
		stolen.want(http.StatusOK, "GET", "/echo", nil, nil)
		c.want(http.StatusNoContent, "DELETE", "/session", nil, nil)
		stolen.want(http.StatusUnauthorized, "GET", "/echo", nil, nil)
		if n := len(b.entries("auth.login", "auth.logout")); n != 2 {
			t.Fatalf("%d ledger entries", n)
		}
	})
}

func TestRefusalsSayTheSame(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		u, _ := b.user("blocked")
		off := false
		if _, err := b.ChangeUser(auth.With(context.Background(), auth.System("test")), u.ID, anyRevision, identity.UserChange{Active: &off}); err != nil {
			t.Fatal(err)
		}
		var first string
		for _, in := range []signIn{{"nobody", password, ""}, {"admin", "wrong password!", ""}, {"blocked", password, ""}, {"admin", strings.Repeat("x", 900), ""}} {
			response, body := b.client().do("POST", "/session", in)
			if response.StatusCode != http.StatusUnauthorized {
				t.Fatalf("%s: %d", in.Username, response.StatusCode)
			}
			if first == "" {
				first = string(body)
			}
			if string(body) != first {
				t.Errorf("%s: %s, not %s", in.Username, body, first)
			}
		}
		if err := b.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
		failed := b.entries("auth.login.failed")
		if len(failed) != 3 { // one for each of the two users, one for nobody
			t.Fatalf("%d entries of failed sign-ins: %+v", len(failed), failed)
		}
	})
}

func anyRevision(identity.User) error { return nil }

func TestGuessingIsSlowedDown(t *testing.T) {
	t.Parallel()
	b := setup(t, sqldbtest.SQLite(t))
	guess := func(name string) int {
		response, _ := b.client().do("POST", "/session", signIn{name, "not the password", ""})
		return response.StatusCode
	}
	for _, name := range []string{"admin", "nobody"} {
		for i := range 6 {
			if status := guess(name); status != http.StatusUnauthorized {
				t.Fatalf("%s: guess %d gave %d", name, i, status)
			}
		}
		if status := guess(name); status != http.StatusTooManyRequests {
			t.Fatalf("%s: guess 7 gave %d", name, status)
		}
	}
	b.client().want(http.StatusTooManyRequests, "POST", "/session", signIn{"admin", password, ""}, nil)
	b.clock.Advance(21 * time.Second)
	b.client().want(http.StatusCreated, "POST", "/session", signIn{"admin", password, ""}, nil)
}

func TestSessionsExpireAndRotate(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		c := b.admin()
		b.clock.Advance(61 * time.Minute)
		response, _ := c.do("GET", "/echo", nil)
		if response.StatusCode != http.StatusOK || response.Header.Get("Set-Cookie") == "" {
			t.Fatalf("after an hour: %d, no new cookie", response.StatusCode)
		}
		before := b.client()
		before.http.Jar.SetCookies(response.Request.URL, requestCookies(response.Request))
		before.want(http.StatusOK, "GET", "/echo", nil, nil) // under way while the cookie was replaced
		b.clock.Advance(2 * time.Minute)
		before.want(http.StatusUnauthorized, "GET", "/echo", nil, nil)
		c.want(http.StatusOK, "GET", "/echo", nil, nil)
		b.clock.Advance(11 * time.Hour)
		c.want(http.StatusOK, "GET", "/echo", nil, nil)
		b.clock.Advance(13 * time.Hour)
		c.want(http.StatusUnauthorized, "GET", "/echo", nil, nil)

		c = b.admin()
		for range 7*24/11 - 1 {
			b.clock.Advance(11 * time.Hour)
			c.want(http.StatusOK, "GET", "/echo", nil, nil)
		}
		b.clock.Advance(18 * time.Hour)
		c.want(http.StatusUnauthorized, "GET", "/echo", nil, nil)
	})
}

func requestCookies(r *http.Request) []*http.Cookie {
	var out []*http.Cookie
	for _, c := range r.Cookies() {
		out = append(out, &http.Cookie{Name: c.Name, Value: c.Value, Path: "/"})
	}
	return out
}

func TestSessionsAreListedAndRevoked(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		here, there := b.admin(), b.admin()
		var list []struct {
			ID      string
			Current bool
		}
		here.want(http.StatusOK, "GET", "/me/sessions", nil, &list)
		if len(list) != 2 {
			t.Fatalf("%d sessions", len(list))
		}
		for _, s := range list {
			if !s.Current {
				here.want(http.StatusNoContent, "DELETE", "/me/sessions/"+s.ID, nil, nil)
			}
		}
		there.want(http.StatusUnauthorized, "GET", "/echo", nil, nil)
		there = b.admin()
		here.want(http.StatusUnprocessableEntity, "PUT", "/me/password", map[string]string{"current": "wrong", "new": "another password"}, nil)
		here.want(http.StatusUnprocessableEntity, "PUT", "/me/password", map[string]string{"current": password, "new": "short"}, nil)
		here.want(http.StatusNoContent, "PUT", "/me/password", map[string]string{"current": password, "new": "another password"}, nil)
		here.want(http.StatusOK, "GET", "/echo", nil, nil)
		there.want(http.StatusUnauthorized, "GET", "/echo", nil, nil)
		b.client().want(http.StatusCreated, "POST", "/session", signIn{"admin", "another password", ""}, nil)
	})
}

func TestAnotherSiteCannotActWithTheCookie(t *testing.T) {
	t.Parallel()
	b := setup(t, sqldbtest.SQLite(t))
	c := b.admin()
	body := map[string]string{"name": "web"}
	c.want(http.StatusForbidden, "POST", "/teams", body, nil, "Sec-Fetch-Site", "cross-site")
	c.want(http.StatusForbidden, "POST", "/teams", body, nil, "Sec-Fetch-Site", "same-site")
	c.want(http.StatusForbidden, "POST", "/teams", body, nil, "Origin", "https://evil.example")
	c.want(http.StatusForbidden, "GET", "/echo", nil, nil, "Origin", "https://evil.example", "Upgrade", "websocket")
	c.want(http.StatusCreated, "POST", "/teams", body, nil, "Sec-Fetch-Site", "same-origin")
	c.want(http.StatusCreated, "POST", "/teams", map[string]string{"name": "db"}, nil, "Origin", b.server.URL)
	b.client().want(http.StatusForbidden, "POST", "/session", signIn{"admin", password, ""}, nil, "Sec-Fetch-Site", "cross-site")
	token := b.token(c, nil)
	token.want(http.StatusCreated, "POST", "/teams", map[string]string{"name": "net"}, nil, "Origin", "https://another.example")
}

func TestSetup(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db, func(cfg *identity.Configuration) { cfg.AdminPassword = "" })
		ctx := context.Background()
		old, err := b.SetupLink(ctx)
		if err != nil {
			t.Fatal(err)
		}
		link, err := b.SetupLink(ctx)
		if err != nil || !strings.HasPrefix(link, b.server.URL+"/setup#token=") {
			t.Fatalf("%q, %v", link, err)
		}
		input := func(link string) map[string]string {
			_, token, _ := strings.Cut(link, "token=")
			return map[string]string{"token": token, "username": "ann", "password": password}
		}
		c := b.client()
		var door struct{ Setup bool }
		c.want(http.StatusOK, "GET", "/session", nil, &door)
		if !door.Setup {
			t.Fatal("the sign-in page does not know that set-up is due")
		}
		c.want(http.StatusForbidden, "POST", "/setup", input(old), nil)
		short := input(link)
		short["password"] = "short"
		c.want(http.StatusUnprocessableEntity, "POST", "/setup", short, nil)
		c.want(http.StatusCreated, "POST", "/setup", input(link), nil)
		c.want(http.StatusOK, "GET", "/users", nil, nil)
		c.want(http.StatusConflict, "POST", "/setup", input(link), nil)
		if link, err := b.SetupLink(ctx); err != nil || link != "" {
			t.Fatalf("a second link: %q, %v", link, err)
		}
	})
}

func TestPresetFollowsTheRule(t *testing.T) {
	t.Parallel()
	cfg := cheap()
	cfg.AdminPassword = "short"
	_, err := identity.New(cfg, identity.Dependencies{})
	if core.CodeOf(err) != core.CodeInvalid || !strings.Contains(err.Error(), "MAINSTAY_ADMIN_PASSWORD: must have at least 12 characters") {
		t.Fatal(err)
	}
}

func TestSecureCookiesBehindAProxy(t *testing.T) {
	t.Parallel()
	b := setup(t, sqldbtest.SQLite(t), trustLoopback)
	response, _ := b.client().do("POST", "/session", signIn{"admin", password, ""}, "X-Forwarded-Proto", "https", "X-Forwarded-For", "198.51.100.9, 203.0.113.7")
	if cookie := response.Header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "__Host-mainstay_session=") || !strings.Contains(cookie, "Secure") {
		t.Fatalf("cookie %q", cookie)
	}
	var login struct{ Address string }
	if err := b.entries("auth.login")[0].Decode(&login); err != nil || login.Address != "203.0.113.7" {
		t.Fatalf("signed in from %q (%v)", login.Address, err)
	}
	plain := setup(t, sqldbtest.SQLite(t))
	response, _ = plain.client().do("POST", "/session", signIn{"admin", password, ""}, "X-Forwarded-Proto", "https")
	if strings.Contains(response.Header.Get("Set-Cookie"), "Secure") {
		t.Fatal("anyone's X-Forwarded-Proto is believed")
	}
}

// A stream is one request; it must not outlive the right to it.
func TestStreamsEndWhenTheirCallerLosesTheRight(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		b := setup(t, db)
		admin := b.admin()
		follow := func(c *client) chan struct{} {
			r, err := http.NewRequestWithContext(t.Context(), "GET", b.server.URL+"/api/v1/wait", nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.token != "" {
				r.Header.Set("Authorization", "Bearer "+c.token)
			}
			response, err := c.http.Do(r)
			if err != nil || response.StatusCode != http.StatusOK {
				t.Fatal(response, err)
			}
			ended := make(chan struct{})
			go func() { defer close(ended); defer response.Body.Close(); io.Copy(io.Discard, response.Body) }()
			return ended
		}
		u, member := b.user("una", identity.Grant{Role: auth.Auditor})
		_, other := b.user("other", identity.Grant{Role: auth.Auditor})
		streams := []chan struct{}{follow(member), follow(b.token(member, nil))}
		lasting := follow(other)
		admin.want(http.StatusOK, "PATCH", "/users/"+u.ID, map[string]any{"grants": []map[string]string{{"role": "requester"}}}, nil)
		deadline := time.After(20 * time.Second)
		for i, ended := range streams {
			for done := false; !done; {
				b.clock.Advance(31 * time.Second)
				select {
				case <-ended:
					done = true
				case <-deadline:
					t.Fatalf("stream %d goes on", i)
				case <-time.After(10 * time.Millisecond):
				}
			}
		}
		select {
		case <-lasting:
			t.Fatal("a stream of somebody else has ended")
		default:
		}
	})
}
