// Package health tells how business services and sites stand, and how they stood.
//
// The path of one fact:
//
//  1. An alert changes; events tells which item it is about (events.OnStanding).
//  2. The loop (follow.go) gathers such items for a moment and asks how they stand
//     by their own alerts. Changes of the graph are read from the ledger.
//  3. Package propagation brings it to what needs the item, by the rules of
//     documents of the kind ServiceHealth (spec.go) and the graph's redundancy.
//  4. Services and sites whose state is another one now are written as intervals,
//     each with a ledger entry events.health.changed (store.go), by one process of
//     all that share the store.
//  5. Lists, trees and maps are answered from memory, history from the
//     intervals (history.go, which counts availability).
//
// Promises: intervals of a subject do not overlap; an interval and its ledger
// entry commit together; time in which no process ran is unknown, not well. Every
// process derives the states for itself, so it can answer when another writes.
package health
