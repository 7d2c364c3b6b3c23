// Package traps receives SNMP notifications, versions 1, 2c and 3, traps and
// informs, and makes events of them.
//
// The path of a notification: the socket is read into a bounded queue
// (listen.go), the message is decoded and, in version 3, proven to be of a
// configured user (decode.go), its identifiers get names (names.go, and of the
// MIB files in force modules.go, package mib), the first
// rule that fits says what it means (rule.go), and an event with its sender's
// item goes to the events module and a record to the log store (deliver.go).
// An inform is acknowledged when its event is durable; a sender that hears
// nothing sends it again.
//
// Rules are documents of the kind TrapRule, tried in the order of their names;
// behind them are those for the notifications that SNMP itself defines, and a
// last one for everything else.
package traps
