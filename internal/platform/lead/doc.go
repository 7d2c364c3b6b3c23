// Package lead has one process of all that share the store do a work.
//
// Every process asks for a lock of the store every two seconds; the one that
// has it begins a term: what the work needs is loaded, then it runs until it is
// stopped or the lock is lost. In a term the store is asked every two seconds
// whether the lock is still held. A store that does not answer within two more
// seconds counts as lost, and the store itself keeps a lock that nobody asks
// for, as of a process that was cut off, for ten seconds: the work's context
// ends well before another process may begin. The lock of a process that was
// killed is free at once.
//
// Two exceptions, which no lock can rule out: a process that is suspended as a
// whole learns of its loss when it wakes, and a session that an administrator
// of PostgreSQL ends by hand is missed up to two seconds later. What must not be
// done twice even then is done in a transaction.
package lead
