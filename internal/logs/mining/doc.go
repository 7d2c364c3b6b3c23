// Package mining keeps what the patterns of log records did over time: which
// there are, how often each was written by which program, which are new and
// which vanished.
//
// The path of a record: Tap stands before the log store. What is written
// through it is mined on the way (logs/patterns), gets the id of its pattern as
// the field "pattern", and is counted by pattern, program and five minutes.
// Counts wait in memory and are added to SQL every Flush, and so is what the
// miner learned, so that ids outlive a restart; a kill loses the counts of one
// Flush, never a record.
//
// Mining never holds up the intake: a batch waits at most Wait for the batches
// before it. What is not mined then is stored without a pattern, and counted.
// Patterns that turn out to be one get one id; the lines of all are found by the
// query the API gives.
//
// Several processes on one database mine on their own and add to the same
// counts: ids are made of the text, so they agree on most.
package mining
