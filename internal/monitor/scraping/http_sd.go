package scraping

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"regexp"
	"strconv"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

// Item is what is told of an item to who scrapes it.
type Item struct {
	ID         string
	Name       string
	Class      string
	Team       string
	Identities map[string]string // the first value of each kind
	Attributes map[string]string
}

// Items is the graph as a source of targets.
type Items interface {
	// Selected returns the items that a selector matches, by id; an unreadable
	// selector is an error of core.CodeInvalid.
	Selected(ctx context.Context, selector string) ([]Item, error)
}

// group is a target group of Prometheus' HTTP service discovery
// (prometheus.io, "HTTP SD format").
type group struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// metaPrefix begins the labels that relabelling can use and that are dropped after it.
const metaPrefix = "__meta_mainstay_"

var notInName = regexp.MustCompile(`[^a-zA-Z0-9_]`)

// serveSD answers GET /api/v1/http_sd?selector=class=host&port=9100&address=ip.
// Prometheus wants the list itself as the body, so it is no route of the API's
// own form.
func (c *Component) serveSD(w http.ResponseWriter, r *http.Request) {
	groups, err := c.offered(r.Context(), r.URL.Query().Get("selector"), r.URL.Query().Get("port"), r.URL.Query().Get("address"))
	if err != nil {
		httpapi.WriteProblem(w, c.deps.Log, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(groups)
}

// offered are the items that the caller may see as targets. An item without an
// address is left out: nothing could be scraped.
func (c *Component) offered(ctx context.Context, selector, port, address string) ([]group, error) {
	if selector == "" {
		return nil, core.Invalid("selector", `must be given, such as class=host`)
	}
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
		return nil, core.Invalid("port", "must be between 1 and 65535")
	}
	items, err := c.deps.Items.Selected(ctx, selector)
	if err != nil {
		return nil, err
	}
	scope := auth.From(ctx).Scope("items:read")
	groups := []group{}
	for _, i := range items {
		host := i.reached(address)
		if host == "" || !scope.Allows(i.Team) {
			continue
		}
		if port != "" {
			host = net.JoinHostPort(host, port)
		}
		groups = append(groups, group{Targets: []string{host}, Labels: i.meta()})
	}
	return groups, nil
}

// reached is the address of an item: the named attribute or identity, or where
// it is reached as far as the graph knows.
func (i Item) reached(by string) string {
	if by != "" {
		if v := i.Attributes[by]; v != "" {
			return v
		}
		return i.Identities[by]
	}
	for _, kind := range []string{"fqdn", "ip", "hostname"} {
		if v := i.Identities[kind]; v != "" {
			return v
		}
	}
	return ""
}

func (i Item) meta() map[string]string {
	out := map[string]string{metaPrefix + "id": i.ID, metaPrefix + "name": i.Name, metaPrefix + "class": i.Class}
	if i.Team != "" {
		out[metaPrefix+"team"] = i.Team
	}
	add := func(prefix string, values map[string]string) {
		for name, v := range values {
			if v != "" {
				out[metaPrefix+prefix+notInName.ReplaceAllString(name, "_")] = v
			}
		}
	}
	add("identity_", i.Identities)
	add("attribute_", i.Attributes)
	return out
}
