// Package reports works out what alerts and situations cost a team: how long
// people take, who talks too much, what nobody ever acts on, and which rule
// would have spared it. It is pure: the rows come from its caller.
//
// Words: an alert is acted on when a person acknowledged or assigned it, or acknowledged or confirmed the cause of its situation. It is short when
// it cleared within five minutes and nobody acted on it. Time to acknowledge is
// from a situation's opening to the acknowledgement, time to resolve to its
// end, time to the root cause to the moment since which the cause that it ended
// with was shown: zero when it was shown from the beginning.
package reports
