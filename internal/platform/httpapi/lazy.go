package httpapi

import (
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// operation makes one route known to huma: it works out the schemas of its
// types. For all routes that is a good part of a start, and most starts see
// requests for few of them: each route is made ready by its first request, by
// itself, and the document that describes all by the first who asks for it.
type operation func(to huma.API, names *schemaNames)

// add serves a route's pattern.
func (api *API) add(pattern string, register operation) {
	api.operations = append(api.operations, register)
	ready := sync.OnceValue(func() http.HandlerFunc {
		var only onlyRoute
		config, names := api.config()
		config.OpenAPIPath = ""
		register(humago.New(&only, config), names)
		return only.handle
	})
	api.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { ready()(w, r) })
}

// config is huma's, with a registry of schemas that is still empty.
func (api *API) config() (huma.Config, *schemaNames) {
	config := huma.DefaultConfig("Mainstay", api.version)
	config.CreateHooks = nil
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = documentPath, "", ""
	config.Formats = formats()
	config.RejectUnknownQueryParameters = true
	config.Info.Description = "IT operations management on one graph. Errors are RFC 9457 problems; lists take q, where, sort, limit and cursor." + idempotencyText
	names := &schemaNames{}
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", names.of)
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "An API token"},
		"session": {Type: "apiKey", In: "cookie", Name: "mainstay_session", Description: "The console's session"},
	}
	return config, names
}

// onlyRoute takes the handler of the one route that an API of huma's has.
type onlyRoute struct{ handle http.HandlerFunc }

// HandleFunc is called by huma with a pattern that the mux has by now.
func (o *onlyRoute) HandleFunc(_ string, handler func(http.ResponseWriter, *http.Request)) {
	o.handle = handler
}

func (o *onlyRoute) ServeHTTP(w http.ResponseWriter, r *http.Request) { o.handle(w, r) }

// documentPath is where the document is, with the ending of each of its forms.
const documentPath = "/api/v1/openapi"

// serveDocument mounts the forms of the document. All routes are registered,
// in their order, when the first form is asked for.
func (api *API) serveDocument() {
	config, names := api.config()
	all := humago.New(documentMux{api}, config)
	api.document = sync.OnceValue(func() huma.API {
		for _, register := range api.operations {
			register(all, names)
		}
		return all
	})
}

// documentMux passes what serves the document to the mux, and no routes.
type documentMux struct{ api *API }

func (m documentMux) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	if !strings.HasPrefix(pattern, "GET "+documentPath) {
		return
	}
	m.api.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		m.api.document()
		handler(w, r)
	})
}

func (m documentMux) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.api.mux.ServeHTTP(w, r) }
