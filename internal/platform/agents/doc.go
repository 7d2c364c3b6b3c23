// Package agents is the server's side of the agents: who they are (registry,
// enrolment), whether they live (presence), what they deliver (receive) and
// what they are asked to do (calls, dispatch).
//
// # The path of one enrolment
//
// An administrator makes a token, shown once and stored hashed. The host posts
// it with its public key; in one transaction the token is used up and the agent
// recorded. From then on the agent proves its identity to the bus with that key.
//
// # The path of one delivery
//
// The agent sends a batch of records; each goes to the Sink, in order. The
// receipt names the last record the Sink accepted durably; a record the Sink
// calls unusable is counted and passed over, any other failure ends the batch
// and the agent sends the rest again. Sinks see a record at least once.
//
// # The path of one command
//
// Run asks the agent to start an execution and then reads its output and exit,
// again and again, from the last chunk it has. The agent runs an execution at
// most once, so whoever lost track calls Run again with the same identifier.
//
// # Invariants
//
//   - Presence is decided in SQL: of several replicas one writes each transition
//     to the ledger, within LostAfter plus a fifth of it.
//   - An agent away for AlertAfter has an alert on its host until it is back or
//     removed; the event is accepted before the registry says so, so none is lost.
//   - Of the agents on one host one measures it; the others are told who.
//   - A removed agent's key is refused from the next moment on, and its connection ends.
package agents
