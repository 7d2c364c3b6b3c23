// Package execution runs commands on a managed host, each at most once.
//
// # Invariants
//
//   - The identifier of an execution is on disk, synced, before its program
//     starts. A known identifier is never run again: asking for it returns its
//     state, and after its end the recorded outcome and output.
//   - An execution that the agent did not see the end of is Interrupted after the
//     next start; what is left of its process group is killed first, so that a
//     new attempt does not run beside it.
//   - Output is a sequence of numbered chunks, written to disk before they are
//     handed out; a reader may ask again from any number. It is bounded: past the
//     limit output is read and counted, not kept, and one chunk says so.
//   - A program runs in a process group of its own. Cancelling and timeouts send
//     TERM to the group, and KILL when the grace is over.
//
// Outcomes are remembered for 30 days, and output as long as its total stays
// within bounds. An Engine is safe for concurrent use.
package execution
