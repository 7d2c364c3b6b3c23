package identity

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"mainstay/internal/core"
)

// callbackPath is where the provider sends the browser back to.
const callbackPath = "/api/v1/oidc/callback"

// flowFor is how long a person may take at the provider.
const flowFor = 10 * time.Minute

// provider speaks to the OpenID provider. It is discovered at the first
// sign-in, so that a provider that is down does not keep Mainstay down.
type provider struct {
	cfg    OIDC
	public string
	client *http.Client

	mu         sync.Mutex
	discovered *oidc.Provider
}

func newProvider(cfg Configuration) *provider {
	return &provider{cfg: cfg.OIDC, public: strings.TrimSuffix(cfg.PublicURL, "/"), client: &http.Client{Timeout: cfg.OIDC.Timeout}}
}

func (p *provider) enabled() bool { return p.cfg.Issuer != "" }

func (p *provider) discover() (*oidc.Provider, error) {
	if !p.enabled() {
		return nil, core.Errorf(core.CodeNotFound, "no OpenID provider is configured")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.discovered != nil {
		return p.discovered, nil
	}
	// The context lives on in the provider, which fetches its keys anew with it.
	found, err := oidc.NewProvider(oidc.ClientContext(context.Background(), p.client), p.cfg.Issuer)
	if err != nil {
		return nil, &core.Error{Code: core.CodeUnavailable, Message: "the OpenID provider does not answer as it should", Cause: err}
	}
	p.discovered = found
	return found, nil
}

func (p *provider) oauth(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: p.cfg.ClientID, ClientSecret: p.cfg.ClientSecret, Endpoint: found.Endpoint(),
		RedirectURL: p.public + callbackPath, Scopes: append([]string{oidc.ScopeOpenID}, p.cfg.Scopes...)}
}

// flow is one sign-in under way. It is kept in a cookie of the browser that
// began it, so another browser cannot end it and nothing is stored for callers
// who are nobody yet.
type flow struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"` // PKCE (RFC 7636)
	Return   string `json:"r"`
}

func (f flow) encode() (string, error) {
	raw, err := json.Marshal(f)
	return base64.RawURLEncoding.EncodeToString(raw), err
}

func decodeFlow(text string) (f flow, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, &f)
	}
	return f, err
}

// begin returns the address of the provider to go to, and what to remember.
func (p *provider) begin(returnTo string) (to string, f flow, err error) {
	found, err := p.discover()
	if err != nil {
		return "", flow{}, err
	}
	f = flow{State: newSecret(), Nonce: newSecret(), Verifier: oauth2.GenerateVerifier(), Return: localPath(returnTo)}
	return p.oauth(found).AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), f, nil
}

// localPath keeps a redirect on this site.
func localPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}

// claims are what the provider says of a person.
type claims struct {
	Subject  string
	Username string
	Name     string
	Email    string
	Verified bool
	Groups   []string
}

// finish trades the code for the claims, checking state, PKCE, the signature,
// issuer, audience and expiry of the ID token, and the nonce.
func (p *provider) finish(ctx context.Context, f flow, state, code string) (claims, error) {
	found, err := p.discover()
	if err != nil {
		return claims{}, err
	}
	if f.State == "" || f.State != state {
		return claims{}, core.Errorf(core.CodeForbidden, "this sign-in was not begun in this browser, or it took too long; begin again")
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), p.cfg.Timeout)
	defer cancel()
	token, err := p.oauth(found).Exchange(ctx, code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return claims{}, refusedBy("the OpenID provider refused the code", err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return claims{}, refusedBy("the OpenID provider sent no ID token", nil)
	}
	id, err := found.Verifier(&oidc.Config{ClientID: p.cfg.ClientID}).Verify(ctx, raw)
	if err != nil {
		return claims{}, refusedBy("the ID token is not good", err)
	}
	if id.Nonce != f.Nonce {
		return claims{}, refusedBy("the ID token belongs to another sign-in", nil)
	}
	said := map[string]any{}
	if err := id.Claims(&said); err != nil {
		return claims{}, refusedBy("the ID token cannot be read", err)
	}
	if err := p.ask(ctx, found, token, id.Subject, said); err != nil {
		return claims{}, err
	}
	return p.read(id.Subject, said), nil
}

// ask adds what only the userinfo endpoint says.
func (p *provider) ask(ctx context.Context, found *oidc.Provider, token *oauth2.Token, subject string, said map[string]any) error {
	if found.UserInfoEndpoint() == "" || said[p.cfg.GroupsClaim] != nil && said[p.cfg.UsernameClaim] != nil {
		return nil
	}
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return refusedBy("the OpenID provider does not say who this is", err)
	}
	if info.Subject != subject {
		// OpenID Connect Core 1.0, 5.3.2
		return refusedBy("the OpenID provider speaks of another person", nil)
	}
	more := map[string]any{}
	if err := info.Claims(&more); err != nil {
		return refusedBy("the user information cannot be read", err)
	}
	for name, value := range more {
		if said[name] == nil {
			said[name] = value
		}
	}
	return nil
}

func (p *provider) read(subject string, said map[string]any) claims {
	text := func(name string) string { s, _ := said[name].(string); return s }
	c := claims{Subject: subject, Username: normalUsername(text(p.cfg.UsernameClaim)), Name: text("name"), Email: text("email")}
	c.Verified, _ = said["email_verified"].(bool)
	switch groups := said[p.cfg.GroupsClaim].(type) {
	case []any:
		for _, g := range groups {
			if s, ok := g.(string); ok {
				c.Groups = append(c.Groups, s)
			}
		}
	case string:
		c.Groups = []string{groups}
	}
	if c.Username == "" {
		c.Username = normalUsername(c.Email)
	}
	if c.Name == "" {
		c.Name = c.Username
	}
	return c
}

func refusedBy(message string, cause error) error {
	if cause == nil {
		cause = errors.New(message)
	}
	return &core.Error{Code: core.CodeUnauthenticated, Message: message, Cause: cause}
}
