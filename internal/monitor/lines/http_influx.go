package lines

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/prometheus/prometheus/storage"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/unpack"
)

// Routes registers where InfluxDB's protocol is received.
func (c *Component) Routes(api *httpapi.API) {
	api.Mount("POST /api/v2/write", "metrics:write", http.HandlerFunc(c.takeInflux))
	api.Mount("POST /write", "metrics:write", http.HandlerFunc(c.takeInflux))
}

// takeInflux stores what can be read and says what could not (InfluxDB OSS v2,
// "Write API": 204, or 400 with the lines at fault).
func (c *Component) takeInflux(w http.ResponseWriter, r *http.Request) {
	precision, err := precisionOf(r.URL.Query().Get("precision"))
	if err != nil {
		answer(w, http.StatusBadRequest, "invalid", err.Error())
		return
	}
	body, err := unpack.Body(r, c.cfg.MaxBody)
	switch {
	case core.CodeOf(err) == core.CodeTooLarge:
		answer(w, http.StatusRequestEntityTooLarge, "request too large", err.Error())
		return
	case err != nil:
		answer(w, http.StatusBadRequest, "invalid", err.Error())
		return
	}
	got := parseInflux(body, precision, c.deps.Clock.Now())
	stored, err := c.store(r, &got)
	if err != nil {
		status, code := http.StatusInternalServerError, "internal error"
		if core.CodeOf(err) == core.CodeUnavailable {
			w.Header().Set("Retry-After", "30")
			status, code = http.StatusServiceUnavailable, "unavailable"
		}
		answer(w, status, code, "the points cannot be stored at the moment")
		return
	}
	if got.failed > 0 {
		f := got.faults[0]
		answer(w, http.StatusBadRequest, "invalid", fmt.Sprintf("partial write: %d samples were stored, %d lines or samples were not; line %d: %s", stored, got.failed, f.Line, f.Reason))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// store appends the points of a request; those the store refuses become faults.
func (c *Component) store(r *http.Request, got *read) (stored int, err error) {
	app := c.influx.AppenderV2(r.Context())
	for _, p := range got.points {
		_, err := app.Append(0, p.series, 0, p.at.UnixMilli(), p.value, nil, nil, storage.AOptions{})
		switch {
		case err == nil:
			stored++
		case core.CodeOf(err) == core.CodeUnavailable:
			_ = app.Rollback()
			return 0, err
		default:
			got.fail(0, strings.TrimSpace(p.series.String()+": "+err.Error()))
		}
	}
	return stored, app.Commit()
}

// answer writes an error as both versions of the API have it.
func answer(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"code": code, "message": message, "error": message})
}
