package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
)

// DefaultMaxBody bounds a request's body unless its route says otherwise.
const DefaultMaxBody = 1 << 20

// Route describes one typed endpoint.
type Route struct {
	ID         string // operation id: list-alerts
	Method     string
	Path       string // under /api/v1: /alerts/{id}; a last {name...} takes what has slashes, too
	Summary    string
	Details    string // more than the summary, in Markdown
	Tag        string // discipline or service
	Permission auth.Permission
	Status     int   // of success; 200, or 204 without a body
	MaxBody    int64 // bytes; 0: DefaultMaxBody
	OwnBody    bool  // the handler reads the Body, a json.RawMessage: entry by entry, refusing what is wrong in each
}

// Endpoint is a route or mount as others may ask about it.
type Endpoint struct {
	Method     string
	Path       string
	Permission auth.Permission
	Typed      bool
}

// API collects routes and serves them.
type API struct {
	mux        *http.ServeMux
	version    string
	log        *slog.Logger
	endpoints  []Endpoint
	routes     map[string]Route // by the mux's pattern
	operations []operation
	document   func() huma.API // describes all operations
}

// adoptProblems makes huma's own refusals our problems. huma keeps the makers
// in two variables of the process, so they are set once: another API may be
// serving already.
var adoptProblems = sync.OnceFunc(func() {
	huma.NewError = fromHuma
	huma.NewErrorWithContext = func(_ huma.Context, status int, message string, errs ...error) huma.StatusError {
		return fromHuma(status, message, errs...)
	}
})

// New returns an API without routes.
func New(version string, log *slog.Logger) *API {
	adoptProblems()
	api := &API{mux: http.NewServeMux(), version: version, log: log, routes: map[string]Route{},
		endpoints: []Endpoint{{"GET", "/api/v1/openapi.json", auth.Public, false}}}
	api.serveDocument()
	return api
}

// Handle registers a typed route. I holds the path, query and header
// parameters and the Body; O the Body and headers of the answer, or nothing.
func Handle[I, O any](api *API, r Route, handle func(ctx context.Context, in *I) (*O, error)) {
	api.check(r.Method, r.Path, r.Permission)
	pattern := r.Method + " /api/v1" + r.Path
	path := strings.ReplaceAll("/api/v1"+r.Path, "...}", "}") // OpenAPI has no words for a whole rest
	api.endpoints = append(api.endpoints, Endpoint{r.Method, path, r.Permission, true})
	if r.MaxBody == 0 {
		r.MaxBody = DefaultMaxBody
	}
	api.routes[pattern] = r
	api.add(pattern, func(to huma.API, names *schemaNames) {
		op := huma.Operation{
			OperationID: r.ID, Method: r.Method, Path: path, Summary: r.Summary, Description: describe(r), Tags: []string{r.Tag},
			DefaultStatus: r.Status, MaxBodyBytes: r.MaxBody, SkipValidateBody: r.OwnBody,
			Middlewares: huma.Middlewares{api.authorize(r.Permission), api.readable},
			Extensions:  map[string]any{"x-permission": string(r.Permission)},
		}
		if r.Permission != auth.Public {
			op.Security = []map[string][]string{{"token": {}}, {"session": {}}}
		}
		names.begin(r.ID, reflect.TypeFor[I](), reflect.TypeFor[O]())
		huma.Register(to, op, func(ctx context.Context, in *I) (*O, error) {
			out, err := handle(ctx, in)
			if err != nil {
				return nil, ProblemOf(api.log, err, "route", r.ID)
			}
			return out, nil
		})
	})
}

func describe(r Route) string {
	needs := "Needs the permission `" + string(r.Permission) + "`."
	switch r.Permission {
	case auth.Public:
		needs = "Needs no sign-in."
	case auth.SignedIn:
		needs = "Needs a signed-in caller."
	}
	if r.Details == "" {
		return needs
	}
	return r.Details + "\n\n" + needs
}

// Mount serves a protocol endpoint, such as a stream or another system's API,
// at a pattern of net/http's ServeMux.
func (api *API) Mount(pattern string, permission auth.Permission, h http.Handler) {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok {
		method, path = "", pattern
	}
	api.check(method, path, permission)
	api.endpoints = append(api.endpoints, Endpoint{method, path, permission, false})
	api.mux.Handle(pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := Authorize(r.Context(), permission); err != nil {
			WriteProblem(w, api.log, err)
			return
		}
		h.ServeHTTP(w, r)
	}))
}

func (api *API) check(method, path string, permission auth.Permission) {
	if permission == "" {
		panic(fmt.Sprintf("httpapi: %s %s names no permission", method, path))
	}
}

// Authorize says whether the caller has the permission, as a coded error.
func Authorize(ctx context.Context, permission auth.Permission) error {
	p := auth.From(ctx)
	switch {
	case p.Can(permission):
		return nil
	case p == nil:
		return core.Errorf(core.CodeUnauthenticated, "sign in, or send a token")
	}
	return core.Errorf(core.CodeForbidden, "this needs the permission %s", permission)
}

func (api *API) authorize(permission auth.Permission) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if err := Authorize(ctx.Context(), permission); err != nil {
			_, w := humago.Unwrap(ctx)
			WriteProblem(w, api.log, err)
			return
		}
		next(ctx)
	}
}

// Endpoints lists every route and mount.
func (api *API) Endpoints() []Endpoint { return slices.Clone(api.endpoints) }

// Spec returns the OpenAPI document as indented JSON.
func (api *API) Spec() ([]byte, error) { return api.document().OpenAPI().MarshalJSON() }

// Handler serves everything registered.
func (api *API) Handler() http.Handler { return api.mux }
