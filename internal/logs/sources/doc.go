// Package sources says which log files and journals the agents of which hosts
// follow.
//
// A LogSource is a document: a selector of hosts, files or the journal, and what
// is added to the records. The path of one: it is declared (declare.go), and
// every round works out what each connected agent is to follow (assign.go) and
// gives it to those whose last beat says that they follow something else
// (component.go). An agent keeps what it was given, so it follows on while no
// server is there. What an agent delivers goes to the log store with the item of
// its host; whether a file may be read is for the policy on the host to say.
//
// Replicas may all do this: giving an agent the same twice changes nothing.
package sources
