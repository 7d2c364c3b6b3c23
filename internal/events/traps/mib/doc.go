// Package mib reads MIB modules, as vendors write them, and tells what the
// identifiers of SNMP are called and how their values read.
//
// Compile takes files and returns a Set and what is wrong with the files, each
// problem with its file and line. It reads SMIv1 (RFC 1155, RFC 1212, RFC 1215)
// and SMIv2 (RFC 2578 to 2580) together, and no more of them than is needed:
// object identifiers, the types of objects, textual conventions, notifications
// and traps. What it cannot read costs the definition it is in and no other. What
// SNMP itself defines is known without its modules (standard.go), because
// vendors' files import it.
//
// It knows neither SQL nor the network. A Set does not change: it may be used
// by many at once.
package mib
