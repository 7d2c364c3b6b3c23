// Package logrules makes metrics and events of log records: a rule is a query,
// or a pattern, and what becomes of the records that match.
//
// The path of a rule: it is declared as a document of the kind LogRule (rule.go),
// and one process, which holds a lock, asks the log store for the count of each
// rule that is due (worker.go), by the fields the rule names. A metric grows by
// the records since the round before; an event opens when the records within
// Window are more than Above, and is cleared when they are not. What is open and
// counted is stored with the rule, in the same transaction as the round, so a
// restart goes on where the last round ended.
//
// Before a rule is declared, Try says what it would have done (preview.go): it
// counts the records of each step once, sums the steps within the window, and
// tells nobody.
//
// A rule that cannot be evaluated says why (GET /api/v1/logs/rules) and holds up no
// other. Groups of a rule are bounded; those beyond are told. A record that comes
// later than Lag is missing in a metric.
package logrules
