package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/logstore/engine"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

var update = flag.Bool("update", false, "write the golden files")

// TestMain runs the log engine when the program under test starts itself as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "logstore" {
		cfg, err := logstore.ParseChildArgs(os.Args[2:])
		if err == nil {
			err = engine.Run(context.Background(), cfg, os.Stdin)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	sqldbtest.Main(m)
}

// configuration is that of an installation of its own, on a free port.
func configuration(t *testing.T) Configuration {
	t.Helper()
	cfg := Defaults()
	cfg.Data = t.TempDir()
	cfg.Listen = "127.0.0.1:0"
	return cfg
}

// build makes a system that is not started.
func build(t *testing.T, cfg Configuration) *System {
	t.Helper()
	return buildWith(t, cfg, slog.New(slog.DiscardHandler))
}

func buildWith(t *testing.T, cfg Configuration, log *slog.Logger) *System {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Build(t.Context(), cfg, program, log)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func started(t *testing.T, cfg Configuration) *System {
	t.Helper()
	s := build(t, cfg)
	start(t, s)
	return s
}

// start runs a system until the test is over.
func start(t *testing.T, s *System) {
	t.Helper()
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
}

func TestOpenAPIDocumentIsGolden(t *testing.T) {
	t.Parallel()
	s := build(t, configuration(t))
	defer s.closeStores()
	spec, err := s.api.Spec()
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, spec, "", "  "); err != nil {
		t.Fatal(err)
	}
	indented.WriteByte('\n')
	got := regexp.MustCompile(`("title": "Mainstay",\s+"version": )"[^"]*"`).ReplaceAll(indented.Bytes(), []byte(`$1"1"`))
	golden := filepath.Join("..", "..", "api", "openapi.json")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("api/openapi.json does not describe the routes any more: make generate")
	}
}

func TestEveryTypedRouteIsInTheDocument(t *testing.T) {
	t.Parallel()
	s := build(t, configuration(t))
	defer s.closeStores()
	spec, err := s.api.Spec()
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Permission  string `json:"x-permission"`
		}
	}
	if err := json.Unmarshal(spec, &document); err != nil {
		t.Fatal(err)
	}
	typed := 0
	for _, e := range s.api.Endpoints() {
		if !e.Typed {
			continue
		}
		typed++
		op := document.Paths[e.Path][strings.ToLower(e.Method)]
		if op.OperationID == "" || op.Permission != string(e.Permission) {
			t.Errorf("%s %s: the document has %+v", e.Method, e.Path, op)
		}
	}
	if typed < 20 {
		t.Fatalf("only %d typed routes", typed)
	}
}

var pathParameter = regexp.MustCompile(`\{[^}]+\}`)

// TestEveryRouteRefusesTheWrongRole walks all routes as nobody and as every
// built-in role: who lacks the permission is refused, who has it is not.
func TestEveryRouteRefusesTheWrongRole(t *testing.T) {
	t.Parallel()
	s := started(t, configuration(t))
	callers := map[string]*auth.Principal{"nobody": nil}
	for name := range auth.BuiltinRoles() {
		callers[name] = auth.NewPrincipal(auth.KindUser, "walker-"+name, name, auth.BuiltinRoles(), auth.Grant{Role: name})
	}
	refused := 0
	for _, e := range s.api.Endpoints() {
		for name, caller := range callers {
			if caller.Can(e.Permission) && !harmless(e.Method) {
				continue // it would do what it is for; the module's own tests do
			}
			status, body := visit(t, s, caller, e.Method, e.Path)
			missing := strings.Contains(body, "this needs the permission "+string(e.Permission))
			switch {
			case caller.Can(e.Permission):
				if missing {
					t.Errorf("%s %s refuses %s, who has %s", e.Method, e.Path, name, e.Permission)
				}
			case caller == nil && status != http.StatusUnauthorized:
				t.Errorf("%s %s lets nobody in: %d %s", e.Method, e.Path, status, body)
			case caller != nil && (status != http.StatusForbidden || !missing):
				t.Errorf("%s %s lets %s in without %s: %d %s", e.Method, e.Path, name, e.Permission, status, body)
			default:
				refused++
			}
		}
	}
	if refused < 50 {
		t.Fatalf("only %d refusals were seen", refused)
	}
}

func harmless(method string) bool { return method == http.MethodGet || method == "" }

func visit(t *testing.T, s *System, who *auth.Principal, method, path string) (int, string) {
	t.Helper()
	if method == "" {
		method = http.MethodGet
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond) // a stream does not end by itself
	defer cancel()
	if who != nil {
		ctx = auth.With(ctx, who)
	}
	r := httptest.NewRequestWithContext(ctx, method, pathParameter.ReplaceAllString(path, "nothing"), strings.NewReader("{}"))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.api.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// TestNamesWithSlashesAreAddresses puts, reads and removes a secret by its name as it is.
func TestNamesWithSlashesAreAddresses(t *testing.T) {
	t.Parallel()
	s := build(t, configuration(t))
	defer s.closeStores()
	ctx := auth.With(t.Context(), auth.System("test"))
	call := func(method, path, body string) (int, string) {
		r := httptest.NewRequestWithContext(ctx, method, "/api/v1/secrets/"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.api.Handler().ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	for _, step := range []struct {
		method, path, body string
		status             int
	}{
		{"PUT", "chat/token", `{"value":"x"}`, 200}, {"GET", "chat/token", "", 200}, {"GET", "chat%2Ftoken", "", 200},
		{"GET", "chat", "", 404}, {"DELETE", "chat/token", "", 204}, {"GET", "chat/token", "", 404},
	} {
		status, text := call(step.method, step.path, step.body)
		if status != step.status || status == 200 && !strings.Contains(text, `"name":"chat/token"`) {
			t.Errorf("%s %s: %d %s", step.method, step.path, status, text)
		}
	}
}

func TestTheDataDirectoryBelongsToOneProcess(t *testing.T) {
	t.Parallel()
	cfg := configuration(t)
	s := build(t, cfg)
	defer s.closeStores()
	program, _ := os.Executable()
	if _, err := Build(t.Context(), cfg, program, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "another mainstay process") {
		t.Fatalf("a second process opened the directory: %v", err)
	}
}

func TestConfigurationErrorsNameEveryField(t *testing.T) {
	t.Parallel()
	cfg := configuration(t)
	cfg.Listen, cfg.Log.Level, cfg.Log.Format = "8080", "loud", "prose"
	cfg.Events.Intake.Batch = 0
	cfg.Resolve()
	err := cfg.Validate()
	for _, field := range []string{"listen:", "log.level:", "log.format:", "events.intake.batch:"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%v does not name %s", err, field)
		}
	}
}

func TestStartsAndStopsOnBothEngines(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"", sqldbtest.DSN(t)} {
		cfg := configuration(t)
		cfg.Database.DSN = dsn
		s := started(t, cfg)
		for _, path := range []string{"/healthz", "/readyz", "/api/v1/openapi.json"} {
			response, err := http.Get(s.URL() + path)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Errorf("%s: %s", path, response.Status)
			}
		}
	}
}
