// Package patterns finds the templates that log messages were printed from:
// "Accepted publickey for alice from 10.1.2.3 port 5022" and the same line of
// bob are one pattern. It learns from the stream alone, over all sources with
// one configuration, and knows nothing of any program.
//
// The path of a message: it is cut into tokens in one pass (scan.go), where
// whatever is a value by its looks (numbers, addresses, paths, quoted texts,
// values of key=value, system errors, durations) becomes one wildcard and lists
// of values become one too. The hash of what remains is looked up in a memory of
// shapes: most messages end here. A shape that was never seen is compared with
// the templates of the same length (match.go); where none takes it, it becomes a
// pattern of its own. Words that are values by use and not by looks, such as
// names of users, are found from evidence: each place of a new shape is a hole,
// and a hole that enough different words fell into becomes a wildcard, and the
// patterns that differ there become one (hole.go). Verbs and function words are
// no evidence: "session opened" and "session closed" stay two.
//
// Promises: the same messages in the same order give the same patterns, ids and
// templates, on every machine. The id of a pattern is made of its first shape and
// stays when it grows; a pattern that was merged is found under its old id too.
// All memory is bounded: beyond MaxPatterns rare patterns that were not seen for
// long are forgotten, and counted. A Miner is not safe for concurrent use.
package patterns
