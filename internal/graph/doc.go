// Package graph keeps the items the business runs on, the relations between
// them, and the knowledge of who said what about them.
//
// The path of one datum: a source posts a Report (report.go). Entries whose
// hash is known are done there. The others are identified by the ordered rules
// of their class (match.go), become observations (observation.go), and the
// item shows for every attribute what the best fresh source says (shown.go).
// What it showed before moves to the past (record.go). Relations follow
// (relation.go). One transaction writes all of it, with a ledger entry for each
// real change, and after the commit the index in memory follows (follow.go).
// A large report takes several transactions (part.go), so that events and other
// reports get their turn in between.
//
// Invariants:
//
//   - Changes of the graph are serial: each takes the row of graph_version and
//     with it a version and a time that both increase in the order of commits.
//   - Identities of an item are the union of what its observations say, so a
//     merge or split only moves observations.
//   - Items are never removed: they are missing, retired, deleted or merged,
//     and an id once given out resolves for ever.
//   - Nothing is merged on weak evidence. A tie becomes a duplicate task.
//
// A Component is safe for concurrent use.
package graph
