// Package mailbox fetches mails over IMAP and has each become events, as the
// mails that the SMTP listener takes do.
//
// The path of a mail: one process leads, and for each document of the kind
// Mailbox it is connected to the server (session.go, RFC 9051) and looks for
// messages behind the last one that is done. Each is fetched without being
// marked, handed to the event source that the document names, and when its
// events are durable its number is written down (store.go); then it is marked
// as seen or moved. With nothing left to fetch the server is asked to tell of
// new mail (IDLE, RFC 2177), or, where it cannot, looked at again after a while.
//
// A message is known by its UID and the UIDVALIDITY of its folder, which are
// kept: it becomes events once, and only when the process is killed between its
// events and its number twice. A mail that can be no event is counted as refused, with the
// reason, and left as it is; one that cannot be taken at the moment is waited
// for, so that none behind it overtakes it.
package mailbox
