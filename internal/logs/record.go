package logs

import (
	"context"
	"strings"
	"time"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"

	"mainstay/internal/platform/logstore"
)

// source is what all records of a resource have in common.
type source struct {
	item, app, host string
	fields          []logstore.Field
}

func (c *Component) source(ctx context.Context, attributes []*commonpb.KeyValue) source {
	all := texts(attributes)
	s := source{item: c.itemOf(ctx, all), app: all["service.name"], host: all["host.name"]}
	for _, kv := range attributes {
		switch name := kv.GetKey(); name {
		case "service.name", "host.name", itemAttribute:
		default:
			s.fields = append(s.fields, logstore.Field{Name: "resource." + name, Value: all[name]})
		}
	}
	return s
}

// records turns an export into rows.
func (c *Component) records(ctx context.Context, request *collectorpb.ExportLogsServiceRequest, e encoding) []logstore.Record {
	var out []logstore.Record
	for _, resource := range request.GetResourceLogs() {
		from := c.source(ctx, resource.GetResource().GetAttributes())
		for _, scope := range resource.GetScopeLogs() {
			for _, r := range scope.GetLogRecords() {
				out = append(out, from.record(scope.GetScope().GetName(), r, e))
			}
		}
	}
	return out
}

func (s source) record(scope string, r *logspb.LogRecord, e encoding) logstore.Record {
	out := logstore.Record{Time: moment(r.GetTimeUnixNano()), Message: text(r.GetBody()), Item: s.item, App: s.app, Host: s.host, Level: level(r)}
	if out.Time.IsZero() {
		out.Time = moment(r.GetObservedTimeUnixNano())
	}
	add := func(name, value string) {
		if value != "" {
			out.Fields = append(out.Fields, logstore.Field{Name: name, Value: value})
		}
	}
	add("trace_id", identifier(r.GetTraceId(), e))
	add("span_id", identifier(r.GetSpanId(), e))
	add("event", r.GetEventName())
	add("scope", scope)
	for _, kv := range r.GetAttributes() {
		add(kv.GetKey(), text(kv.GetValue()))
	}
	out.Fields = append(out.Fields, s.fields...)
	return out
}

// moment is the zero time for 0.
func moment(nanos uint64) time.Time {
	if nanos == 0 || nanos > 1<<63-1 {
		return time.Time{}
	}
	return time.Unix(0, int64(nanos)).UTC()
}

// level is the severity in words: the sender's, in lower case, or that of the
// number (OpenTelemetry logs data model, field SeverityNumber).
func level(r *logspb.LogRecord) string {
	if t := strings.ToLower(strings.TrimSpace(r.GetSeverityText())); t != "" {
		return t
	}
	switch n := r.GetSeverityNumber(); {
	case n <= 0:
		return ""
	case n <= 4:
		return "trace"
	case n <= 8:
		return "debug"
	case n <= 12:
		return "info"
	case n <= 16:
		return "warn"
	case n <= 20:
		return "error"
	}
	return "fatal"
}
