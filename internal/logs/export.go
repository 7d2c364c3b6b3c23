package logs

import (
	"context"

	logscollector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	tracecollector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
)

// ExportLogs takes log records that came over another way than HTTP.
func (c *Component) ExportLogs(ctx context.Context, request *logscollector.ExportLogsServiceRequest) (*logscollector.ExportLogsServiceResponse, error) {
	return c.exportLogs(ctx, request, protobuf)
}

func (c *Component) exportLogs(ctx context.Context, request *logscollector.ExportLogsServiceRequest, e encoding) (*logscollector.ExportLogsServiceResponse, error) {
	refused, err := c.write(ctx, c.deps.Logs, c.records(ctx, request, e))
	response := &logscollector.ExportLogsServiceResponse{}
	if refused > 0 {
		response.PartialSuccess = &logscollector.ExportLogsPartialSuccess{RejectedLogRecords: int64(refused), ErrorMessage: outOfRange(refused)}
	}
	return response, err
}

// ExportSpans takes spans that came over another way than HTTP.
func (c *Component) ExportSpans(ctx context.Context, request *tracecollector.ExportTraceServiceRequest) (*tracecollector.ExportTraceServiceResponse, error) {
	return c.exportSpans(ctx, request, protobuf)
}

func (c *Component) exportSpans(ctx context.Context, request *tracecollector.ExportTraceServiceRequest, e encoding) (*tracecollector.ExportTraceServiceResponse, error) {
	refused, err := c.write(ctx, c.deps.Traces, c.spans(ctx, request, e))
	response := &tracecollector.ExportTraceServiceResponse{}
	if refused > 0 {
		response.PartialSuccess = &tracecollector.ExportTracePartialSuccess{RejectedSpans: int64(refused), ErrorMessage: outOfRange(refused)}
	}
	return response, err
}
