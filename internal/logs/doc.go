// Package logs takes in log records and spans, and answers questions about
// them.
//
// The path of a record: POST /v1/logs or /v1/traces (OTLP over HTTP, protobuf
// or JSON, plain or gzip) is decoded (otlp.go), each record becomes a row of
// the log store with the item it belongs to, found by the identities of its
// resource (record.go, span.go), and is acknowledged once it is in the store's
// spool. Questions are LogsQL (http_query.go).
//
// Mainstay's own log goes the same way: Self is a slog handler that hands each
// record on and never waits; what it has to drop is counted and told.
//
// Records have no team; they have a dataset, and Access says which of them a
// caller may read. Spans need logs:read everywhere.
package logs
