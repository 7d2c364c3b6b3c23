// Package events takes every signal in and makes of it what people deal with:
// events become alerts, alerts become situations with a ranked root cause.
//
// The path of one event:
//
//  1. Accept (accept.go) checks it, finds its item, lets event rules act on it
//     (shaped.go, package pipeline), and finds what holds it back.
//  2. The intake (intake.go) gathers it with those of other callers.
//  3. store (apply.go) lets the rules that remember act, reads the alerts of the batch's keys and lets each event
//     act by the Policy (policy.go): opened, counted, changed, cleared, flapping.
//  4. Events and alerts are written in one transaction (store_alert.go,
//     store_event.go); each change of state is a ledger entry events.alert.* (tell.go).
//  5. After the commit Accept returns, and the view in memory (view.go) knows it;
//     other processes read what was written when they catch up (follow.go).
//  6. The correlator (correlator.go), a ledger consumer, shows the alert to the
//     engine (package correlation), which joins, merges, ranks, closes.
//  7. What the engine changed is written and told as events.situation.* in the
//     transaction that moves the consumer's cursor (store_situation.go, tell_situation.go).
//     Beside that path, figures around open situations refine the ranking (measured.go).
//  8. The sweep (sweep.go) brings what time alone brings: expiry, stability, maintenance, closing.
//
// Promises: an event is durable when Accept returns nil; duplicates touch a
// counter and never the ledger; an alert is in one situation; effects on
// situations happen exactly once, in the order of the ledger.
package events
