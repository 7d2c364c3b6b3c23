// Package availability says how available items and business services were.
//
// The path of a fact: a check changes its hard state, and the ledger tells
// (monitor.check.changed); the consumer (follow.go) keeps the latest state of
// each check and, from the worst of them, the intervals of the item; for what
// depends on the item and is tracked, a state is derived from the graph
// (derive.go) and kept as intervals of its own. Maintenance and incidents come
// from the ledger as well. A report (report.go) reads intervals and counts
// them by the rules of package figures.
//
// What the ledger cannot tell, because nothing changed, is made up for by
// settle (settle.go): checks that are well from the beginning, checks that are
// no more, services that are new.
//
// Invariants: intervals of an item do not overlap; effects of an entry commit
// with the consumer's cursor, so each has its effect once; all tables but that
// of the targets can be rebuilt from the ledger (rebuild.go).
package availability
