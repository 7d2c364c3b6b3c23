// Package sqldb is the operational store: SQLite embedded, or PostgreSQL.
//
// Both engines are spoken to in one text: $N placeholders, BIGINT microseconds
// for times, the portable subset of DESIGN.md. Write runs a function in one
// read-write transaction; Query and QueryRow read outside of it.
//
//   - SQLite: one writer connection (BEGIN IMMEDIATE, callers queue for it in
//     order of arrival) and a pool of read-only connections, WAL mode. A commit
//     survives kill -9; a power cut may lose the last commits but never
//     damages the file (synchronous=NORMAL).
//   - PostgreSQL: one pool. A transaction that fails with a serialization
//     failure, a deadlock or a lost connection before COMMIT was sent is run
//     again, so the function given to Write must touch nothing but its Tx.
//
// A Tx belongs to one goroutine. Functions given to OnCommit run after a
// successful commit, in order, outside the transaction.
package sqldb
