// Package declare applies configuration written as YAML documents:
//
//	kind: Check
//	name: shop-http
//	spec:
//	  ...
//
// Modules register their Kinds; a Set reads, validates, diffs, applies, exports
// and deletes documents of all kinds the same way. Documents of one file are
// applied in the order of their kinds, each in a transaction of its own: a bad
// one is reported with its line and the path of each field at fault, and the
// rest goes on. A dry run does everything and rolls back. A set that keeps
// versions records, in the transaction of each change, what the document is from
// then on, who made it so and why (version.go).
package declare
