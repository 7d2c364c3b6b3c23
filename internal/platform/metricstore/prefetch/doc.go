// Package prefetch lets several cores read the samples of one query.
//
// PromQL's engine evaluates a query on one core, and of a query over many
// series most of the time is the decoding of chunks. A Queryable of this
// package hands the engine the series of another one. When a selector matches
// many of them, helpers decode ahead what the engine has not come to: the
// engine goes through the series from the first one on, helpers from the last
// one back, block by block, until they meet. The engine never waits but for a
// block that a helper is just at. What a helper cannot give exactly as it was
// stored (histograms, start times, errors) the engine reads itself.
//
// How many help is bounded for all queries together, and so is the memory of
// what was read ahead for each; with no helper free a query runs as it would
// without this package.
package prefetch
