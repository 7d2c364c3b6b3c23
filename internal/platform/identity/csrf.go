package identity

import (
	"net/http"
	"strings"

	"mainstay/internal/core"
)

// origins refuses what another site makes a browser send. A browser attaches
// the session cookie by itself, so whatever changes something and does not
// carry a bearer token must come from the console's own origin: the browser
// says so in Sec-Fetch-Site, an older one in Origin, which is compared with
// Host and with the public address. A request with neither header is not from
// a browser. No token is needed in forms or headers; SameSite=Lax on the
// cookie is the second line.
type origins struct{ protection *http.CrossOriginProtection }

func newOrigins(publicURL string) (*origins, error) {
	protection := http.NewCrossOriginProtection()
	if publicURL != "" {
		if err := protection.AddTrustedOrigin(strings.TrimSuffix(publicURL, "/")); err != nil {
			return nil, core.Invalid("publicURL", "must be scheme://host[:port]")
		}
	}
	return &origins{protection}, nil
}

// Check returns an error with code forbidden for a request across origins.
func (o *origins) Check(r *http.Request) error {
	checked := r
	if r.Header.Get("Upgrade") != "" {
		// A WebSocket opens with GET, and the protection lets every GET pass.
		checked = r.Clone(r.Context())
		checked.Method = http.MethodPost
	}
	if err := o.protection.Check(checked); err != nil {
		return &core.Error{Code: core.CodeForbidden, Message: "the request comes from another site", Cause: err}
	}
	return nil
}
