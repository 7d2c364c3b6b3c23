// Package rules gives Prometheus' rule files their meaning: it reads and writes
// them, and evaluates alerting and recording rules the way Prometheus does.
//
// It knows neither SQL nor HTTP and keeps nothing: a caller holds the state of
// a rule and gets the next one. The path of one evaluation: Rule.Look asks for
// the expression's series and turns them into alerts (or, of a recording rule,
// samples); Step compares them with the alerts before and says what counts;
// Samples are the series in which Prometheus tells its alerts; Stale ends those
// that are not there any more. Replay does the same over history.
//
// The rules of one group are evaluated in order at one moment, each seeing what
// those before it have written.
package rules
