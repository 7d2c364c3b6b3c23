package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"mainstay/internal/monitor/dashboard"
)

// installation answers as a server does, without one.
func installation(t *testing.T) *httptest.Server {
	t.Helper()
	problem := func(w http.ResponseWriter, status int, code, detail string) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(map[string]any{"code": code, "detail": detail, "errors": []map[string]string{{"field": "spec.x", "rule": "is odd"}}})
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/documents/apply", func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		if strings.Contains(string(text), "bad") {
			io.WriteString(w, `{"documents":[{"kind":"Check","name":"bad","line":3,"action":"failed","errors":[{"field":"spec.every","rule":"must be a duration"}]}],"failed":1}`)
			return
		}
		io.WriteString(w, `{"documents":[{"kind":"Check","name":"web","line":1,"action":"created"}],"failed":0}`)
	})
	mux.HandleFunc("POST /api/v1/dashboards/import", func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		made, err := dashboard.Convert(text)
		if err != nil {
			problem(w, 422, "invalid", err.Error())
			return
		}
		json.NewEncoder(w).Encode(made)
	})
	mux.HandleFunc("GET /api/v1/documents", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"documents":[{"kind":"Check","name":"web","spec":{"every":"30s"}}]}`)
	})
	mux.HandleFunc("DELETE /api/v1/documents/Check/web", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("POST /api/v1/checks/{name}/run", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"check":"web","status":"`+r.PathValue("name")+`","duration":"3ms","output":"it is so"}`)
	})
	mux.HandleFunc("GET /api/v1/documents/{status}/x", func(w http.ResponseWriter, r *http.Request) {
		switch r.PathValue("status") {
		case "invalid":
			problem(w, 422, "invalid", "invalid input")
		case "forbidden":
			problem(w, 403, "forbidden", "this needs the permission checks:read")
		case "missing":
			problem(w, 404, "not_found", "no such check")
		case "busy":
			problem(w, 429, "too_many", "later")
		default:
			w.WriteHeader(http.StatusTeapot)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func mainstay(args ...string) (code int, stdout, stderr string) {
	var out, complaints bytes.Buffer
	cmd := root()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&complaints)
	code = run(context.Background(), cmd, &complaints)
	return code, out.String(), complaints.String()
}

func TestEveryCommandThatPrintsDataHonoursTheFormat(t *testing.T) {
	server := installation(t)
	file := filepath.Join(t.TempDir(), "web.yaml")
	if err := os.WriteFile(file, []byte("kind: Check\nname: web\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{"get", "Check", "--server", server.URL}, {"export", "--server", server.URL}, {"apply", "-f", file, "--server", server.URL},
		{"diff", "-f", file, "--server", server.URL}, {"delete", "Check", "web", "--server", server.URL}, {"check", "ok", "--server", server.URL}, {"version"},
	} {
		for format, readable := range map[string]func([]byte) bool{
			"json":  json.Valid,
			"yaml":  func(text []byte) bool { var v any; return yaml.Unmarshal(text, &v) == nil && v != nil },
			"table": func(text []byte) bool { return !json.Valid(text) },
		} {
			code, out, complaints := mainstay(append(command, "-o", format)...)
			if code != 0 || out == "" || complaints != "" || !readable([]byte(out)) {
				t.Errorf("%s -o %s: %d %q %q", command[0], format, code, out, complaints)
			}
		}
	}
}

func TestExitCodesAndComplaints(t *testing.T) {
	server := installation(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(file, []byte("# the file\n\nkind: Check\nname: bad\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := "--server=" + server.URL
	for _, c := range []struct {
		code      int
		complaint string
		args      []string
	}{
		{0, "", []string{"--help"}},
		{1, "some documents were refused", []string{"apply", "-f", file, at}},
		{1, "the check is critical", []string{"check", "critical", at}},
		{1, "the server answered 418", []string{"get", "other", "x", at}},
		{2, "spec.x: is odd", []string{"get", "invalid", "x", at}},
		{2, `unknown command "bogus"`, []string{"bogus"}},
		{2, "unknown flag: --bogus", []string{"get", "Check", "--bogus"}},
		{2, "must be table, json or yaml", []string{"get", "Check", "-o", "xml"}},
		{2, `required flag(s) "file"`, []string{"apply"}},
		{2, "received 1", []string{"delete", "Check"}},
		{2, "no such file", []string{"apply", "-f", filepath.Join(dir, "missing.yaml"), at}},
		{2, "holds no .yaml file and no dashboard", []string{"apply", "-f", t.TempDir(), at}},
		{3, "this needs the permission checks:read", []string{"get", "forbidden", "x", at}},
		{4, "no such check", []string{"get", "missing", "x", at}},
		{5, "later", []string{"get", "busy", "x", at}},
		{5, "does not answer", []string{"get", "Check", "--server=http://127.0.0.1:1"}},
	} {
		code, out, complaints := mainstay(c.args...)
		if code != c.code || !strings.Contains(complaints, c.complaint) || c.code > 1 && out != "" {
			t.Errorf("%v: %d, want %d\nout: %s\nerr: %s", c.args, code, c.code, out, complaints)
		}
	}
	if _, out, _ := mainstay("apply", "-f", file, at); !strings.Contains(out, "bad.yaml:3") || !strings.Contains(out, "spec.every: must be a duration") {
		t.Errorf("the report does not name file, line and field: %s", out)
	}
	if _, out, _ := mainstay("--help"); !strings.Contains(out, "Exit codes:") {
		t.Errorf("the help does not tell the exit codes: %s", out)
	}
}

// A dashboard that Grafana exported is applied like a document, alone or among
// others of a directory, and what was left out of it is told.
func TestApplyTakesDashboardsOfGrafana(t *testing.T) {
	server := installation(t)
	dir := t.TempDir()
	grafana, err := os.ReadFile(filepath.Join("..", "..", "internal", "monitor", "dashboard", "testdata", "grafana", "grid.json"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "grid.json")
	for name, text := range map[string]string{"grid.json": string(grafana), "package.json": `{"name": "not a dashboard"}`, "web.yaml": "kind: Check\nname: web\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	made, err := dashboard.Convert(grafana)
	if err != nil || len(made.LeftOut) == 0 {
		t.Fatalf("%+v, %v", made.LeftOut, err)
	}
	for _, from := range []string{file, dir} {
		code, _, told := mainstay("apply", "-f", from, "--server", server.URL)
		if code != 0 || strings.Count(told, "left out: ") != len(made.LeftOut) || !strings.Contains(told, made.LeftOut[0].Why) {
			t.Errorf("%s: %d\n%s", from, code, told)
		}
	}
	convert := func(string, []byte) ([]byte, error) {
		return (&client{server: server.URL, http: server.Client()}).fromGrafana(t.Context(), "grid.json", grafana, io.Discard)
	}
	text, sources, err := readDocuments(nil, []string{dir}, convert)
	if err != nil || len(sources) != 2 || strings.Contains(string(text), "not a dashboard") {
		t.Fatalf("%v of %v", err, sources)
	}
	var first struct{ Kind, Name string }
	if err := yaml.Unmarshal(text, &first); err != nil || first.Kind != "Dashboard" || first.Name != made.Name {
		t.Errorf("%+v, %v", first, err)
	}
	if at := place(40, sources); at != file+":1" {
		t.Errorf("a line of what was made is at %s", at)
	}
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte(`{"panels": [1], "templating": {"list": [{"name": "?"}]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, told := mainstay("apply", "-f", broken, "--server", server.URL); code != 0 || !strings.Contains(told, "left out") {
		t.Errorf("%d %s %s", code, out, told)
	}
}

func FuzzIsGrafana(f *testing.F) {
	for _, seed := range []string{`{"panels":[{}]}`, `{"dashboard":{"rows":[1]}}`, `{"kind":"Check","spec":{}}`, `[1]`, `{"panels":{}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if isGrafana(text) && !json.Valid(bytes.TrimSpace(text)) {
			t.Errorf("%q is not even JSON", text)
		}
	})
}
