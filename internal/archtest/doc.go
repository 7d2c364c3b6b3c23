// Package archtest holds the rules of the house as tests: who may import whom,
// what every package must have, and what none may contain.
package archtest
