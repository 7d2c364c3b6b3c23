package identity

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

const tag = "identity"

// Routes registers everything of this package.
func (c *Component) Routes(api *httpapi.API) {
	c.sessionRoutes(api)
	c.meRoutes(api)
	c.userRoutes(api)
	c.teamRoutes(api)
	c.memberRoutes(api)
	c.roleRoutes(api)
	c.tokenRoutes(api)
}

// entrance is what the sign-in page needs to know before anyone is signed in.
type entrance struct {
	SignedIn bool   `json:"signedIn"`
	Setup    bool   `json:"setup" doc:"the first administrator has yet to be made, with the link of the server's log"`
	OIDC     string `json:"oidc,omitempty" doc:"title of the button that leads to /api/v1/oidc/login"`
}

// signedIn answers a sign-in.
type signedIn struct {
	SetCookie string `header:"Set-Cookie"`
	Body      struct {
		User    User      `json:"user"`
		Expires time.Time `json:"expires"`
	}
}

func newSignedIn(u User, s session, cookie *http.Cookie) *signedIn {
	out := &signedIn{SetCookie: cookie.String()}
	out.Body.User, out.Body.Expires = u, s.Expires
	return out
}

func (c *Component) sessionRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "get-session", Method: "GET", Path: "/session", Tag: tag, Permission: auth.Public,
		Summary: "Whether the caller is signed in, and how they can"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body entrance }, error) {
			n, err := administrators(ctx, c.deps.DB)
			out := &struct{ Body entrance }{entrance{SignedIn: auth.From(ctx) != nil, Setup: n == 0}}
			if c.provider.enabled() {
				out.Body.OIDC = c.cfg.OIDC.Title
			}
			return out, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "sign-in", Method: "POST", Path: "/session", Status: http.StatusCreated, Tag: tag, Permission: auth.Public,
		Summary: "Sign in with a password",
		Details: "Sets the session cookie. 401 whose errors name `code` asks for the second factor: send the same again with it."},
		func(ctx context.Context, in *struct{ Body credentials }) (*signedIn, error) {
			u, s, cookie, err := c.signIn(ctx, in.Body)
			if err != nil {
				return nil, err
			}
			return newSignedIn(u, s, cookie), nil
		})
	httpapi.Handle(api, httpapi.Route{ID: "sign-out", Method: "DELETE", Path: "/session", Status: http.StatusNoContent, Tag: tag, Permission: auth.Public,
		Summary: "Sign out"},
		func(ctx context.Context, _ *struct{}) (*struct {
			SetCookie string `header:"Set-Cookie"`
		}, error) {
			from := callerFrom(ctx)
			if p := auth.From(ctx); p != nil && p.Session != "" {
				if err := c.endSession(ctx, p.ID, p.Session, "logout"); err != nil && core.CodeOf(err) != core.CodeNotFound {
					return nil, err
				}
			}
			return &struct {
				SetCookie string `header:"Set-Cookie"`
			}{expiredCookie(sessionCookieName(from.secure), from).String()}, nil
		})
	httpapi.Handle(api, httpapi.Route{ID: "set-up", Method: "POST", Path: "/setup", Status: http.StatusCreated, Tag: tag, Permission: auth.Public,
		Summary: "Make the first administrator, with the token of the set-up link"},
		func(ctx context.Context, in *struct{ Body setupInput }) (*signedIn, error) {
			u, s, cookie, err := c.setUp(ctx, in.Body)
			if err != nil {
				return nil, err
			}
			return newSignedIn(u, s, cookie), nil
		})
	api.Mount("GET /api/v1/oidc/login", auth.Public, http.HandlerFunc(c.oidcLogin))
	api.Mount("GET "+callbackPath, auth.Public, http.HandlerFunc(c.oidcCallback))
}

func flowCookie(from caller, value string, age int) *http.Cookie {
	name := "mainstay_oidc"
	if from.secure {
		name = "__Host-" + name
	}
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: from.secure, SameSite: http.SameSiteLaxMode}
}

// oidcLogin leads the browser to the provider; return names the page of the
// console to come back to.
func (c *Component) oidcLogin(w http.ResponseWriter, r *http.Request) {
	to, f, err := c.provider.begin(r.URL.Query().Get("return"))
	if err != nil {
		c.backToLogin(w, r, err)
		return
	}
	value, err := f.encode()
	if err != nil {
		c.backToLogin(w, r, err)
		return
	}
	http.SetCookie(w, flowCookie(callerFrom(r.Context()), value, int(flowFor.Seconds())))
	http.Redirect(w, r, to, http.StatusFound)
}

// oidcCallback is where the provider sends the browser back to.
func (c *Component) oidcCallback(w http.ResponseWriter, r *http.Request) {
	from, query := callerFrom(r.Context()), r.URL.Query()
	var f flow
	if cookie, err := r.Cookie(flowCookie(from, "", 0).Name); err == nil {
		f, _ = decodeFlow(cookie.Value) // a broken cookie is as good as none: the state will not match
	}
	http.SetCookie(w, flowCookie(from, "", -1))
	if reason := query.Get("error"); reason != "" {
		c.backToLogin(w, r, core.Errorf(core.CodeForbidden, "the OpenID provider says: %s", clip(reason+" "+query.Get("error_description"), 200)))
		return
	}
	said, err := c.provider.finish(r.Context(), f, query.Get("state"), query.Get("code"))
	if err != nil {
		c.backToLogin(w, r, err)
		return
	}
	cookie, err := c.signInFederated(r.Context(), said)
	if err != nil {
		c.backToLogin(w, r, err)
		return
	}
	http.SetCookie(w, cookie)
	http.Redirect(w, r, localPath(f.Return), http.StatusSeeOther)
}

// backToLogin shows the failure on the sign-in page, since a person is looking.
func (c *Component) backToLogin(w http.ResponseWriter, r *http.Request, err error) {
	p := httpapi.ProblemOf(c.log, err, "route", "oidc")
	http.Redirect(w, r, "/login?error="+url.QueryEscape(p.Detail), http.StatusSeeOther)
}
