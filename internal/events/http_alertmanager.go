package events

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
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
			w.Header().Set("Content-Type", "application/json")
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
	mount("GET /receivers", "alerts:read", func(http.ResponseWriter, *http.Request) (any, error) { return amReceivers(), nil })
}

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
	observations, bad, err := readAMAlerts(body, c.deps.Clock.Now(), c.config.Alerts.ResolveTimeout)
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
	Name string `json:"name"`
}

// receiver is where all alerts go: this system.
const receiver = "mainstay"

func amReceivers() []amName { return []amName{{receiver}} }

func (c *Component) amStatus(http.ResponseWriter, *http.Request) (any, error) {
	return map[string]any{
		"cluster":     map[string]any{"status": "disabled", "peers": []any{}},
		"config":      map[string]any{"original": "# Mainstay sends notifications itself.\n"},
		"uptime":      c.startedAt,
		"versionInfo": map[string]string{"version": "mainstay", "branch": "", "buildDate": "", "buildUser": "", "goVersion": "", "revision": ""},
	}, nil
}
