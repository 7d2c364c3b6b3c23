// Package monitor measures on purpose: checks, metric rules and maintenance
// windows, all declarative documents.
//
// The path of one result: the schedule says a target (a check on one item) is
// due; a worker runs its probe here or through an agent; State.Next decides
// what the result means (soft, hard, unreachable, flapping); the writer stores
// result, state, ledger entry and event in one transaction, many results at a
// time; the outbox hands events over until they are accepted. Each result also
// writes mainstay_check_up, mainstay_check_duration_seconds and
// mainstay_check_perfdata with the labels item and check.
//
// What comes from outside (pings of jobs, pushed results) is first stored in
// monitor_ping by any process, and taken in by the one that runs the checks, in
// one transaction with its result: it counts once and is not lost.
//
// Invariants: a hard change, its ledger entry and its event commit together,
// so kill -9 at any moment neither loses nor repeats an event (an event handed
// over twice has the same id). State is loaded before the first probe, so a
// restart does not alert again. One process of all that share the store runs
// checks and rules; the others serve the API.
package monitor
