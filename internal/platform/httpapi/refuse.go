package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"mainstay/internal/core"
)

// Otherwise answers addresses under /api/ that no route has: 405 with the
// methods that the address does have, else 404.
func (api *API) Otherwise() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			other := &http.Request{Method: method, Host: r.Host, URL: r.URL}
			if _, pattern := api.mux.Handler(other); strings.HasPrefix(pattern, method+" ") {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 || slices.Contains(allowed, r.Method) {
			WriteProblem(w, api.log, core.Errorf(core.CodeNotFound, "there is nothing at %s", r.URL.Path))
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		p := problem(core.CodeMalformed, "this address takes "+strings.Join(allowed, ", "), nil)
		p.Status = http.StatusMethodNotAllowed
		WriteProblem(w, api.log, p)
	})
}

var errNUL = errors.New("must not hold the character U+0000")

// formats are huma's, but a body's text must be storable: PostgreSQL keeps no
// U+0000, and both engines keep the same. A body that its handler reads looks
// at its texts itself (Route.OwnBody).
func formats() map[string]huma.Format {
	strict := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: func(data []byte, v any) error {
		if own, ok := v.(*json.RawMessage); ok {
			*own = bytes.Clone(data)
			return nil
		}
		if HoldsNUL(data) {
			return errNUL
		}
		return json.Unmarshal(data, v)
	}}
	return map[string]huma.Format{"application/json": strict, "json": strict}
}

// HoldsNUL looks in a JSON text for the escape of U+0000, which no store keeps;
// as itself JSON allows it nowhere (RFC 8259, 7).
func HoldsNUL(data []byte) bool {
	escape := []byte(`\u0000`)
	for from := 0; ; {
		at := bytes.Index(data[from:], escape)
		if at < 0 {
			return false
		}
		at += from
		backslashes := 0
		for at-1-backslashes >= 0 && data[at-1-backslashes] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 {
			return true
		}
		from = at + len(escape)
	}
}

// readable refuses path and query parameters that are no text.
func (api *API) readable(ctx huma.Context, next func(huma.Context)) {
	where := ctx.URL()
	if err := readableURL(&where); err != nil {
		_, w := humago.Unwrap(ctx)
		WriteProblem(w, api.log, err)
		return
	}
	next(ctx)
}

func readableURL(u *url.URL) error {
	isText := func(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }
	if !isText(u.Path) {
		return core.Errorf(core.CodeMalformed, "the path must be UTF-8 without U+0000")
	}
	if u.RawQuery == "" {
		return nil
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return core.Errorf(core.CodeMalformed, "the query cannot be read")
	}
	for name, values := range query {
		for _, value := range values {
			if !isText(name) || !isText(value) {
				return core.Invalid(strings.ToValidUTF8(name, "?"), "must be UTF-8 without U+0000")
			}
		}
	}
	return nil
}
