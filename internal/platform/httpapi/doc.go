// Package httpapi is the HTTP face of Mainstay: typed routes under /api/v1
// described in OpenAPI 3.1, and protocol endpoints mounted beside them.
//
// Every route names its permission; a request without it is refused before the
// handler runs. Failures are RFC 9457 problems with a stable code and, for bad
// input, the path of each field and the rule it breaks. Bodies with unknown
// fields are refused. A create with an Idempotency-Key has its effect once:
// the same key answers with the first outcome again, for a day. Idempotency
// keeps the outcomes, sealed with a secret that only the key's holder can derive.
//
// A route's schemas are made by its first request, and those of the document
// by the first who asks for it (lazy.go): a start pays for neither.
//
// The caller is resolved before this package: auth puts a Principal into the
// request's context.
package httpapi
