// Package ledger is the one append-only record of what modules did or saw, and
// the way they hear of each other.
//
// Append adds an entry to the caller's transaction: it exists if and only if
// the change it tells of does. Entries are numbered and chained by hash as the
// last thing before commit, under a lock held to the commit, so the order of
// numbers is the order of commits on both engines and a reader that has seen
// number n will never see a smaller one appear.
//
// A consumer holds a durable cursor under its name and receives every entry of
// the types it asks for, in order, at least once; with ConsumeTx its effects
// and its cursor commit together, which makes them exactly once in SQL. One
// process of all that share the store runs the consumers. An entry whose
// handler keeps failing is set aside, visible under Skipped, and does not stop
// the ones behind it.
//
// Verify recomputes the chain. What is older than Configuration.Keep is removed
// by the process that runs the consumers, behind a signed checkpoint, from which
// Verify goes on. What a consumer has not read yet stays.
package ledger
