// Package dashboard keeps dashboards: declarative documents of panels whose
// targets are PromQL with variables.
//
// The path of one panel: its spec is checked when it is declared (each
// expression parses with some value of each variable); the console puts the
// values of the variables into it and asks the metric store itself. What no
// person wrote is made on request: Generate builds the dashboard of an item
// from the layouts of its class (layouts.yaml, the one place that knows
// metrics' names) and from what is measured of it. Convert makes documents of
// dashboards in Grafana's format and tells what it left out.
//
// A document, its ledger entry and its version commit together. Favourites
// belong to a person and are no part of the document.
package dashboard
