// Package routing sends notifications of alerts the way Alertmanager does: a
// tree of routes finds the receivers of an alert, alerts of one route with the
// same values of the group_by labels are one group, and a group is told of
// after group_wait, when it changes after each group_interval, and when it does
// not after repeat_interval.
//
// The path of one alert:
//
//  1. Put (router.go) takes it as it is now and finds its routes (plan.go).
//  2. It joins a group of each (group.go); the clock says when the group is due.
//  3. flush (flush.go) takes what the group holds, leaves out what is inhibited,
//     silenced or in maintenance, and the whole while the route is muted (times.go).
//  4. For each integration of the receiver, the notification log says whether
//     this is news (store.go); it is claimed, sent and retried (deliver.go), and logged.
//  5. What is resolved and told of leaves the group; an empty group is gone.
//
// State: alerts are the module's; the log is in SQL, written after a delivery
// and before the next one. A process that is killed between a delivery and its
// entry delivers again, so receivers hear at least once; what was due when it
// was killed is due when it starts, because groups are made anew from the
// alerts, those that cleared meanwhile included. Processes on one database claim
// a notification before they send it: one of them does.
//
// Promises: Put does not wait for receivers; a receiver that fails keeps no
// other waiting; the number of groups is bounded and what exceeds it counted.
package routing
