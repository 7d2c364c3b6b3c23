// Package push takes logs from the senders that the field uses, each in its
// own words. Over HTTP: Loki's push API (Promtail, Alloy, Fluent Bit, Vector),
// Elasticsearch's bulk API (Filebeat, Logstash, Fluentd), Graylog's GELF, the
// HTTP Event Collector of Splunk, and systemd-journal-upload. Over sockets of
// their own: GELF over UDP and TCP, and Fluent's forward protocol.
//
// The path of a record: a route reads and decompresses the body (body.go), its
// decoder makes entries of it (loki.go, bulk.go, gelf.go, hec.go, journal.go),
// or a listener does (gelf_udp.go, gelf_tcp.go, forward.go),
// record.go finds message, level, program, host and item among their fields
// under the names in use, and the sender has its answer once the records are in
// the store's spool. What cannot be read is refused with the reason; the rest
// of a batch is taken, where the protocol can say so.
//
// When the store takes nothing, a route answers so, a connection is not read
// and its sender waits, and of UDP what was read waits in a bounded queue; then
// the kernel drops what comes, which is read from the socket and counted.
package push
