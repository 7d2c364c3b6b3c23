// Package rulebook is what event rules do, without a store: documents are
// compiled to a Set, a Set shapes events, a Machine lets the rules that remember
// act on what was shaped.
//
// The path of one event:
//
//  1. Set.Shape (shape.go) finds the few rules that can match by the equalities
//     of their conditions (index.go) and lets each that matches act, in order. It
//     gives a Verdict: the event as the rules made it, and what is left to do by
//     rules that remember. It needs no lock and no store.
//  2. Machine.Take (machine.go) does what is left: it holds events back, counts
//     them, gathers them. What it knows are Records in a Book, which the caller
//     has read for the keys that the verdict names, and saves.
//  3. Machine.Fire lets time act on a record that is due.
//
// Both are functions of what they are given: events, records and the time. So
// history is replayed (replay.go) with the very code that acts on events as they come.
//
// Promises: a rule that fails does nothing, is counted, and stops no other; an
// event is not lost to a rule but for one that says discard; a clear is never dropped,
// because it can open nothing.
package rulebook
