package identity

import (
	"context"
	"net/http"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

// Middleware finds out who is calling and puts the principal in the context.
// Nobody is somebody too: the route's permission decides what they may do. A
// token of ours that is not good, and a cross-site request, are refused here.
func (c *Component) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := c.callerOf(r)
		ctx := context.WithValue(r.Context(), callerKey{}, from)
		p, err := c.identify(w, r.WithContext(ctx), from)
		if err != nil {
			if core.CodeOf(err) == core.CodeUnauthenticated {
				w.Header().Set("WWW-Authenticate", `Bearer realm="mainstay"`)
			}
			httpapi.WriteProblem(w, c.log, err)
			return
		}
		if p != nil {
			var over func()
			ctx, over = c.live.begin(auth.With(ctx, p), p)
			defer over()
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func (c *Component) identify(w http.ResponseWriter, r *http.Request, from caller) (*auth.Principal, error) {
	if token, ok := bearer(r); ok {
		return c.Authenticate(r.Context(), token)
	}
	// A browser attaches nothing but cookies by itself, and signing in sets one:
	// everything without a token must come from our own origin.
	if err := c.origins.Check(r); err != nil {
		return nil, err
	}
	cookie, err := r.Cookie(sessionCookieName(from.secure))
	if err != nil || cookie.Value == "" {
		return nil, nil
	}
	return c.resume(w, r, from, cookie.Value)
}

// bearer returns a token of ours: as a bearer token, or as the password of
// basic authentication, which is all that some senders can do. Other tokens
// are for the route to understand.
func bearer(r *http.Request) (string, bool) {
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "Token") || strings.EqualFold(scheme, "Splunk") { // Token: clients of InfluxDB
		value = strings.TrimSpace(value)
	} else if _, password, ok := r.BasicAuth(); ok {
		value = password
	} else {
		return "", false
	}
	return value, strings.HasPrefix(value, TokenPrefix)
}

// Authenticate returns the principal of an API token, or code unauthenticated.
func (c *Component) Authenticate(ctx context.Context, token string) (*auth.Principal, error) {
	refused := core.Errorf(core.CodeUnauthenticated, "the API token is wrong, expired or revoked")
	if !wellFormed(token) {
		return nil, refused
	}
	hash, address := fingerprint(token), callerFrom(ctx).address.String()
	if k, ok := c.cache.get(hash); ok {
		c.touched.token(k.principal.Token, c.deps.Clock.Now(), address)
		return k.principal, nil
	}
	generation := c.cache.begin()
	t, err := c.findToken(ctx, hash)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, refused
	}
	p, err := c.activePrincipal(ctx, t.User)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, refused
	}
	p = p.Limited(auth.NewSet(t.Scopes...))
	p.Token = t.ID
	c.touched.token(t.ID, c.deps.Clock.Now(), address)
	c.cache.put(generation, hash, known{principal: p, until: t.Expires})
	return p, nil
}

// resume returns the principal of a session cookie, or nil when it is not good
// any more, and replaces the cookie when it is due.
func (c *Component) resume(w http.ResponseWriter, r *http.Request, from caller, secret string) (*auth.Principal, error) {
	ctx, hash, now := r.Context(), fingerprint(secret), c.deps.Clock.Now()
	k, ok := c.cache.get(hash)
	if !ok {
		generation := c.cache.begin()
		s, err := c.findSession(ctx, hash)
		if err != nil {
			return nil, err
		}
		if s == nil {
			http.SetCookie(w, expiredCookie(sessionCookieName(from.secure), from))
			return nil, nil
		}
		p, err := c.activePrincipal(ctx, s.User)
		if err != nil || p == nil {
			return nil, err
		}
		p.Session = s.ID
		k = known{principal: p, session: s, until: s.Expires}
		c.cache.put(generation, hash, k)
	}
	c.touched.session(k.session.ID, now, from.address.String())
	if !k.session.stale && now.Sub(k.session.rotated) >= c.cfg.Session.Rotate {
		fresh, err := c.rotate(ctx, k.session, hash)
		if err != nil {
			c.log.Warn("a session could not be rotated", "session", k.session.ID, "error", err)
		} else if fresh != "" {
			http.SetCookie(w, sessionCookie(from, fresh, k.session.Expires))
		}
	}
	return k.principal, nil
}

// activePrincipal returns the principal of a user, or nil when the user is
// blocked or gone.
func (c *Component) activePrincipal(ctx context.Context, user string) (*auth.Principal, error) {
	a, err := accountByID(ctx, c.deps.DB, user)
	if core.CodeOf(err) == core.CodeNotFound || err == nil && !a.Active {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return c.principalOf(ctx, c.deps.DB, a.User)
}
