// Package spool is a write-ahead spool of byte records in front of something
// slower or less reliable: append is acknowledged once the record is in a file,
// and one consumer takes the records out in order.
//
// Promises:
//   - An acknowledged record survives kill -9, and power loss under SyncAlways.
//   - Concurrent appends share one write and one fsync (group commit); the
//     records of one Append stay together and in order.
//   - The consumer receives every record at least once, in the order of
//     acknowledgement, from its durable position on. Nothing is removed before
//     Commit has covered it.
//   - The spool never holds more than MaxBytes: a full one refuses (ErrFull) or
//     makes the sender wait, never drops.
//   - A torn tail, as left by a crash in the middle of a write, is cut off at
//     Open. Damage elsewhere costs the rest of that segment, and is counted.
//
// On disk: segment files named by a rising number, each a header followed by
// frames (length, CRC-32C, payload), and one small file with the position.
package spool
