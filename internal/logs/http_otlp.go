package logs

import (
	"context"
	"fmt"
	"net/http"

	logscollector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	tracecollector "go.opentelemetry.io/proto/otlp/collector/trace/v1"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/logstore"
)

// Routes registers the intake and the questions.
func (c *Component) Routes(api *httpapi.API) {
	api.Mount("POST /v1/logs", "logs:write", http.HandlerFunc(c.takeLogs))
	api.Mount("POST /v1/traces", "logs:write", http.HandlerFunc(c.takeSpans))
	c.routeQueries(api)
}

func (c *Component) takeLogs(w http.ResponseWriter, r *http.Request) {
	request := &logscollector.ExportLogsServiceRequest{}
	e, err := decode(r, c.cfg.MaxBody, request)
	if err != nil {
		httpapi.WriteProblem(w, c.deps.Log, err)
		return
	}
	response, err := c.exportLogs(r.Context(), request, e)
	if err != nil {
		httpapi.WriteProblem(w, c.deps.Log, err)
		return
	}
	answer(w, e, response)
}

func (c *Component) takeSpans(w http.ResponseWriter, r *http.Request) {
	request := &tracecollector.ExportTraceServiceRequest{}
	e, err := decode(r, c.cfg.MaxBody, request)
	if err != nil {
		httpapi.WriteProblem(w, c.deps.Log, err)
		return
	}
	response, err := c.exportSpans(r.Context(), request, e)
	if err != nil {
		httpapi.WriteProblem(w, c.deps.Log, err)
		return
	}
	answer(w, e, response)
}

func outOfRange(n int) string {
	return fmt.Sprintf("%d records are older than the retention or too far in the future", n)
}

// write hands rows to a store. A failure of the spool is one that a sender may
// retry (OTLP specification, failures).
func (c *Component) write(ctx context.Context, store Store, records []logstore.Record) (int, error) {
	refused, err := store.Write(ctx, records)
	if err != nil && core.CodeOf(err) == core.CodeInternal {
		err = &core.Error{Code: core.CodeUnavailable, Message: "records cannot be stored at the moment", Cause: err}
	}
	return refused, err
}
