package events

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/version"
)

// The Alertmanager API, version 2 (prometheus/alertmanager, api/v2/openapi.yaml):
// what Prometheus posts to and amtool reads.

const (
	amBase    = "/alertmanager/api/v2"
	amMaxBody = 16 << 20
)

func (c *Component) alertmanagerRoutes(api *httpapi.API) {
	mount := func(pattern string, permission auth.Permission, serve func(http.ResponseWriter, *http.Request) (any, error)) {
		method, path, _ := strings.Cut(pattern, " ")
		api.Mount(method+" "+amBase+path, permission, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, amMaxBody)
			answer, err := serve(w, r)
			if err != nil {
				c.amProblem(w, err)
				return
			}
			amHeaders(w)
			if answer != nil {
				json.NewEncoder(w).Encode(answer)
			}
		}))
	}
	mount("POST /alerts", "events:write", c.amPostAlerts)
	mount("GET /alerts", "alerts:read", c.amAlerts)
	mount("GET /alerts/groups", "alerts:read", c.amGroups)
	mount("GET /silences", "alerts:read", c.amSilences)
	mount("POST /silences", "alerts:act", c.amPostSilence)
	mount("GET /silence/{id}", "alerts:read", c.amSilence)
	mount("DELETE /silence/{id}", "alerts:act", c.amDeleteSilence)
	mount("GET /status", "alerts:read", c.amStatus)
	mount("GET /receivers", "alerts:read", c.amReceivers)
	for _, probe := range []string{"healthy", "ready"} {
		api.Mount("GET /alertmanager/-/"+probe, auth.Public, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "OK") }))
	}
	api.Mount("POST /alertmanager/-/reload", "alerts:write", http.HandlerFunc(c.amReload))
}

func amHeaders(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
}

// amReload is what Alertmanager does on POST /-/reload: the documents are read
// again and the clocks of all groups start anew.
func (c *Component) amReload(w http.ResponseWriter, r *http.Request) {
	err := permitAll(r.Context())
	if err == nil {
		err = c.takeRules(r.Context(), true)
	}
	if err != nil {
		c.amProblem(w, err)
	}
}

func (c *Component) classicNames() bool { return c.config.Alerts.LabelNames == "classic" }

// amProblem answers as Alertmanager does: the message as a JSON string.
func (c *Component) amProblem(w http.ResponseWriter, err error) {
	var coded *core.Error
	status, message := http.StatusInternalServerError, "internal error"
	switch {
	case errors.As(err, &coded):
		message = coded.Message
		for _, d := range coded.Details {
			message += "; " + d.Field + ": " + d.Rule
		}
		switch coded.Code {
		case core.CodeInvalid, core.CodeMalformed:
			status = http.StatusBadRequest
		case core.CodeNotFound:
			status = http.StatusNotFound
		case core.CodeForbidden:
			status = http.StatusForbidden
		case core.CodeTooLarge:
			status = http.StatusRequestEntityTooLarge
		case core.CodeTooMany, core.CodeUnavailable:
			status = http.StatusServiceUnavailable // Prometheus tries again on 5xx
			w.Header().Set("Retry-After", "5")
		}
	case sqldb.Unavailable(err):
		status, message = http.StatusServiceUnavailable, "the store is not available"
	default:
		c.deps.Log.Error("events: a request of the Alertmanager API failed", "error", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(message)
}

// amBody reads a request's JSON.
func amBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, core.Errorf(core.CodeTooLarge, "the body is larger than %d bytes", large.Limit)
	}
	if err != nil {
		return nil, core.Errorf(core.CodeMalformed, "the body cannot be read")
	}
	return body, nil
}

func (c *Component) amPostAlerts(_ http.ResponseWriter, r *http.Request) (any, error) {
	body, err := amBody(r)
	if err != nil {
		return nil, err
	}
	observations, bad, err := readAMAlerts(body, c.deps.Clock.Now(), amRules{c.resolveTimeout(), c.classicNames()})
	if err != nil {
		return nil, err
	}
	results, err := c.accept(r.Context(), observations, "alerts")
	if err != nil {
		return nil, err
	}
	for _, result := range results {
		bad = append(bad, result.Errors...)
	}
	return nil, core.InvalidAll(bad)
}

type amName struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty"`
}

// receiver is where all alerts go while no document says more: this system.
const receiver = "mainstay"

func (c *Component) amReceivers(_ http.ResponseWriter, r *http.Request) (any, error) {
	wanted, err := amMatchers(r.URL.Query()["receiver_matchers"])
	if err != nil {
		return nil, err
	}
	list := []amName{}
	for _, one := range c.amKnown() {
		if amFits(wanted, one.Labels) {
			list = append(list, one)
		}
	}
	return list, nil
}

func (c *Component) amKnown() []amName {
	plan := c.router.Plan()
	if plan == nil {
		return []amName{{Name: receiver}}
	}
	var list []amName
	for _, one := range plan.Known() {
		list = append(list, amName{one.Name, one.Labels})
	}
	return list
}

// amOriginal stands for the configuration while no document routes alerts.
const amOriginal = "route:\n  receiver: " + receiver + "\nreceivers:\n- name: " + receiver + "\n"

func (c *Component) amStatus(http.ResponseWriter, *http.Request) (any, error) {
	original := amOriginal
	if plan := c.router.Plan(); plan != nil {
		original = plan.Original
	}
	return map[string]any{
		"cluster":     map[string]any{"status": "disabled", "peers": []any{}},
		"config":      map[string]any{"original": original},
		"uptime":      c.startedAt,
		"versionInfo": map[string]string{"version": version.String(), "branch": "", "buildDate": "", "buildUser": "", "goVersion": runtime.Version(), "revision": ""},
	}, nil
}
