// Package probe executes one check once: a request, a query, a greeting, a journey, a
// look at the host, or a Nagios plugin. The server and the agents run the same code; a
// Spec and its Result travel between them as JSON.
//
// Run never fails and never outlives its timeout by more than a moment: whatever
// goes wrong is a Result with a state and a sentence for a person. What a peer sends is
// bounded. Every address a probe dials passes Runner.Allow after its name is resolved.
//
// One file per kind. A new kind is one file with a type that has validate and probe, and
// a field of Spec. Kinds whose libraries are large, or that need state, leave the work to
// a Driver in a package below this one (sqlquery, browse).
package probe
