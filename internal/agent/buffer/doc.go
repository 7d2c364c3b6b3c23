// Package buffer is the agent's queue of measured records: bounded, on disk, in
// order, kept until the server says it has taken them over.
//
// # Invariants
//
//   - An appended record survives the end of the process, however it ends; a
//     power cut may lose what was appended since the segment was last full.
//   - Records are handed out in the order of their sequence numbers. A record may
//     be handed out again after a crash, never skipped.
//   - When the queue is full the oldest segment goes, and the records lost with it
//     are counted.
//   - A damaged segment costs its records from the damage on, which are counted;
//     the others remain.
//
// A Queue is safe for concurrent use.
package buffer
