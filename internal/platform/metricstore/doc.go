// Package metricstore keeps time series: the Prometheus engine in process, or
// another server that takes remote write and answers the Prometheus query API.
//
// The path of one sample: Append, or a receiver (remote write, OTLP, and what
// appends to Appendable: scraping, line protocols), asks the free-space guard;
// a series that is new is bound to its item and has to be admitted (newcomers);
// the sample goes to the engine, which logs it before it is acknowledged, so an
// acknowledged sample survives kill -9. Query and Handler read it back through PromQL. Every series of an item carries the
// label "item" with the item's id.
//
// The path of one query: the asker (engine.go) plans which steps are answered
// from samples and which from rollups (plan.go, subpackage rollup), and has the
// query cache (subpackage querycache) keep what range queries gave. Commits
// tell both which times they touched (database.go), so that neither is ever
// older than the samples. API, federation and the rest of Mainstay ask there.
//
// Promises: a Store is safe for concurrent use. A full disk never reaches the
// engine: ingestion stops at the configured free space with
// core.CodeUnavailable and resumes by itself; queries go on. Blocks the engine
// silently skips are reported. One bad sample never costs its batch. A label
// that explodes is stopped at the budget of its source and told by name; series
// that are known go on.
package metricstore
