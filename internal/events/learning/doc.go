// Package learning counts which things come together more often than chance
// alone would bring them, and which words of titles are rare. It is pure: no
// SQL, no HTTP, time is an argument.
//
// A Book counts cases: a thing has one each time it begins after it was quiet
// for the window. Two things have a case in common when both begin within the
// window. From these, Strength says how large the share of common cases is at
// least (the lower bound of Wilson's interval), how large chance would make it,
// and so whether the one is evidence for the other. People's decisions count
// too, and more.
//
// Counts halve with time, so that what no longer holds is forgotten. Memory is
// bounded: of things, of the partners of a thing, and of how many things that
// begin together are paired at all; what falls out has its count lost, which
// makes a claim weaker and never stronger.
//
// A Book is not safe for concurrent use.
package learning
