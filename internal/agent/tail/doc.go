// Package tail follows log files and systemd's journal on a managed host, and
// hands what they say to the server.
//
// # The path of one line
//
// A source looks for files (files.go) and reads each from where it stopped
// (file.go); lines are found in the file's encoding and joined to records
// (split.go); a batch of records is delivered (source.go), and only then is
// written down how far it came (position.go). The journal's place is its
// cursor (journal.go).
//
// # Invariants
//
//   - At least once: what was delivered is written down after the server said that
//     it is durable. After kill -9, of the agent or the server, the last batch of a
//     source may come twice, no more.
//   - The files are the buffer: without a connection, or while the server takes
//     nothing, they are not read. Nothing is held but one batch of each source.
//   - A file is known by its inode and by how it begins, not by its name: one that
//     is renamed is read to its end and not again, one that is cut off begins anew,
//     one that was copied away goes on where the original was.
//   - Nothing is read that the permit refuses, symbolic links resolved.
//
// # What can be lost
//
// What is written to a file and removed, or cut off, before it is read: a
// rotation that deletes or truncates while the agent is away or behind.
package tail
