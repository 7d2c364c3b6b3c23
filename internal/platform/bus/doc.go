// Package bus is Mainstay's nerve: NATS, embedded by default, an external
// cluster when outgrown. Agents reach it through Mainstay's own HTTP port.
//
// # The path of one connection
//
// An agent opens a WebSocket at /bus. Handler joins it to the embedded server
// by an in-process pipe, so the server listens on no socket of its own. The
// server asks the authorisation service (auth callout) who this is; the
// service verifies the signature over the connection's nonce, which the server
// itself leaves unverified, asks the Admit function for the agent the key
// belongs to, and answers with permissions for agent.<id>.> and nothing else.
// Mainstay's own connection holds a key made at every start and may use every
// subject.
//
// # Invariants
//
//   - Nothing is only on the bus: there is no JetStream, and losing the bus
//     loses no accepted record.
//   - An agent can neither publish nor subscribe outside agent.<its id>.>. A reply
//     subject is chosen by the sender and not covered by permissions: whoever
//     answers an agent's message must use Reply, which keeps answers inside the
//     agent's own subjects.
//   - At most one connection per agent is served: a newer one ends the older.
package bus
