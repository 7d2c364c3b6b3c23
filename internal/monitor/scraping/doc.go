// Package scraping fetches metrics from targets as Prometheus does: each Scrape
// document is a scrape configuration in Prometheus' own words, with its service
// discovery and relabelling.
//
// The path of one sample: a document is read, its secrets are revealed and the
// installation's limits filled in (Spec.config); discovery finds targets; the
// scrape loops fetch each of them and append to the metric store, which binds
// the series to the item that its labels name.
//
// Invariants: one process of all that share the store scrapes. A target that
// hangs ends at its timeout, one that answers too much at the limits of its
// document: both are down, with the reason beside them. Every connection to a
// target, also after a redirect, passes the guard of outgoing addresses. A
// document that cannot be loaded costs no other.
package scraping
