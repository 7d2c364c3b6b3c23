// Package roster answers who is on call when. It is pure: no SQL, no HTTP, no
// clock; the same rota and overrides always give the same schedule.
//
// A rota has layers. Each layer hands duty from one person to the next, by a
// length (every: 1w) or by a rule of RFC 5545, on the clock of the rota's time
// zone, and counts only within its hours, if it has any. A later layer goes
// before an earlier one where both have somebody, and overrides go before all
// layers, the one made last before the others. Where nobody is left is a gap.
//
// Local times that the clocks skip or show twice are read as RFC 5545, 3.3.5
// says: a skipped one by the offset before the change, a doubled one as the
// first of both.
package roster
