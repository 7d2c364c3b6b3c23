package otlpgrpc

import (
	"context"
	"strings"
	"testing"
	"time"

	logscollector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	tracecollector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/metricstore"
)

// shelf keeps what the logs and traces services hand on.
type shelf struct {
	logs  int
	spans int
}

func (s *shelf) ExportLogs(_ context.Context, r *logscollector.ExportLogsServiceRequest) (*logscollector.ExportLogsServiceResponse, error) {
	s.logs += len(r.GetResourceLogs())
	return &logscollector.ExportLogsServiceResponse{PartialSuccess: &logscollector.ExportLogsPartialSuccess{RejectedLogRecords: 1}}, nil
}

func (s *shelf) ExportSpans(context.Context, *tracecollector.ExportTraceServiceRequest) (*tracecollector.ExportTraceServiceResponse, error) {
	s.spans++
	return nil, core.Errorf(core.CodeUnavailable, "the disk is nearly full")
}

func principal(_ context.Context, token string) (*auth.Principal, error) {
	switch token {
	case "all":
		return auth.System("test"), nil
	case "none":
		return auth.NewPrincipal("token", "t", "t", nil), nil
	}
	return nil, core.Errorf(core.CodeUnauthenticated, "the API token is wrong, expired or revoked")
}

func start(t *testing.T, metrics metricstore.Store, logs Logs) *grpc.ClientConn {
	t.Helper()
	cfg := Defaults()
	cfg.Listen = "127.0.0.1:0"
	c, err := New(cfg, Dependencies{Authenticate: principal, Logs: logs,
		Metrics: func(ctx context.Context, md pmetric.Metrics) (int64, string, error) {
			partial, err := metrics.OTLP(ctx, md)
			return partial.Rejected, partial.Reason, err
		}})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop(context.Background()) })
	conn, err := grpc.NewClient(c.Address(), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.UseCompressor("gzip")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func as(token string) context.Context {
	return metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+token)
}

func TestMetricsLogsAndTracesAreReceived(t *testing.T) {
	t.Parallel()
	store := metricstore.Defaults()
	store.Directory, store.MinFree = t.TempDir(), 1
	metrics, err := metricstore.Open(store, metricstore.Dependencies{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = metrics.Close() })
	s := &shelf{}
	conn := start(t, metrics, s)

	now := time.Now()
	md := pmetric.NewMetrics()
	list := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics()
	good := list.AppendEmpty()
	good.SetName("fine")
	p := good.SetEmptyGauge().DataPoints().AppendEmpty()
	p.SetTimestamp(pcommon.NewTimestampFromTime(now))
	p.SetDoubleValue(7)
	bad := list.AppendEmpty()
	bad.SetName("untold")
	bad.SetEmptySum().DataPoints().AppendEmpty()
	client := pmetricotlp.NewGRPCClient(conn)
	got, err := client.Export(as("all"), pmetricotlp.NewExportRequestFromMetrics(md))
	if err != nil || got.PartialSuccess().RejectedDataPoints() != 1 || !strings.Contains(got.PartialSuccess().ErrorMessage(), "untold") {
		t.Fatalf("%v %v", got.PartialSuccess().ErrorMessage(), err)
	}
	res, err := metrics.Query(context.Background(), "fine", now)
	if err != nil || len(res.Series) != 1 || res.Series[0].Points[0].F != 7 {
		t.Fatalf("%+v %v", res, err)
	}

	logs, err := logscollector.NewLogsServiceClient(conn).Export(as("all"), &logscollector.ExportLogsServiceRequest{ResourceLogs: []*logspb.ResourceLogs{{}}})
	if err != nil || s.logs != 1 || logs.GetPartialSuccess().GetRejectedLogRecords() != 1 {
		t.Errorf("%v %v", logs, err)
	}
	if _, err := tracecollector.NewTraceServiceClient(conn).Export(as("all"), &tracecollector.ExportTraceServiceRequest{}); status.Code(err) != codes.Unavailable {
		t.Errorf("%v", err)
	}
	for token, want := range map[string]codes.Code{"none": codes.PermissionDenied, "wrong": codes.Unauthenticated, "": codes.Unauthenticated} {
		if _, err := client.Export(as(token), pmetricotlp.NewExportRequest()); status.Code(err) != want {
			t.Errorf("%q: %v", token, err)
		}
	}
	large := pmetric.NewMetrics()
	m := large.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName(strings.Repeat("x", 40<<20))
	if _, err := client.Export(as("all"), pmetricotlp.NewExportRequestFromMetrics(large)); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("40 MB: %v", err)
	}
}

func TestConfigurationNamesItsFaults(t *testing.T) {
	t.Parallel()
	c := Defaults()
	c.Listen, c.Key = "nowhere", "k"
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "listen") || !strings.Contains(err.Error(), "key") {
		t.Errorf("%v", err)
	}
}
