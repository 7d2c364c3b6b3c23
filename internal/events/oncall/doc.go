// Package oncall brings a situation to the person who can mend it: rotas say
// who has duty, policies who is told in which order, people how they want to be
// told, channels carry it, and every try is kept as proof.
//
// The path of one page:
//
//  1. A ledger entry events.situation.* arrives (engine.go). The first policy
//     whose selector fits the situation starts one page; a situation has one.
//  2. A timer (a durable task) carries out a step of the policy (escalate.go):
//     rotas, teams and names become people, and the next step's timer is set.
//  3. Each person's rules say when which channel is used (notify.go): timers
//     again. In quiet hours low urgency waits for the morning; what is batched,
//     or too much at once, is gathered and told together.
//  4. A delivery is written and sent (deliver.go) by package channel, tried
//     again with backoff, and each try and its answer is kept.
//  5. Acknowledging, by console or link (link.go), stops all timers, for they do
//     nothing once the page's state or generation moved on. When the situation
//     closes, those who were told are told that it is over.
//
// Promises: what happened, its ledger entry and the timers of what follows
// commit together, so after a crash each step happens once; a message is sent at
// least once, under one id that the other side may know it by. A page whose
// steps found nobody says so in the ledger. What a person does to a page needs
// oncall:act, links included: a link acts as the person it was sent to.
package oncall
