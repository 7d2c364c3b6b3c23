// Package probe executes one check once: icmp, tcp, http, dns, process,
// service or command (a Nagios plugin). The server and the agents run the same
// code; a Spec and its Result travel between them as JSON.
//
// Run never fails and never outlives its timeout by more than a moment: whatever
// goes wrong is a Result with a state and a sentence for a person. One file per
// kind; a new kind is one file, a field of Spec and a line in kinds.
package probe
