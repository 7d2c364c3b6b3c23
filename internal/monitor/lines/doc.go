// Package lines receives metrics that are written as lines of text: the line
// protocol of InfluxDB over HTTP, and StatsD over UDP and TCP. Telegraf and
// many applications have no other exit.
//
// The path of one line: it is read by a library (a line that cannot be read
// costs itself alone, is counted, and over HTTP told to the sender), becomes
// samples under names that PromQL takes (names.go), and is appended to the
// metric store, which binds the series to the item that its labels host or
// host_name name. StatsD sends changes: they are added up in memory and stored
// every Flush (statsd.go).
//
// Promises: what is kept in memory is bounded, series beyond it are refused and
// counted. No reader of lines panics or loops on what it is sent.
package lines
