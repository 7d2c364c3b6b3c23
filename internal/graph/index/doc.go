// Package index keeps the shape of the graph in memory: which items exist and
// which relations join them, so that questions about dependency and impact are
// answered in milliseconds.
//
// Items are numbered; relations lie in two compact adjacency arrays (by source
// and by target) with a small overlay of what changed since they were built.
// When the overlay grows, new arrays are built while readers go on.
//
// An Index is safe for concurrent use. Readers see every change of one Apply
// or none of it. It holds no names and no attributes and does no I/O: whoever
// owns it feeds it from the store.
package index
