package identity_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/identity"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/secrets"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

const password = "correct horse battery"

// bundle is a server with everything of this package and nothing else.
type bundle struct {
	*identity.Component
	t      *testing.T
	db     *sqldb.DB
	clock  *coretest.Clock
	ledger *ledger.Ledger
	server *httptest.Server
}

// cheap hashes quickly, so that tests do.
func cheap() identity.Configuration {
	cfg := identity.Defaults()
	cfg.Hashing = identity.Hashing{Parallel: 4, MemoryKiB: 64, Passes: 1}
	return cfg
}

func setup(t *testing.T, db *sqldb.DB, adjust ...func(*identity.Configuration)) *bundle {
	t.Helper()
	ctx := context.Background()
	for name, files := range map[string]fs.FS{"ledger": ledger.Migrations(), "secrets": secrets.Migrations(), "identity": identity.Migrations()} {
		if err := sqldb.Migrate(ctx, db, name, files); err != nil {
			t.Fatal(err)
		}
	}
	b := &bundle{t: t, db: db, clock: coretest.NewClock(time.Unix(1_800_000_000, 0))}
	ids := core.NewIDs(b.clock, nil)
	b.ledger = ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: b.clock, IDs: ids})
	box := secrets.Defaults()
	box.KeyFile = filepath.Join(t.TempDir(), "secret.key")
	sealed, err := secrets.New(box, secrets.Dependencies{DB: db, Ledger: b.ledger, Clock: b.clock})
	if err != nil {
		t.Fatal(err)
	}
	handler := http.NewServeMux()
	b.server = httptest.NewServer(handler)
	t.Cleanup(b.server.Close)
	cfg := cheap()
	cfg.PublicURL, cfg.AdminPassword = b.server.URL, password
	for _, fn := range adjust {
		fn(&cfg)
	}
	b.Component, err = identity.New(cfg, identity.Dependencies{DB: db, Ledger: b.ledger, Sealed: sealed, Clock: b.clock, IDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Stop(ctx) })
	api := httpapi.New("test", slog.New(slog.DiscardHandler))
	b.Routes(api)
	api.Mount("GET /api/v1/echo", "alerts:read", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(auth.From(r.Context()).Name))
	}))
	api.Mount("GET /api/v1/wait", "alerts:read", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	handler.Handle("/", b.Middleware(api.Handler()))
	return b
}

// client is a browser, or a program with a token.
type client struct {
	b     *bundle
	http  *http.Client
	token string
}

func (b *bundle) client() *client {
	jar, _ := cookiejar.New(nil)
	return &client{b: b, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (b *bundle) admin() *client {
	c := b.client()
	c.want(http.StatusCreated, "POST", "/session", map[string]any{"username": "admin", "password": password}, nil)
	return c
}

func (c *client) do(method, path string, body any, headers ...string) (*http.Response, []byte) {
	c.b.t.Helper()
	var raw []byte
	if body != nil {
		raw, _ = json.Marshal(body)
	}
	r, err := http.NewRequest(method, c.b.server.URL+"/api/v1"+path, bytes.NewReader(raw))
	if err != nil {
		c.b.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := c.http.Do(r)
	if err != nil {
		c.b.t.Fatal(err)
	}
	defer response.Body.Close()
	var out bytes.Buffer
	out.ReadFrom(response.Body)
	return response, out.Bytes()
}

func (c *client) want(status int, method, path string, body, out any, headers ...string) {
	c.b.t.Helper()
	response, raw := c.do(method, path, body, headers...)
	if response.StatusCode != status {
		c.b.t.Fatalf("%s %s: %d, not %d: %s", method, path, response.StatusCode, status, raw)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			c.b.t.Fatalf("%s %s: %v: %s", method, path, err, raw)
		}
	}
}

// user makes a user with a password and returns them signed in.
func (b *bundle) user(username string, grants ...identity.Grant) (identity.User, *client) {
	b.t.Helper()
	u, err := b.CreateUser(auth.With(context.Background(), auth.System("test")), identity.NewUser{Username: username, Password: password, Grants: grants})
	if err != nil {
		b.t.Fatal(err)
	}
	c := b.client()
	c.want(http.StatusCreated, "POST", "/session", map[string]any{"username": username, "password": password}, nil)
	return u, c
}

func (b *bundle) entries(types ...string) []ledger.Entry {
	b.t.Helper()
	found, err := b.ledger.List(context.Background(), ledger.Query{Types: types})
	if err != nil {
		b.t.Fatal(err)
	}
	return found
}
