package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// Problem is the body of every failure (RFC 9457).
type Problem struct {
	Type   string        `json:"type" doc:"A URI that names the kind of problem" example:"urn:mainstay:problem:invalid"`
	Title  string        `json:"title" doc:"The kind of problem in words"`
	Status int           `json:"status" doc:"The HTTP status"`
	Code   core.Code     `json:"code" doc:"The kind of problem, stable and machine-readable"`
	Detail string        `json:"detail,omitempty" doc:"What happened this time"`
	Errors []core.Detail `json:"errors,omitempty" doc:"For bad input: each field at fault and the rule it breaks"`
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns the media type of RFC 9457 for JSON.
func (p *Problem) ContentType(ct string) string {
	if ct == "application/json" {
		return "application/problem+json"
	}
	return ct
}

var statusOf = map[core.Code]int{
	core.CodeInvalid:         http.StatusUnprocessableEntity,
	core.CodeMalformed:       http.StatusBadRequest,
	core.CodeUnauthenticated: http.StatusUnauthorized,
	core.CodeForbidden:       http.StatusForbidden,
	core.CodeNotFound:        http.StatusNotFound,
	core.CodeConflict:        http.StatusConflict,
	core.CodeStale:           http.StatusPreconditionFailed,
	core.CodeTooLarge:        http.StatusRequestEntityTooLarge,
	core.CodeTooMany:         http.StatusTooManyRequests,
	core.CodeUnavailable:     http.StatusServiceUnavailable,
	core.CodeInternal:        http.StatusInternalServerError,
}

var titleOf = map[core.Code]string{
	core.CodeInvalid:         "Invalid input",
	core.CodeMalformed:       "The request cannot be read",
	core.CodeUnauthenticated: "Sign in first",
	core.CodeForbidden:       "Not allowed",
	core.CodeNotFound:        "Not found",
	core.CodeConflict:        "Conflict",
	core.CodeStale:           "The record has changed",
	core.CodeTooLarge:        "Too large",
	core.CodeTooMany:         "Too many requests",
	core.CodeUnavailable:     "Not available now",
	core.CodeInternal:        "Internal error",
}

func problem(code core.Code, detail string, errs []core.Detail) *Problem {
	status, ok := statusOf[code]
	if !ok {
		code, status = core.CodeInternal, http.StatusInternalServerError
	}
	return &Problem{Type: "urn:mainstay:problem:" + string(code), Title: titleOf[code], Status: status, Code: code, Detail: detail, Errors: errs}
}

// ProblemOf turns an error into what may be shown outside. The cause of an
// unknown one stays in the log.
func ProblemOf(log *slog.Logger, err error, about ...any) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var e *core.Error
	if errors.As(err, &e) {
		if e.Cause != nil {
			log.Warn(e.Message, append(about, "error", e.Cause)...)
		}
		return problem(e.Code, e.Message, e.Details)
	}
	if sqldb.BadText(err) {
		log.Warn("a text cannot be stored", append(about, "error", err)...)
		return problem(core.CodeInvalid, "a text holds characters that cannot be stored", nil)
	}
	if sqldb.Unavailable(err) {
		log.Warn("the store is not available", append(about, "error", err)...)
		return problem(core.CodeUnavailable, "the store is not available at the moment; try again", nil)
	}
	if errors.Is(err, context.Canceled) { // by whoever asked, or by a stop
		log.Debug("a request was abandoned", append(about, "error", err)...)
		return problem(core.CodeUnavailable, "the request was abandoned", nil)
	}
	log.Error("internal error", append(about, "error", err)...)
	return problem(core.CodeInternal, "internal error", nil)
}

// WriteProblem answers w with the problem of err: for handlers that are mounted.
func WriteProblem(w http.ResponseWriter, log *slog.Logger, err error) {
	p := ProblemOf(log, err)
	w.Header().Set("Content-Type", "application/problem+json")
	if p.Status == http.StatusServiceUnavailable && w.Header().Get("Retry-After") == "" {
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p)
}

// fromHuma is the problem for what huma itself found wrong with a request.
func fromHuma(status int, message string, errs ...error) huma.StatusError {
	code := core.CodeInternal
	for c, s := range statusOf {
		if s == status {
			code = c
		}
	}
	if status == http.StatusUnsupportedMediaType || status == http.StatusRequestTimeout {
		code = core.CodeMalformed
	}
	var details []core.Detail
	for _, err := range errs {
		var d *huma.ErrorDetail
		if errors.As(err, &d) {
			details = append(details, core.Detail{Field: fieldPath(d.Location), Rule: d.Message})
		} else if err != nil {
			details = append(details, core.Detail{Rule: err.Error()})
		}
	}
	if status == http.StatusUnprocessableEntity && message == "validation failed" {
		message = "invalid input"
	}
	p := problem(code, message, details)
	p.Status = status
	return p
}

// fieldPath drops the place huma puts before a path.
func fieldPath(location string) string {
	for _, place := range []string{"body.", "query.", "path.", "header."} {
		if rest, ok := strings.CutPrefix(location, place); ok {
			return rest
		}
	}
	return location
}
