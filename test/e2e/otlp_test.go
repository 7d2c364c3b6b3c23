package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otellog "go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"mainstay/test/harness"
)

// TestOpenTelemetrySDK has OpenTelemetry's own exporters deliver a trace, a
// metric and a log record of one order, and reads them back.
func TestOpenTelemetrySDK(t *testing.T) {
	t.Parallel()
	s := harness.New(t)
	s.Start()
	ctx, header := t.Context(), map[string]string{"Authorization": "Bearer " + s.Token}
	app := resource.NewSchemaless(attribute.String("service.name", "shop"), attribute.String("host.name", "web1"))

	spans, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(s.URL+"/v1/traces"), otlptracehttp.WithHeaders(header))
	must(t, err)
	tracers := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(app))
	ctx, order := tracers.Tracer("shop").Start(ctx, "order", trace.WithSpanKind(trace.SpanKindServer))
	_, pay := tracers.Tracer("shop").Start(ctx, "pay")
	pay.SetStatus(codes.Error, "card refused")
	pay.AddEvent("asked the bank", trace.WithAttributes(attribute.Int("attempt", 2)))
	pay.End()
	order.End()
	must(t, tracers.Shutdown(ctx))

	numbers, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpointURL(s.URL+"/v1/metrics"), otlpmetrichttp.WithHeaders(header), otlpmetrichttp.WithCompression(otlpmetrichttp.GzipCompression))
	must(t, err)
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(numbers)), sdkmetric.WithResource(app))
	orders, err := meters.Meter("shop").Int64Counter("shop.orders", metric.WithUnit("{order}"))
	must(t, err)
	orders.Add(ctx, 7, metric.WithAttributes(attribute.String("country", "de")))
	took, err := meters.Meter("shop").Float64Histogram("shop.order.duration", metric.WithUnit("s"))
	must(t, err)
	took.Record(ctx, 0.3)
	must(t, meters.Shutdown(ctx))

	records, err := otlploghttp.New(ctx, otlploghttp.WithEndpointURL(s.URL+"/v1/logs"), otlploghttp.WithHeaders(header))
	must(t, err)
	loggers := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(records)), sdklog.WithResource(app))
	var record otellog.Record
	record.SetTimestamp(time.Now())
	record.SetSeverity(otellog.SeverityError)
	record.SetBody(attribute.StringValue("the card was refused"))
	record.AddAttributes(attribute.String("order_id", "4711"))
	loggers.Logger("shop").Emit(ctx, record)
	must(t, loggers.Shutdown(ctx))

	id := order.SpanContext().TraceID().String()
	found := rows(t, s, "traces", "trace_id:"+id, 2)
	for _, row := range found {
		switch row["_msg"] {
		case "order":
			wants(t, row, map[string]string{"app": "shop", "host": "web1", "kind": "server", "span_id": order.SpanContext().SpanID().String(), "parent_span_id": ""})
		case "pay":
			wants(t, row, map[string]string{"status": "error", "status_message": "card refused", "level": "error", "parent_span_id": order.SpanContext().SpanID().String()})
		default:
			t.Errorf("a span %v", row)
		}
	}
	wants(t, rows(t, s, "logs", "order_id:4711", 1)[0], map[string]string{"_msg": "the card was refused", "app": "shop", "level": "error", "trace_id": id})
	for query, want := range map[string]string{`shop_orders_total{country="de"}`: "7", `shop_order_duration_seconds_count`: "1"} {
		if got := instant(t, s, query); got != want {
			t.Errorf("%s is %q, not %s", query, got, want)
		}
	}

	// A client that may not write hears it, and a bad body is its own fault.
	refused, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(s.URL+"/v1/traces"), otlptracehttp.WithRetry(otlptracehttp.RetryConfig{}))
	must(t, err)
	if err := refused.ExportSpans(ctx, []sdktrace.ReadOnlySpan{order.(sdktrace.ReadOnlySpan)}); err == nil {
		t.Error("a client without a token may write")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rows asks until the engine shows n records.
func rows(t *testing.T, s *harness.Server, dataset, query string, n int) []map[string]string {
	t.Helper()
	var page struct{ Items []map[string]string }
	s.Eventually(30*time.Second, fmt.Sprintf("%d rows of %s", n, query), func() error {
		if err := s.Call("GET", "/api/v1/logs/query?dataset="+dataset+"&query="+url.QueryEscape(query), nil, &page); err != nil {
			return err
		}
		if len(page.Items) != n {
			return fmt.Errorf("%d rows", len(page.Items))
		}
		return nil
	})
	return page.Items
}

func wants(t *testing.T, row, want map[string]string) {
	t.Helper()
	for field, value := range want {
		if row[field] != value {
			t.Errorf("%s: %s is %q, not %q", row["_msg"], field, row[field], value)
		}
	}
}

// instant is the value of the one series that a query gives.
func instant(t *testing.T, s *harness.Server, query string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), "GET", s.URL+"/prometheus/api/v1/query?query="+url.QueryEscape(query), nil)
	must(t, err)
	request.Header.Set("Authorization", "Bearer "+s.Token)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer response.Body.Close()
	var answer struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	must(t, json.NewDecoder(response.Body).Decode(&answer))
	if len(answer.Data.Result) != 1 {
		return fmt.Sprintf("%d series", len(answer.Data.Result))
	}
	return fmt.Sprint(answer.Data.Result[0].Value[1])
}
