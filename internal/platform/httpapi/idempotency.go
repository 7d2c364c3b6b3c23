package httpapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
)

// The headers of a request that is to have its effect once, and of its answer.
const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotency-Replayed"
)

const (
	maxKey        = 200
	maxAnswer     = 1 << 20
	outcomeLife   = 24 * time.Hour
	othersPatient = 10 * time.Minute // how long another node may be at a request
	bodyWithin    = 30 * time.Second
	storeWithin   = 10 * time.Second
)

const idempotencyText = " A POST with the header Idempotency-Key (1 to 200 visible characters, best a random one) has its effect once: " +
	"within 24 hours the same key with the same caller, route and body answers with the first outcome again and the header Idempotency-Replayed: true. " +
	"The same key with another body is refused with 422. While the first request is under way, when its outcome is not known because the server or the store broke off, " +
	"and when its answer was larger than 1 MiB, the answer is 409. Outcomes 401, 403, 408, 413 and 429 are not remembered: nothing happened. " +
	"Routes without sign-in and streams take no key."

// IdempotencyDependencies of Idempotency.
type IdempotencyDependencies struct {
	DB    *sqldb.DB
	Clock core.Clock
	IDs   *core.IDs
	Log   *slog.Logger
	Node  string // of this data directory among those that share the store
}

// Idempotency lets a POST with an Idempotency-Key have its effect once. It
// remembers outcomes for a day. It is safe for concurrent use.
type Idempotency struct {
	deps  IdempotencyDependencies
	node  string
	owner string // this process of the node

	mu       sync.Mutex
	underWay map[string]bool

	stop context.CancelFunc
	done sync.WaitGroup
}

// NewIdempotency returns a component that has not started: Start only begins
// to forget what is old.
func NewIdempotency(deps IdempotencyDependencies) *Idempotency {
	node := deps.Node + "/"
	return &Idempotency{deps: deps, node: node, owner: node + deps.IDs.New(), underWay: map[string]bool{}}
}

// Handler serves api. The principal must be in the request's context.
func (c *Idempotency) Handler(api *API) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys := r.Header.Values(keyHeader)
		if r.Method != http.MethodPost || len(keys) == 0 || !strings.HasPrefix(r.URL.Path, "/api/v1/") {
			api.mux.ServeHTTP(w, r)
			return
		}
		route, err := keyed(api, r, keys)
		if err != nil {
			WriteProblem(w, c.deps.Log, err)
			return
		}
		body, err := readBody(w, r, route.MaxBody)
		if err != nil {
			WriteProblem(w, c.deps.Log, err)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		c.serve(api, w, r, newAttempt(r, keys[0], body))
	})
}

// keyed returns the route of a request that carries keys, or why it may not.
// Who may not use the route may not read its outcomes either.
func keyed(api *API, r *http.Request, keys []string) (Route, error) {
	if len(keys) > 1 || !validKey(keys[0]) {
		return Route{}, core.Invalid(keyHeader, fmt.Sprintf("must be 1 to %d visible characters, once", maxKey))
	}
	_, pattern := api.mux.Handler(r)
	route, typed := api.routes[pattern]
	if !typed || route.Permission == auth.Public {
		return Route{}, core.Invalid(keyHeader, "this route takes none")
	}
	return route, Authorize(r.Context(), route.Permission)
}

func validKey(key string) bool {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return false
		}
	}
	return key != "" && len(key) <= maxKey
}

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	deadline := http.NewResponseController(w)
	// A connection's deadline is a time of the machine. Not every writer has one: a test's recorder has none.
	_ = deadline.SetReadDeadline(core.SystemClock{}.Now().Add(bodyWithin))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	_ = deadline.SetReadDeadline(time.Time{})
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return nil, core.Errorf(core.CodeTooLarge, "the body must not be larger than %d bytes", limit)
	}
	if err != nil {
		return nil, core.Errorf(core.CodeMalformed, "the body broke off")
	}
	return body, nil
}

// serve runs the request, or answers with what an earlier one did.
func (c *Idempotency) serve(api *API, w http.ResponseWriter, r *http.Request, a attempt) {
	if !c.enter(a.id) {
		WriteProblem(w, c.deps.Log, errUnderWay)
		return
	}
	defer c.leave(a.id)
	earlier, err := c.begin(r.Context(), a)
	if err == nil && earlier != nil {
		err = c.replay(w, a, *earlier)
	} else if err == nil {
		c.run(api, w, r, a)
	}
	if err != nil {
		WriteProblem(w, c.deps.Log, err)
	}
}

func (c *Idempotency) enter(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.underWay[id] {
		return false
	}
	c.underWay[id] = true
	return true
}

func (c *Idempotency) leave(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.underWay, id)
}

// run serves the request to its end, also when the caller hangs up meanwhile:
// they will ask again for its outcome. The outcome is stored before it is
// sent. A panic leaves the outcome unknown.
func (c *Idempotency) run(api *API, w http.ResponseWriter, r *http.Request, a attempt) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), othersPatient)
	defer cancel()
	kept := &keeper{w: w, header: http.Header{}}
	api.mux.ServeHTTP(kept, r.WithContext(ctx))
	store, cancelStore := context.WithTimeout(context.WithoutCancel(ctx), storeWithin)
	defer cancelStore()
	if err := c.settle(store, a, kept); err != nil {
		c.deps.Log.Warn("the outcome of a request with an idempotency key could not be stored", "path", r.URL.Path, "error", err)
	}
	kept.finish()
}

// settle writes down how the request went. Unavailable is not an outcome: the
// store may have been lost during a commit.
func (c *Idempotency) settle(ctx context.Context, a attempt, kept *keeper) error {
	switch kept.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests:
		return c.forget(ctx, a)
	case http.StatusServiceUnavailable:
		return c.finish(ctx, a, stateUnknown, nil)
	}
	if kept.passing {
		return c.finish(ctx, a, stateLarge, nil)
	}
	sealed, err := a.seal(kept.answer())
	if err != nil {
		return err
	}
	return c.finish(ctx, a, stateDone, sealed)
}

var (
	errUnderWay  = core.Errorf(core.CodeConflict, "the first request with this Idempotency-Key is under way")
	errUnknown   = core.Errorf(core.CodeConflict, "the outcome of the first request is not known")
	errLarge     = core.Errorf(core.CodeConflict, "the first request succeeded or failed with an answer too large to be kept")
	errOtherBody = core.Invalid(keyHeader, "was used with another body")
)

// replay answers with the outcome of an earlier request.
func (c *Idempotency) replay(w http.ResponseWriter, a attempt, o outcome) error {
	switch {
	case !a.sameBody(o.body):
		return errOtherBody
	case o.state == stateLarge:
		return errLarge
	case o.state == stateUnderWay && !strings.HasPrefix(o.owner, c.node) && c.deps.Clock.Now().Sub(o.started) < othersPatient:
		return errUnderWay
	case o.state != stateDone:
		// A process of this node began it. It is not at it any more, so it broke off.
		return errUnknown
	}
	first, err := a.open(o.answer)
	if err != nil {
		return err
	}
	first.send(w)
	return nil
}
