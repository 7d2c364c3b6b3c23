// Package syslog receives syslog over UDP, TCP, TLS and RELP, as standards have
// it and as devices really send it.
//
// The path of a message: a reader takes what the socket holds (udp.go, tcp.go)
// and finds where each message ends (frame.go, relp_frame.go); Parser takes each apart
// (parse.go and its neighbours), which never fails: what cannot be told stays
// in the text. Each becomes a record with the item of its sender (record.go),
// and a batch is written to the log store's spool, where it survives kill -9.
//
// What happens when the store does not take it:
//   - TCP, TLS and RELP: the connection is not read until it does, and the sender waits.
//   - UDP: what was read waits in a bounded queue; then the socket is not read,
//     the kernel drops what comes, and the drops are read from the socket and
//     counted as lost.
//
// TCP has no acknowledgement by the receiver: what the kernel has taken and
// this process has not read is lost with the process. Stop tells senders that
// it closes and reads what is still there. RELP has one (relp.go): a message is
// answered when it is durable, and what is not answered the sender sends again,
// so that nothing is lost and what was being answered may come twice.
package syslog
