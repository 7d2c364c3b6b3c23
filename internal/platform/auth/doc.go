// Package auth says who is calling and what they may do.
//
// A Principal travels in the context of a request or of internal work. It holds
// grants: a role, everywhere or for one team. A role is data: a set of
// permissions "resource:verb", in which either side may be "*". Whatever no
// grant allows is refused.
//
// The verbs are read (see), write (create, change, delete), act (acknowledge,
// run, approve: work on what is there) and admin (decide who may do what, touch
// secrets or the installation itself). None implies another.
package auth
