package otlpgrpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	logscollector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	tracecollector "go.opentelemetry.io/proto/otlp/collector/trace/v1"

	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"golang.org/x/net/netutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/encoding/gzip" // what senders compress with
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
)

// Logs takes what the logs and traces services receive.
type Logs interface {
	ExportLogs(ctx context.Context, request *logscollector.ExportLogsServiceRequest) (*logscollector.ExportLogsServiceResponse, error)
	ExportSpans(ctx context.Context, request *tracecollector.ExportTraceServiceRequest) (*tracecollector.ExportTraceServiceResponse, error)
}

// Dependencies of the component.
type Dependencies struct {
	// Authenticate gives the principal of an API token.
	Authenticate func(ctx context.Context, token string) (*auth.Principal, error)
	// Metrics stores metrics; rejected data points have cost nothing else.
	Metrics func(ctx context.Context, md pmetric.Metrics) (rejected int64, reason string, err error)
	Logs    Logs
	Log     *slog.Logger
}

// Component is the listener. Make it with New, run it between Start and Stop.
type Component struct {
	cfg    Configuration
	deps   Dependencies
	server *grpc.Server
	listen net.Listener
	done   sync.WaitGroup
}

// New checks its arguments and does nothing else.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Component{cfg: cfg, deps: deps}, nil
}

// Start listens where an address is configured.
func (c *Component) Start(context.Context) error {
	if c.cfg.Listen == "" {
		return nil
	}
	options := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(c.cfg.MaxMessage), grpc.MaxConcurrentStreams(c.cfg.MaxCalls), grpc.ConnectionTimeout(10 * time.Second),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: 15 * time.Minute, Time: 2 * time.Minute, Timeout: 20 * time.Second}),
		grpc.UnaryInterceptor(c.admit),
	}
	if c.cfg.Certificate != "" {
		secure, err := credentials.NewServerTLSFromFile(c.cfg.Certificate, c.cfg.Key)
		if err != nil {
			return fmt.Errorf("OTLP/gRPC: %w", err)
		}
		options = append(options, grpc.Creds(secure))
	}
	listener, err := net.Listen("tcp", c.cfg.Listen)
	if err != nil {
		return fmt.Errorf("OTLP/gRPC: %w", err)
	}
	c.listen = listener
	c.server = grpc.NewServer(options...)
	pmetricotlp.RegisterGRPCServer(c.server, &metricsService{c: c})
	logscollector.RegisterLogsServiceServer(c.server, logsService{c: c})
	tracecollector.RegisterTraceServiceServer(c.server, tracesService{c: c})
	c.done.Go(func() {
		if err := c.server.Serve(netutil.LimitListener(listener, c.cfg.MaxConnections)); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			c.deps.Log.Error("OTLP is no longer received over gRPC", "error", err)
		}
	})
	c.deps.Log.Info("OTLP is received over gRPC", "address", listener.Addr().String())
	return nil
}

// stopWithin is how long calls that run may take to end.
const stopWithin = 5 * time.Second

// Stop lets calls that run end.
func (c *Component) Stop(ctx context.Context) error {
	if c.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	over := context.AfterFunc(ctx, c.server.Stop)
	defer over()
	c.server.GracefulStop()
	c.done.Wait()
	return nil
}

// Address is where it listens, once started.
func (c *Component) Address() string { return c.listen.Addr().String() }

// admit finds out who calls and whether they may.
func (c *Component) admit(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	permission := auth.Permission("logs:write")
	if strings.Contains(info.FullMethod, ".metrics.") {
		permission = "metrics:write"
	}
	md, _ := metadata.FromIncomingContext(ctx)
	var token string
	for _, value := range md.Get("authorization") {
		if scheme, rest, ok := strings.Cut(value, " "); ok && strings.EqualFold(scheme, "Bearer") {
			token = strings.TrimSpace(rest)
		}
	}
	if token == "" {
		return nil, status.Error(codes.Unauthenticated, "the metadata must have an API token: authorization: Bearer TOKEN")
	}
	p, err := c.deps.Authenticate(ctx, token)
	if err != nil {
		return nil, c.problem(err)
	}
	if !p.Can(permission) {
		return nil, status.Errorf(codes.PermissionDenied, "the token does not have the permission %s", permission)
	}
	response, err := next(auth.With(ctx, p), request)
	if err != nil {
		return nil, c.problem(err)
	}
	return response, nil
}

// problem is an error as senders understand it: Unavailable is sent again
// (OTLP specification, "Failures").
func (c *Component) problem(err error) error {
	switch core.CodeOf(err) {
	case core.CodeUnavailable:
		return status.Error(codes.Unavailable, err.Error())
	case core.CodeUnauthenticated:
		return status.Error(codes.Unauthenticated, err.Error())
	case core.CodeForbidden:
		return status.Error(codes.PermissionDenied, err.Error())
	case core.CodeInvalid, core.CodeMalformed:
		return status.Error(codes.InvalidArgument, err.Error())
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	c.deps.Log.Error("OTLP over gRPC is not taken", "error", err)
	return status.Error(codes.Internal, "internal error")
}

type metricsService struct {
	pmetricotlp.UnimplementedGRPCServer
	c *Component
}

// Export implements the metrics service.
func (s *metricsService) Export(ctx context.Context, request pmetricotlp.ExportRequest) (pmetricotlp.ExportResponse, error) {
	response := pmetricotlp.NewExportResponse()
	rejected, reason, err := s.c.deps.Metrics(ctx, request.Metrics())
	if rejected > 0 {
		response.PartialSuccess().SetRejectedDataPoints(rejected)
		response.PartialSuccess().SetErrorMessage(reason)
	}
	return response, err
}

type logsService struct {
	logscollector.UnimplementedLogsServiceServer
	c *Component
}

// Export implements the logs service.
func (s logsService) Export(ctx context.Context, request *logscollector.ExportLogsServiceRequest) (*logscollector.ExportLogsServiceResponse, error) {
	return s.c.deps.Logs.ExportLogs(ctx, request)
}

type tracesService struct {
	tracecollector.UnimplementedTraceServiceServer
	c *Component
}

// Export implements the traces service.
func (s tracesService) Export(ctx context.Context, request *tracecollector.ExportTraceServiceRequest) (*tracecollector.ExportTraceServiceResponse, error) {
	return s.c.deps.Logs.ExportSpans(ctx, request)
}
