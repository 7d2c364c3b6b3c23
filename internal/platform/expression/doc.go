// Package expression evaluates CEL (cel.dev) for rules that people write:
// conditions, mappings, routes. A Language has named variables; its programs
// are compiled once, kept by their text, bounded in cost and can be
// interrupted. Conditions and mappings of all modules read alike: the same
// functions (strings, sets, lists, math, encoders, regex) are there for all.
package expression
