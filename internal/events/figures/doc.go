// Package figures reads from the metric store what root causes are judged by:
// for each item the latencies, failures, traffic and resources that are
// measured of it, in a day of normal operation, just before an onset, and since.
//
// Series are found by their label item, and by the names that checks, agents,
// node_exporter and OpenTelemetry give them: query.go has the list. It reads a
// bounded number of items and series in a bounded number of queries, keeps
// nothing, and is safe for concurrent use.
package figures
