// Package querycache remembers the answers of range queries, so that a window
// that slides is evaluated in its new part alone.
//
// A Journal is told the oldest time that each commit to the store touched. An
// answer carries the journal's number from before it was evaluated; asked
// again, its points before the oldest time touched since are as good as new,
// and the others are evaluated again. There is no guess about how late samples
// come and no age after which an answer is believed: a query that begins after
// an append has returned sees its samples.
//
// Two questions share an answer when their expression, step and phase (start
// modulo step) agree. Expressions whose value at a time depends on more than
// the samples up to that time are not remembered; see Cacheable. Equal queries
// at the same moment wait for the first and take its answer. Memory is bounded:
// what was used longest ago goes first. Answers that are handed out share their
// points with the cache and must not be changed.
package querycache
