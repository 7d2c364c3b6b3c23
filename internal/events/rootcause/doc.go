// Package rootcause ranks which node of a system is the cause of a symptom
// that was seen at one of them, the victim. It is pure: figures, topology and
// changes go in, candidates with evidence a person can check come out. It holds
// no state and is safe for concurrent use.
//
// The model is bookkeeping. A request to the victim takes the victim's own time
// and the time of everything it calls; it fails by its own fault or by that of
// something it calls. So each node has an excess: how much slower, or how much
// more often failing, it is than normal, counted per request to the victim.
// What the excess of its callees covers is inherited; what is left is its own.
// The cause is the node whose own excess covers the victim's.
//
//  1. Each signal is compared with its normal operation: median and robust
//     spread with floors, and with the moments just before the onset (signal.go).
//  2. Nodes are reached from the victim over calls and needs; nodes that measure
//     nothing are bridged (topology.go).
//  3. Excess is counted, what callees cover is taken off (balance.go).
//  4. What speaks for a node from inside weighs too: its resources, traffic that
//     its callers do not explain, silence where there was data, a callee
//     that never existed before, a change, a cause confirmed earlier (inside.go).
//  5. Scores are put together and worded (rank.go, words.go).
//
// Every constant is a round number that says something; they are in weights.go.
package rootcause
