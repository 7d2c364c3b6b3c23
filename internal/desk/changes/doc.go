// Package changes keeps the desk's changes: what is meant to be done to which
// items, when, at what risk, and who agreed to it.
//
// # The path of a change
//
// Somebody drafts a change (http_change.go) and asks for approval; somebody else
// approves or rejects it, with a reason; it is implemented, and done. Each step is
// one line of the table in step.go, taken in one transaction with its ledger entry
// desk.change.<verb>. Others react to these entries: monitoring opens a maintenance
// window for the items of an approved change and lets it follow the change, and what
// was begun or ended explains faults.
//
// # Invariants
//
//   - The state moves only along the rules of step.go.
//   - Who asked for the approval of a change does not decide on it, nor moves it
//     once it is approved, unless Configuration.SelfApproval says otherwise.
//   - What was approved stays as it was approved: only its time may be moved, by
//     somebody who could have approved it. Anything else takes it back to a draft,
//     and its approval with it.
//   - Numbers have no gaps: one is drawn in the transaction that uses it.
//   - Every step raises the version; one that is based on an older version is refused.
//
// A Component is safe for concurrent use and holds no state of its own.
package changes
