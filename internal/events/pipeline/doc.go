// Package pipeline is the room of event rules: documents that say what becomes
// of events on their way to alerts. What rules do is in package rulebook.
//
// The path of one event: Accept of events asks Shape (live.go), which lets the
// rules act without a lock or a look at the store. In the transaction that stores
// the event Settle reads what is remembered of its key, lets rules that remember
// act, and writes what they remember from now on (store_state.go). One process of all,
// which leads, looks every second for what is due (timers.go) and lets time act on it,
// again in the transaction that stores what comes of it.
//
// So what an event did to a rule's memory and the event itself are durable
// together, or not at all; a process that is killed loses neither. What is remembered
// is bounded: beyond the bound events pass as if the rule were not there, and are counted.
//
// A document that changes acts on the next event of the process that took it, and
// within a second of others'. Rules are tried before that: Preview and Step (try.go) on
// single events, replays (replay.go) on everything recorded in a time.
package pipeline
