// Package hooks takes events from what others post: the notifications of
// Alertmanager, Grafana, Zabbix, Nagios and Icinga, CloudEvents, PagerDuty's
// Events API v2, Amazon SNS, mails, and any JSON, by a mapping that people write
// in CEL and try on what came last.
//
// The path of a delivery: POST /api/v1/hooks/NAME (http_hook.go) finds the
// EventSource document of the name, its format (format.go) decodes the body
// into signals, events.Take makes them durable, and only then the sender has
// its answer. What was posted is kept, the last twenty of each source
// (payload.go), with what became of it.
//
// A mail comes over SMTP (smtp.go), addressed to the name of its source, and is
// read into JSON (mail.go) that goes the same way: 250 is said once its events
// are durable. Mail for anybody else is refused, so nothing is relayed.
//
// A delivery that cannot be read is refused with the reason; of one with many
// events those that break a rule are named and the others taken.
package hooks
