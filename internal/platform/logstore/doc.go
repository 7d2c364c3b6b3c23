// Package logstore keeps records that are searched by text and field: logs,
// traces, flows. One Store is one dataset, with its own retention and bounds.
//
// The path of a record: Write encodes it as a JSON line and appends it to a
// write-ahead spool, which is the acknowledgement; the sender posts batches to
// the engine; the spool forgets a batch only when the engine has had time to
// put it on disk and is still the same process (Settle). An engine that died
// in between is asked which records it has, and receives the others again
// (absent.go): a record may appear twice where the engine lost the name of its
// stream, never not (docs/decisions/0010).
//
// The engine is VictoriaLogs, spoken to over its HTTP API: either a supervised
// child process of the same binary on a unix socket, or an external server or
// cluster by URL. The code is the same for both. The engine itself is linked
// only through the package logstore/engine. The child of a dataset that is
// OnDemand and holds nothing starts with the first Write or question.
//
// An engine that fails, panics or fills its disk never takes its caller along:
// writes go to the spool until that is full, then they are refused with
// core.CodeUnavailable; queries fail with the same code. State changes
// (ready, read-only, down) are told to an Observer.
package logstore
