package logs

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"mainstay/internal/platform/logstore"
)

// spans turns an export into rows: one a span, at the time it began.
func (c *Component) spans(ctx context.Context, request *collectorpb.ExportTraceServiceRequest, e encoding) []logstore.Record {
	var out []logstore.Record
	for _, resource := range request.GetResourceSpans() {
		from := c.source(ctx, resource.GetResource().GetAttributes())
		for _, scope := range resource.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				out = append(out, from.span(scope.GetScope().GetName(), s, e))
			}
		}
	}
	return out
}

// event is a span's event or link as it is stored.
type event struct {
	Time       string            `json:"time,omitempty"`
	Name       string            `json:"name,omitempty"`
	Trace      string            `json:"trace,omitempty"`
	Span       string            `json:"span,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

func (s source) span(scope string, span *tracepb.Span, e encoding) logstore.Record {
	out := logstore.Record{Time: moment(span.GetStartTimeUnixNano()), Message: span.GetName(), Item: s.item, App: s.app, Host: s.host}
	add := func(name, value string) {
		if value != "" {
			out.Fields = append(out.Fields, logstore.Field{Name: name, Value: value})
		}
	}
	add("trace_id", identifier(span.GetTraceId(), e))
	add("span_id", identifier(span.GetSpanId(), e))
	add("parent_span_id", identifier(span.GetParentSpanId(), e))
	add("kind", strings.ToLower(strings.TrimPrefix(span.GetKind().String(), "SPAN_KIND_")))
	if end, begin := span.GetEndTimeUnixNano(), span.GetStartTimeUnixNano(); end >= begin {
		add("duration_ns", strconv.FormatUint(end-begin, 10))
	}
	add("status", strings.ToLower(strings.TrimPrefix(span.GetStatus().GetCode().String(), "STATUS_CODE_")))
	add("status_message", span.GetStatus().GetMessage())
	if span.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR {
		out.Level = "error"
	}
	add("scope", scope)
	var events, links []event
	for _, ev := range span.GetEvents() {
		events = append(events, event{Time: moment(ev.GetTimeUnixNano()).Format("2006-01-02T15:04:05.999999999Z"), Name: ev.GetName(), Attributes: texts(ev.GetAttributes())})
	}
	for _, l := range span.GetLinks() {
		links = append(links, event{Trace: identifier(l.GetTraceId(), e), Span: identifier(l.GetSpanId(), e), Attributes: texts(l.GetAttributes())})
	}
	add("events", list(events))
	add("links", list(links))
	for _, kv := range span.GetAttributes() {
		add(kv.GetKey(), text(kv.GetValue()))
	}
	out.Fields = append(out.Fields, s.fields...)
	return out
}

func list(events []event) string {
	if len(events) == 0 {
		return ""
	}
	out, err := json.Marshal(events)
	if err != nil {
		return ""
	}
	return string(out)
}
