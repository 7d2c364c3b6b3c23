// Package searches keeps searches of logs that people want to find again: their
// own, those of a team, and those for everybody.
//
// The path of a search: the console, or a document of the kind SavedSearch, hands
// over a Spec (search.go); store.go keeps it in its own space of names, that of a
// person or the shared one; http_search.go lists what the caller may see.
//
// A person's own search is seen and changed by nobody else. A shared one is seen
// by its team (log-searches:read) and changed by who may write for the team
// (log-searches:write), and what happens to it is in the ledger. A search is only
// a question: what it finds is decided by what its reader may see.
package searches
