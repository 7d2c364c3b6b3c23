// Package jobs runs runbooks: declared graphs of steps that people, schedules
// and remediations start, with a record of every run.
//
// The path of one run:
//
//	Run (row "queued", ledger jobs.run.requested)
//	  -> task jobs.advance: plan says which steps are ready; each becomes an
//	     attempt ("running", jobs.run.step.started) with a task of its own
//	  -> task jobs.step: dispatches to an agent, sends a request, runs checks,
//	     lets time pass; an approval waits for a person without a task
//	  -> settle: the attempt's end, the ledger entry and the end of its task
//	     are one transaction; the planner looks at the run again
//	  -> all steps over: jobs.run.finished
//
// Invariants:
//
//   - What can follow what is in states.txt; nothing else happens.
//   - An attempt is recorded before it can have effects. A script carries the
//     execution id run/step/attempt and an agent begins an id once; after a
//     restart the attempt's task attaches to the same id. When nobody knows
//     how an attempt ended, the step is interrupted and the run fails, unless
//     the step is marked repeatable.
//   - Parameters reach scripts as environment variables and requests encoded
//     for their place; they are never part of a script's text. Secret values
//     are resolved when they are used, stored nowhere and redacted from output.
//   - A remediation decides about a situation in the transaction that moves
//     its ledger cursor; at most one decision of a remediation, situation and
//     root cause is active. Every decision has its why. Only checks that are
//     well after the run make it verified.
package jobs
