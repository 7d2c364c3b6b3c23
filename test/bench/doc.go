// Package bench measures the built program from outside: how fast it starts,
// what it occupies, and how long an event takes to become an incident. The
// packages' own benchmarks measure the parts; scripts/bench runs them all and
// prints one table.
package bench
