// Package engine is the VictoriaLogs engine as a process of its own: the body
// of `mainstay logstore`. It is the only package that imports VictoriaMetrics.
//
// That code owns the process's global flag set, keeps its storage in package
// variables and ends the process on damage it cannot handle; so Run may be
// called once, in a child process, and never by tests or a server in theirs.
package engine
