// Package tasks is the durable queue of work: what must happen after a
// transaction, once it has committed, even if the process dies in between.
//
// A task is enqueued inside the transaction that gives rise to it and is
// started about a millisecond after the commit. The path of one task:
//
//	Enqueue (row "waiting", or "delayed" until RunAt) -> commit -> wake-up
//	  -> claim (row "running", owner, attempt + 1, lease) -> handler
//	  -> finished: the row is gone | failed: "delayed" by backoff
//	  | failed too often: "dead", until a person retries or discards it
//
// Promises:
//
//   - At least once. A handler may run again after a crash, a lost lease or a
//     failed commit; one that needs its effects once calls Task.Complete inside
//     the transaction of its effects.
//   - Fencing. A lease is held by (owner, attempt); a worker that lost its
//     lease can neither complete nor delay the task, and its context ends,
//     also when the attempt that overtook it runs in the same process.
//   - A Key is held by one unfinished task of its kind. With Again, work that
//     arrives while that task runs makes it run once more.
//   - Within a queue, higher priority first, then earlier RunAt.
//   - A queue's concurrency bounds the handlers of one process.
//
// Every queue has one dispatcher goroutine, which owns the state of its
// running tasks and writes completions, retries and claims in one transaction
// per round: the busier it is, the larger the batches.
package tasks
