package identity_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	clientID     = "mainstay"
	clientSecret = "secret of the client"
)

// openID is a real OpenID provider with one client, whose login page signs in
// at once whoever the test has named.
type openID struct {
	op.Storage // what a sign-in does not use panics
	server     *httptest.Server
	key        *rsa.PrivateKey
	redirect   string

	mu       sync.Mutex
	person   person
	requests map[string]*loginRequest
	tamper   func(*loginRequest)
}

type person struct {
	subject, username, name, email string
	groups                         []string
}

type loginRequest struct {
	*oidc.AuthRequest
	id   string
	code string
	who  person
}

func startOpenID(t *testing.T) *openID {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &openID{key: key, requests: map[string]*loginRequest{}}
	mux := http.NewServeMux()
	p.server = httptest.NewServer(mux)
	t.Cleanup(p.server.Close)
	provider, err := op.NewProvider(&op.Config{CryptoKey: [32]byte{1}, CodeMethodS256: true}, p, op.StaticIssuer(p.server.URL), op.WithAllowInsecure())
	if err != nil {
		t.Fatal(err)
	}
	callback := op.AuthCallbackURL(provider)
	mux.Handle("/login", op.NewIssuerInterceptor(provider.IssuerFromRequest).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.URL.Query().Get("id")
		p.mu.Lock()
		p.requests[id].who = p.person
		p.mu.Unlock()
		http.Redirect(w, r, callback(r.Context(), id), http.StatusFound)
	})))
	mux.Handle("/", provider)
	return p
}

func (p *openID) CreateAuthRequest(_ context.Context, r *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	request := &loginRequest{AuthRequest: r, id: rand.Text()}
	if p.tamper != nil {
		p.tamper(request)
	}
	p.requests[request.id] = request
	return request, nil
}

func (p *openID) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	return p.find(func(r *loginRequest) bool { return r.id == id })
}

func (p *openID) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	return p.find(func(r *loginRequest) bool { return r.code == code })
}

func (p *openID) find(match func(*loginRequest) bool) (op.AuthRequest, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.requests {
		if match(r) {
			return r, nil
		}
	}
	return nil, errors.New("no such request")
}

func (p *openID) SaveAuthCode(_ context.Context, id, code string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests[id].code = code
	return nil
}

func (p *openID) DeleteAuthRequest(_ context.Context, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests[id].code = ""
	return nil
}

func (p *openID) CreateAccessToken(context.Context, op.TokenRequest) (string, time.Time, error) {
	return rand.Text(), time.Now().Add(time.Minute), nil
}

func (p *openID) GetClientByClientID(context.Context, string) (op.Client, error) { return p, nil }

func (p *openID) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != clientID || secret != clientSecret {
		return errors.New("wrong client secret")
	}
	return nil
}

func (p *openID) SetUserinfoFromScopes(_ context.Context, info *oidc.UserInfo, subject, _ string, _ []string) error {
	info.Subject = subject
	return nil
}

func (p *openID) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, _, subject, _ string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	info.Subject, info.PreferredUsername, info.Name = subject, p.person.username, p.person.name
	info.Email, info.EmailVerified = p.person.email, true
	info.AppendClaims("groups", p.person.groups)
	return nil
}

func (p *openID) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

func (p *openID) SigningKey(context.Context) (op.SigningKey, error) { return signingKey{p.key}, nil }
func (p *openID) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}
func (p *openID) KeySet(context.Context) ([]op.Key, error) { return []op.Key{publicKey{p.key}}, nil }
func (p *openID) Health(context.Context) error             { return nil }

type signingKey struct{ key *rsa.PrivateKey }

func (signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k signingKey) Key() any                                  { return k.key }
func (signingKey) ID() string                                  { return "test" }

type publicKey struct{ key *rsa.PrivateKey }

func (publicKey) ID() string                         { return "test" }
func (publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                         { return &k.key.PublicKey }

// The one client of the provider.

func (p *openID) GetID() string                    { return clientID }
func (p *openID) RedirectURIs() []string           { return []string{p.redirect} }
func (p *openID) PostLogoutRedirectURIs() []string { return nil }
func (p *openID) ApplicationType() op.ApplicationType {
	return op.ApplicationTypeWeb
}
func (p *openID) AuthMethod() oidc.AuthMethod { return oidc.AuthMethodBasic }
func (p *openID) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (p *openID) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeCode}
}
func (p *openID) LoginURL(id string) string                                           { return p.server.URL + "/login?id=" + id }
func (p *openID) AccessTokenType() op.AccessTokenType                                 { return op.AccessTokenTypeBearer }
func (p *openID) IDTokenLifetime() time.Duration                                      { return time.Minute }
func (p *openID) DevMode() bool                                                       { return true }
func (p *openID) RestrictAdditionalIdTokenScopes() func([]string) []string            { return same }
func (p *openID) RestrictAdditionalAccessTokenScopes() func(scopes []string) []string { return same }
func (p *openID) IsScopeAllowed(string) bool                                          { return true }
func (p *openID) IDTokenUserinfoClaimsAssertion() bool                                { return false }
func (p *openID) ClockSkew() time.Duration                                            { return 0 }

func same(scopes []string) []string { return scopes }

// The request, as the provider sees it.

func (r *loginRequest) GetID() string          { return r.id }
func (r *loginRequest) GetACR() string         { return "" }
func (r *loginRequest) GetAMR() []string       { return nil }
func (r *loginRequest) GetAudience() []string  { return []string{r.ClientID} }
func (r *loginRequest) GetAuthTime() time.Time { return time.Now() }
func (r *loginRequest) GetClientID() string    { return r.ClientID }
func (r *loginRequest) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.CodeChallenge, Method: r.CodeChallengeMethod}
}
func (r *loginRequest) GetNonce() string                   { return r.Nonce }
func (r *loginRequest) GetRedirectURI() string             { return r.RedirectURI }
func (r *loginRequest) GetResponseType() oidc.ResponseType { return r.ResponseType }
func (r *loginRequest) GetResponseMode() oidc.ResponseMode { return r.ResponseMode }
func (r *loginRequest) GetScopes() []string                { return r.Scopes }
func (r *loginRequest) GetState() string                   { return r.State }
func (r *loginRequest) GetSubject() string                 { return r.who.subject }
func (r *loginRequest) Done() bool                         { return r.who.subject != "" }
