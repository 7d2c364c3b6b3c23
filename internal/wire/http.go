package wire

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
)

// webServer is the one port for console, API and protocols over HTTP.
type webServer struct {
	listen  string
	log     *slog.Logger
	server  *http.Server
	address net.Addr
}

func newWebServer(listen string, log *slog.Logger, handler http.Handler) *webServer {
	return &webServer{listen: listen, log: log, server: &http.Server{
		Handler:           recoverer(log, secure(handler)),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}}
}

// Start listens; requests are served from here on.
func (w *webServer) Start(context.Context) error {
	listener, err := net.Listen("tcp", w.listen)
	if err != nil {
		return err
	}
	w.address = listener.Addr()
	go func() {
		if err := w.server.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			w.log.Error("the HTTP server ended", "error", err)
		}
	}()
	return nil
}

// Stop waits briefly for requests under way, then closes what is left: streams
// would never end by themselves.
func (w *webServer) Stop(ctx context.Context) error {
	graceful, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := w.server.Shutdown(graceful); err != nil {
		return w.server.Close()
	}
	return nil
}

// secure sets the headers every answer has (OWASP Secure Headers).
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// recoverer turns a handler's panic into a problem and keeps the server up.
func recoverer(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil || p == http.ErrAbortHandler {
				return
			}
			log.Error("a handler panicked", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
			httpapi.WriteProblem(w, log, core.Errorf(core.CodeInternal, "internal error"))
		}()
		next.ServeHTTP(w, r)
	})
}

// condition is one line of /readyz.
type condition struct {
	Name    string `json:"name"`
	Ready   bool   `json:"ready"`
	Problem string `json:"problem,omitempty"`
}

// readiness answers /readyz: 200 when every condition holds, else 503. It
// names conditions, not their causes: anyone may ask.
func readiness(conditions func(context.Context) []condition) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
		defer cancel()
		list := conditions(ctx)
		status := http.StatusOK
		for _, c := range list {
			if !c.Ready {
				status = http.StatusServiceUnavailable
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(map[string]any{"ready": status == http.StatusOK, "conditions": list})
	})
}
