package httpapi_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// counter is an API whose create counts its effects.
type counter struct {
	t       *testing.T
	db      *sqldb.DB
	clock   *coretest.Clock
	api     *httpapi.API
	effects atomic.Int64
	inside  chan struct{} // told when a create named "slow" began
	release chan struct{} // lets it end
}

func newCounter(t *testing.T, db *sqldb.DB) *counter {
	t.Helper()
	if err := sqldb.Migrate(t.Context(), db, "httpapi", httpapi.Migrations()); err != nil {
		t.Fatal(err)
	}
	c := &counter{t: t, db: db, clock: coretest.NewClock(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)),
		api: httpapi.New("test", slog.New(slog.DiscardHandler)), inside: make(chan struct{}, 10), release: make(chan struct{})}
	type in struct{ Body thing }
	type out struct {
		ETag string `header:"ETag"`
		Body struct {
			Number int64  `json:"number"`
			Text   string `json:"text"`
		}
	}
	httpapi.Handle(c.api, httpapi.Route{ID: "create-counted", Method: "POST", Path: "/counted", Summary: "Create", Tag: "Things", Permission: "things:write", Status: 201, MaxBody: 2000},
		func(ctx context.Context, i *in) (*out, error) {
			o := &out{ETag: `"1"`}
			o.Body.Number = c.effects.Add(1)
			switch i.Body.Name {
			case "slow":
				c.inside <- struct{}{}
				<-c.release
				if ctx.Err() != nil {
					return nil, ctx.Err()
				}
			case "taken":
				return nil, core.Errorf(core.CodeConflict, "taken already")
			case "busy":
				return nil, core.Errorf(core.CodeTooMany, "later")
			case "away":
				return nil, core.Errorf(core.CodeUnavailable, "not now")
			case "panic":
				panic(http.ErrAbortHandler)
			case "large":
				o.Body.Text = strings.Repeat("x", 2<<20)
			}
			return o, nil
		})
	httpapi.Handle(c.api, httpapi.Route{ID: "greet", Method: "POST", Path: "/greet", Summary: "Greet", Tag: "Things", Permission: auth.Public},
		func(context.Context, *struct{}) (*out, error) { return &out{}, nil })
	return c
}

// node is a process that serves the API.
func (c *counter) node(name string) *httpapi.Idempotency {
	return httpapi.NewIdempotency(httpapi.IdempotencyDependencies{DB: c.db, Clock: c.clock, IDs: core.NewIDs(core.SystemClock{}, nil),
		Log: slog.New(slog.DiscardHandler), Node: name})
}

func (c *counter) post(ctx context.Context, node *httpapi.Idempotency, who *auth.Principal, key, name string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(auth.With(ctx, who), "POST", "/api/v1/counted", strings.NewReader(`{"name":"`+name+`","size":1}`))
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	w := httptest.NewRecorder()
	defer func() { recover() }()
	node.Handler(c.api).ServeHTTP(w, r)
	return w
}

// expect posts and checks status, effects so far and whether it was a replay.
func (c *counter) expect(node *httpapi.Idempotency, who *auth.Principal, key, name string, status int, effects int64, replayed bool) string {
	c.t.Helper()
	w := c.post(c.t.Context(), node, who, key, name)
	if w.Code != status || c.effects.Load() != effects || (w.Header().Get("Idempotency-Replayed") == "true") != replayed {
		c.t.Errorf("%s with key %q: %d after %d effects, replayed %q; want %d, %d, %t: %.200s", name, key,
			w.Code, c.effects.Load(), w.Header().Get("Idempotency-Replayed"), status, effects, replayed, w.Body)
	}
	return w.Header().Get("ETag") + w.Header().Get("Content-Type") + w.Body.String()
}

func TestAKeyHasItsEffectOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounter(t, db)
		node, ann, bob := c.node("a"), auth.System("ann"), auth.System("bob")
		first := c.expect(node, ann, "k1", "one", 201, 1, false)
		for _, n := range []*httpapi.Idempotency{node, c.node("a"), c.node("b")} {
			if again := c.expect(n, ann, "k1", "one", 201, 1, true); again != first {
				t.Errorf("first %s, then %s", first, again)
			}
		}
		c.expect(node, ann, "k1", "two", 422, 1, false)
		c.expect(node, bob, "k1", "one", 201, 2, false)
		c.expect(node, ann, "", "one", 201, 3, false)
		c.expect(node, ann, "k2", "taken", 409, 4, false)
		c.expect(node, ann, "k2", "taken", 409, 4, true)
		c.expect(node, ann, "k3", "busy", 429, 5, false)
		c.expect(node, ann, "k3", "busy", 429, 6, false)
		c.expect(node, ann, "k4", "large", 201, 7, false)
		c.expect(node, ann, "k4", "large", 409, 7, false)
		c.expect(node, ann, "k5", "away", 503, 8, false)
		c.expect(node, ann, "k5", "away", 409, 8, false)
		c.expect(node, ann, "k6", strings.Repeat("x", 3000), 413, 8, false)
		c.expect(node, ann, "k6", "fits", 201, 9, false)
		nobody := auth.NewPrincipal(auth.KindSystem, "ann", "ann", auth.BuiltinRoles())
		c.expect(node, nobody, "k1", "one", 403, 9, false)
		c.clock.Advance(25 * time.Hour)
		c.expect(node, ann, "k1", "two", 201, 10, false)
	})
}

func TestAKeyIsRefusedWhereItCannotBeKept(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounter(t, db)
		node := c.node("a")
		for _, key := range []string{" ", "two words", strings.Repeat("k", 201), "ümlaut"} {
			if text := c.expect(node, auth.System("ann"), key, "one", 422, 0, false); !strings.Contains(text, `"Idempotency-Key"`) {
				t.Error(text)
			}
		}
		r := httptest.NewRequest("POST", "/api/v1/greet", nil)
		r.Header.Set("Idempotency-Key", "k")
		w := httptest.NewRecorder()
		node.Handler(c.api).ServeHTTP(w, r)
		if w.Code != 422 {
			t.Errorf("a public route: %d %s", w.Code, w.Body)
		}
	})
}

func TestAKeyUnderWayAndAfterACrash(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounter(t, db)
		node, ann := c.node("a"), auth.System("ann")
		caller, hangUp := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			if w := c.post(caller, node, ann, "k", "slow"); w.Code != 201 {
				t.Errorf("the first: %d %s", w.Code, w.Body)
			}
		})
		<-c.inside
		c.expect(node, ann, "k", "slow", 409, 1, false)
		if text := c.expect(c.node("b"), ann, "k", "slow", 409, 1, false); !strings.Contains(text, "under way") {
			t.Errorf("another node: %s", text)
		}
		if text := c.expect(c.node("a"), ann, "k", "slow", 409, 1, false); !strings.Contains(text, "the outcome of the first request is not known") {
			t.Errorf("the node after a restart: %s", text)
		}
		hangUp() // the work goes on, and its outcome can be asked for
		close(c.release)
		all.Wait()
		c.expect(node, ann, "k", "slow", 201, 1, true)

		c.post(t.Context(), node, ann, "broken", "panic")
		if text := c.expect(node, ann, "broken", "panic", 409, 2, false); !strings.Contains(text, "not known") {
			t.Errorf("after a panic: %s", text)
		}
	})
}

func TestConcurrentDuplicatesHaveOneEffect(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounter(t, db)
		nodes := []*httpapi.Idempotency{c.node("a"), c.node("b")}
		const keys, duplicates = 10, 8
		var all sync.WaitGroup
		for k := range keys {
			for d := range duplicates {
				all.Go(func() {
					for {
						w := c.post(t.Context(), nodes[d%2], auth.System("ann"), fmt.Sprint("key", k), "one")
						if w.Code == 201 {
							return
						}
						if w.Code != 409 {
							t.Errorf("%d %s", w.Code, w.Body)
							return
						}
						time.Sleep(10 * time.Millisecond) // without a pause, those that wait take the store from the one they wait for
					}
				})
			}
		}
		all.Wait()
		if n := c.effects.Load(); n != keys {
			t.Errorf("%d effects of %d keys", n, keys)
		}
	})
}

func TestSweepForgetsWhatIsOld(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounter(t, db)
		node := c.node("a")
		for i := range 5 {
			c.expect(node, auth.System("ann"), fmt.Sprint("old", i), "one", 201, int64(i+1), false)
		}
		c.clock.Advance(23 * time.Hour)
		c.expect(node, auth.System("ann"), "new", "one", 201, 6, false)
		c.clock.Advance(2 * time.Hour)
		if n, err := node.Sweep(t.Context()); n != 5 || err != nil {
			t.Errorf("%d swept, %v", n, err)
		}
		c.expect(node, auth.System("ann"), "new", "one", 201, 6, true)
	})
}

func TestAKeyOverTheWire(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		c := newCounter(t, db)
		handler := c.node("a").Handler(c.api)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			handler.ServeHTTP(w, r.WithContext(auth.With(r.Context(), auth.System("ann"))))
		}))
		defer server.Close()
		for i, name := range []string{"one", "one", "large"} {
			r, _ := http.NewRequest("POST", server.URL+"/api/v1/counted", strings.NewReader(`{"name":"`+name+`","size":1}`))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", name)
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil || response.StatusCode != 201 || (response.Header.Get("Idempotency-Replayed") != "") != (i == 1) || name == "large" && len(text) < 2<<20 {
				t.Errorf("%s: %d %v, %d bytes, %v", name, response.StatusCode, response.Header, len(text), err)
			}
		}
	})
}
