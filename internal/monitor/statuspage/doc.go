// Package statuspage tells people outside how things are: pages with
// components, incidents with updates that people post, planned maintenance, 90
// days of history, feeds and mail.
//
// The path of a page: it is declared (StatusPage); refresh (refresh.go) reads
// states, history and incidents and renders every page into memory (render.go,
// html.go, feed.go); requests for it are answered from there, before anything
// else of the server is asked: no store, no session. So it is served while the
// rest is busy or away, with the time at which it was true.
//
// Invariants: a page shows names that were declared for it and no others; what
// people post is shown as text; nobody gets mail who did not confirm the
// address; posting, its ledger entry and the mail it causes commit together.
package statuspage
