// Package desk is the service desk: incidents, who works on them, how fast that
// was promised, and what was said.
//
// # The path of an incident
//
// The ledger delivers events.situation.opened to follow (follow.go), which opens
// the incident (change.go): the graph says which business services are reached
// (impact), the severity how urgent it is, both together the priority
// (priority.go); assignment rules choose a team (assignment.go); service levels
// start its clocks (promise.go, clock.go; calendars are counted by platform/calendar). Later entries of the same
// situation change that incident; runs and remediations become lines of its
// timeline. When the situation closes, the incident resolves with a note of
// what verified it; a while later the scan (due.go) closes it. When the
// situation comes back, so does the incident.
//
// People do the same by HTTP (http_*.go, work.go). Who asked for help works under
// /portal, with types of its own that hold nothing internal.
//
// # Invariants
//
//   - A situation has one incident, ever (a unique column).
//   - Entries of the ledger have their effect once: the effect and the
//     consumer's cursor commit together.
//   - Numbers have no gaps: one is drawn in the transaction that uses it.
//   - Every change raises the version; a change based on an older one is
//     refused or, when nobody asked for a version, made again.
//   - The state moves only along the rules of transition.go.
//   - A change, its timeline and its ledger entries (desk.incident.opened,
//     changed, resolved, reopened, closed, commented, warned, breached) commit
//     together.
//   - Attached files are stored before they are recorded, under the hash of
//     their content.
package desk
