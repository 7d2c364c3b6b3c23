// Package propagation derives how things stand from how the things they need
// stand. It holds a graph in memory and nothing else: no store, no clock.
//
// Each item has a state of its own, and needs: a plain one, a group of which n
// of m must work, or a weighted one, of which a share must work. An item is as
// bad as the worst of its own state and of its needs; testdata/propagation.txt
// has the rules in cases.
//
// Cost: an item keeps for each need how many of its members are in each state,
// so a change of one member is a few additions, and is followed upwards only as
// far as states change. When something recovers, the items above it that are not
// well are taken to be well and judged again from below: so things that need each
// other in a circle recover together.
package propagation
