// Package mail sends mail through one SMTP server. A message is queued as a
// durable task in the transaction that wants it sent, so it is sent when, and
// only if, that commits; what the server refuses for good is not tried again.
// A message may be sent twice when the process ends between the server's
// acceptance and the note of it; its Message-ID is the same then.
package mail
