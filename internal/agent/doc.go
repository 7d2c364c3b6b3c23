// Package agent is Mainstay on a managed host: it reports what the host is made
// of, measures it, and does what its server asks as far as the host's policy
// allows. `mainstay agent` runs it, and `mainstay serve` runs one in process
// for its own host.
//
// # The path of one measurement
//
// A collector (packages facts, measure) makes a record; the record goes into the
// queue on disk (package buffer); upload takes batches from the queue's head
// to the server over the bus and forgets them when the receipt says that they
// are durably accepted. Without a connection the queue grows to its bound.
//
// # The path of one line of a log
//
// The server says which files and journals to follow (logs.follow). Package tail
// reads them as far as the policy allows, logs.go hands a batch to the server, and
// only when the receipt says that it is durable is written down how far that was.
// The files are the buffer: nothing else holds what waits.
//
// # The path of one command
//
// The server calls command.start over the bus; the execution engine (package
// execution) asks the policy (package policy), writes the identifier to its
// journal and starts the program; command.read hands out output and the exit.
//
// # The data directory
//
//	identity.json   the agent's id and name, and the server it belongs to
//	nkey.seed       its private key
//	policy.yaml     what it may do
//	queue/          records not yet taken over
//	logs/           the log sources, and how far each was delivered
//	executions/     the journal of commands and their output
//
// A daemon that a command started is not the agent's: it outlives command and
// agent (the systemd unit has KillMode=process), while commands that still run
// when the agent stops are ended and recorded as interrupted.
//
// New is inert. Start returns once the agent has an identity, or is refused one;
// when the server cannot be reached it goes on trying in the background.
package agent
