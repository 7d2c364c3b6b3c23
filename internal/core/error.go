package core

import (
	"errors"
	"fmt"
)

// Code says what kind of failure an Error is; it is stable and machine-readable.
type Code string

// The codes, each with the HTTP status it is shown as.
const (
	CodeInvalid         Code = "invalid"         // 422: the input breaks a rule
	CodeMalformed       Code = "malformed"       // 400: the input cannot be read
	CodeUnauthenticated Code = "unauthenticated" // 401
	CodeForbidden       Code = "forbidden"       // 403
	CodeNotFound        Code = "not_found"       // 404
	CodeConflict        Code = "conflict"        // 409: the state does not allow it, or it exists already
	CodeStale           Code = "stale"           // 412: the record changed since it was read (If-Match)
	CodeTooLarge        Code = "too_large"       // 413
	CodeTooMany         Code = "too_many"        // 429
	CodeUnavailable     Code = "unavailable"     // 503: try again later
	CodeInternal        Code = "internal"        // 500: the cause is in the log
)

// Detail names one field and the rule it breaks.
type Detail struct {
	Field string `json:"field"` // path as in the input: spec.steps[2].command
	Rule  string `json:"rule"`  // a sentence for a person
}

// Error is a failure with a code, a message for a person and, for bad input,
// the fields at fault. Any other error is shown outside as "internal error".
type Error struct {
	Code    Code
	Message string
	Details []Detail
	Cause   error // for the log only
}

// Error returns the message, the details and the cause, for logs.
func (e *Error) Error() string {
	s := e.Message
	for _, d := range e.Details {
		s += fmt.Sprintf("; %s: %s", d.Field, d.Rule)
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf makes an Error with a formatted message.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Invalid is an Error for one field of the input.
func Invalid(field, rule string) *Error {
	return &Error{Code: CodeInvalid, Message: "invalid input", Details: []Detail{{field, rule}}}
}

// InvalidAll is an Error for several fields, or nil when there are none.
func InvalidAll(details []Detail) error {
	if len(details) == 0 {
		return nil
	}
	return &Error{Code: CodeInvalid, Message: "invalid input", Details: details}
}

// NotFound says that there is no such record.
func NotFound(kind, id string) *Error {
	return Errorf(CodeNotFound, "no %s %q", kind, id)
}

// CodeOf returns the code of err: that of the first Error in its chain, else
// CodeInternal; "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
