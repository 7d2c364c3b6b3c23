// Package core is the vocabulary every part of Mainstay shares: identifiers,
// severities, events, references, coded errors and the clock.
//
// It imports the standard library alone, holds no state and does no I/O, so
// any package may import it.
package core
