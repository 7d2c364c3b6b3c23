// Package push takes logs over HTTP from the senders that the field uses, each
// in its own words: Loki's push API (Promtail, Alloy, Fluent Bit, Vector),
// Elasticsearch's bulk API (Filebeat, Logstash, Fluentd), Graylog's GELF, the
// HTTP Event Collector of Splunk, and systemd-journal-upload.
//
// The path of a record: a route reads and decompresses the body (body.go), its
// decoder makes entries of it (loki.go, bulk.go, gelf.go, hec.go, journal.go),
// record.go finds message, level, program, host and item among their fields
// under the names in use, and the sender has its answer once the records are in
// the store's spool. What cannot be read is refused with the reason; the rest
// of a batch is taken, where the protocol can say so.
package push
