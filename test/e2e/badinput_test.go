package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mainstay/test/harness"
)

// answer is what came back for bad input.
type answer struct {
	status int
	kind   string
	text   string
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Errors []struct {
		Field string `json:"field"`
		Rule  string `json:"rule"`
	} `json:"errors"`
}

func ask(t *testing.T, s *harness.Server, token, method, path, kind, body string) (a answer) {
	t.Helper()
	request, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", kind)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	json.Unmarshal(text, &a)
	a.status, a.kind, a.text = response.StatusCode, response.Header.Get("Content-Type"), string(text)
	return a
}

// refused checks that an answer is a problem (RFC 9457) of the status, and that
// it names the field, unless that is empty.
func (a answer) refused(t *testing.T, what string, status int, field string) {
	t.Helper()
	if a.status != status || a.kind != "application/problem+json" || a.Code == "" || a.Code == "internal" || strings.Contains(a.text, "internal error") {
		t.Errorf("%s: %d %s %.300s; want a problem of %d", what, a.status, a.kind, a.text, status)
	}
	if field != "" && (len(a.Errors) == 0 || a.Errors[0].Field != field || a.Errors[0].Rule == "") {
		t.Errorf("%s: does not name %s: %.300s", what, field, a.text)
	}
}

// TestBadInputIsTheSendersProblem sends what no client should: each is refused
// with its reason, and the server neither ends nor calls it its own error.
func TestBadInputIsTheSendersProblem(t *testing.T) {
	t.Parallel()
	s := harness.New(t)
	s.Start()
	t.Run("bodies", func(t *testing.T) { badBodies(t, s) })
	t.Run("parameters", func(t *testing.T) { badParameters(t, s) })
	t.Run("tokens", func(t *testing.T) { badTokens(t, s) })
	t.Run("documents", func(t *testing.T) { badDocument(t, s) })
	t.Run("lists", func(t *testing.T) { badEntries(t, s) })
	t.Run("attachments", func(t *testing.T) { badAttachmentName(t, s) })
	t.Run("second process", func(t *testing.T) {
		serveRefuses(t, nil, 1, "another mainstay process uses this data directory", "--data", s.Data, "--listen", "127.0.0.1:0")
	})
	t.Run("occupied port", func(t *testing.T) {
		serveRefuses(t, nil, 1, "choose another address with --listen", "--data", t.TempDir(), "--listen", strings.TrimPrefix(s.URL, "http://"))
	})
	s.WaitReady()
	for line := range strings.Lines(s.Log().Tail(10_000)) {
		if strings.Contains(line, "level=ERROR") {
			t.Errorf("the server blames itself: %s", line)
		}
	}
}

func badBodies(t *testing.T, s *harness.Server) {
	const incidents, asJSON = "/api/v1/incidents", "application/json"
	for _, c := range []struct {
		name, path, kind, body string
		status                 int
		field                  string
	}{
		{"malformed", incidents, asJSON, `{"title": `, 400, "body"},
		{"empty", incidents, asJSON, ``, 400, ""},
		{"null", incidents, asJSON, `null`, 422, "body"},
		{"unknown field", incidents, asJSON, `{"title": "abc", "colour": "red"}`, 422, "colour"},
		{"wrong type", incidents, asJSON, `{"title": 7}`, 422, "title"},
		{"unstorable text", incidents, asJSON, `{"title": "a\u0000b"}`, 400, "body"},
		{"oversized", incidents, asJSON, `{"title": "` + strings.Repeat("x", 2<<20) + `"}`, 413, ""},
		{"wrong content type", incidents, "text/xml", `<title/>`, 415, "body"},
		{"event of no kind", "/api/v1/events", asJSON, `7`, 400, ""},
		{"OTLP logs", "/v1/logs", asJSON, `{`, 400, ""},
		{"backup", "/api/v1/backup", asJSON, `{`, 400, ""},
	} {
		ask(t, s, s.Token, "POST", c.path, c.kind, c.body).refused(t, c.name, c.status, c.field)
	}
	// Protocols of others answer in their own words, and blame the sender all the same.
	for path, status := range map[string]int{"/v1/metrics": 400, "/prometheus/api/v1/write": 400, "/alertmanager/api/v2/alerts": 400} {
		if a := ask(t, s, s.Token, "POST", path, asJSON, "{"); a.status != status {
			t.Errorf("%s: %d %s", path, a.status, a.text)
		}
	}
}

func badParameters(t *testing.T, s *harness.Server) {
	for query, field := range map[string]string{
		"where=bogus=1": "where.bogus", "where=severity": "where", "where=severity=loud": "where.severity", "sort=bogus": "sort.bogus",
		"cursor=bogus": "cursor", "limit=-1": "limit", "limit=many": "limit", "colour=red": "colour", "q=%00": "q", "q=%ff": "q",
	} {
		ask(t, s, s.Token, "GET", "/api/v1/alerts?"+query, "", "").refused(t, query, 422, field)
	}
	ask(t, s, s.Token, "GET", "/api/v1/incidents/..%2f..%2fetc%2fpasswd", "", "").refused(t, "a path for an id", 404, "")
	ask(t, s, s.Token, "GET", "/api/v1/nothing", "", "").refused(t, "an address nobody has", 404, "")
	ask(t, s, s.Token, "DELETE", "/api/v1/incidents", "", "").refused(t, "a method it does not take", 405, "")
}

func badTokens(t *testing.T, s *harness.Server) {
	create := func(request map[string]any) (id, secret string) {
		var made struct{ ID, Secret string }
		if err := s.Call("POST", "/api/v1/tokens", request, &made); err != nil {
			t.Fatal(err)
		}
		return made.ID, made.Secret
	}
	const whoami = "/api/v1/me"
	ask(t, s, "nonsense", "GET", whoami, "", "").refused(t, "no token of ours", 401, "")
	ask(t, s, s.Token+"x", "GET", whoami, "", "").refused(t, "a misspelt token", 401, "")

	id, secret := create(map[string]any{"name": "revoked"})
	if a := ask(t, s, secret, "GET", whoami, "", ""); a.status != 200 {
		t.Fatalf("a new token: %d %s", a.status, a.text)
	}
	if err := s.Call("DELETE", "/api/v1/tokens/"+id, nil, nil); err != nil {
		t.Fatal(err)
	}
	ask(t, s, secret, "GET", whoami, "", "").refused(t, "a revoked token", 401, "")

	ends := time.Now().Add(2 * time.Second)
	_, secret = create(map[string]any{"name": "short", "expires": ends})
	if a := ask(t, s, secret, "GET", whoami, "", ""); a.status != 200 {
		t.Fatalf("a token that is still good: %d %s", a.status, a.text)
	}
	s.Eventually(10*time.Second, "the token ends", func() error {
		if a := ask(t, s, secret, "GET", whoami, "", ""); a.status == 200 {
			return errors.New("it is still good")
		}
		return nil
	})
	ask(t, s, secret, "GET", whoami, "", "").refused(t, "an expired token", 401, "")

	_, secret = create(map[string]any{"name": "narrow", "scopes": []string{"alerts:read"}})
	ask(t, s, secret, "POST", "/api/v1/incidents", "application/json", `{"title": "abc"}`).refused(t, "a narrow token", 403, "")

	other := harness.New(t)
	other.Start()
	ask(t, s, other.Token, "GET", whoami, "", "").refused(t, "another installation's token", 401, "")
	other.Stop()
}

func badDocument(t *testing.T, s *harness.Server) {
	var text strings.Builder
	bad := 0
	for i := range 10 {
		if i == 6 {
			bad = strings.Count(text.String(), "\n") + 1
			text.WriteString("kind: Item\nname: host-6\nspec:\n  class: host\n  colour: red\n---\n")
			continue
		}
		fmt.Fprintf(&text, "kind: Item\nname: host-%d\nspec:\n  class: host\n---\n", i)
	}
	file := filepath.Join(t.TempDir(), "hosts.yaml")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := s.CLI("apply", "-f", file)
	if exited := (*exec.ExitError)(nil); !errors.As(err, &exited) || exited.ExitCode() != 1 {
		t.Errorf("apply: %v", err)
	}
	if strings.Count(out, "created") != 9 || strings.Count(out, "failed") != 1 || !strings.Contains(out, fmt.Sprintf("hosts.yaml:%d", bad)) || !strings.Contains(out, "colour") {
		t.Errorf("nine are applied and one is named with its line (%d) and field:\n%s", bad, out)
	}
}

func badEntries(t *testing.T, s *harness.Server) {
	const asJSON = "application/json"
	a := ask(t, s, s.Token, "POST", "/api/v1/events", asJSON, `[{"source": "test", "title": "good", "severity": "major"},
		{"source": "test", "title": "bad", "severity": "loud"}, {"source": "test", "title": "good too", "severity": "minor"}]`)
	var events struct{ Accepted, Refused int }
	if json.Unmarshal([]byte(a.text), &events); a.status != 200 || events.Accepted != 2 || events.Refused != 1 || !strings.Contains(a.text, `"events[1].severity"`) {
		t.Errorf("events: %d %s", a.status, a.text)
	}
	a = ask(t, s, s.Token, "POST", "/api/v1/reports", asJSON, `{"source": "import:test", "items": [
		{"class": "host", "name": "reported", "identities": [{"kind": "fqdn", "value": "reported.example"}]}, {"class": "host", "colour": 1}]}`)
	var report struct{ Created int }
	if json.Unmarshal([]byte(a.text), &report); a.status != 200 || report.Created != 1 || !strings.Contains(a.text, `"items[1].colour"`) {
		t.Errorf("reports: %d %s", a.status, a.text)
	}
}

func badAttachmentName(t *testing.T, s *harness.Server) {
	var incident, attachment struct{ ID, Name string }
	if err := s.Call("POST", "/api/v1/incidents", map[string]any{"title": "with a file"}, &incident); err != nil {
		t.Fatal(err)
	}
	at := "/api/v1/incidents/" + incident.ID + "/attachments"
	a := ask(t, s, s.Token, "POST", at+"?name=..%2F..%2F..%2Fescaped.txt", "application/octet-stream", "content")
	if a.status != 201 {
		a.refused(t, "a path for a name", 422, "name")
	} else if json.Unmarshal([]byte(a.text), &attachment); strings.ContainsAny(attachment.Name, `/\`) {
		t.Errorf("the file is called %q", attachment.Name)
	}
	ask(t, s, s.Token, "GET", at+"/..%2F..%2F..%2Fmainstay.db", "", "").refused(t, "a path for an attachment", 404, "")
	for dir := s.Data; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "escaped.txt")); err == nil {
			t.Errorf("a file was written to %s", dir)
		}
	}
}

// serveRefuses checks that serve ends by itself with the code and says the reason.
func serveRefuses(t *testing.T, env []string, code int, reason string, args ...string) {
	t.Helper()
	refuses(t, exec.CommandContext(t.Context(), harness.Program(t)), env, code, reason, args...)
}

func refuses(t *testing.T, cmd *exec.Cmd, env []string, code int, reason string, args ...string) {
	t.Helper()
	cmd.Args = append(append(cmd.Args, "serve"), args...)
	cmd.Env = append(os.Environ(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = time.Second
	limit := time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() })
	defer limit.Stop()
	err := cmd.Run()
	if exited := (*exec.ExitError)(nil); !errors.As(err, &exited) || exited.ExitCode() != code {
		t.Errorf("serve %v: %v, want exit code %d", args, err, code)
	}
	if !strings.Contains(out.String(), reason) || strings.Contains(out.String(), "goroutine ") {
		t.Errorf("serve %v does not say %q:\n%s", args, reason, out.String())
	}
}

func TestBadSettingsAreNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := filepath.Join(dir, "mainstay.yaml")
	if err := os.WriteFile(config, []byte("log:\n  level: info\ncolour: red\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	serveRefuses(t, nil, 2, "line 3: field colour is not known", "--config", config, "--data", data)
	serveRefuses(t, []string{"MAINSTAY_BOGUS=1"}, 2, "MAINSTAY_BOGUS: is not a variable", "--data", data)
	serveRefuses(t, []string{"MAINSTAY_DATABASE_POOL=many"}, 2, "MAINSTAY_DATABASE_POOL", "--data", data)
	serveRefuses(t, nil, 2, "listen: must be address:port", "--listen", "bogus", "--data", data)
	serveRefuses(t, nil, 1, "data directory", "--data", filepath.Join(config, "below-a-file"))

	sealed := filepath.Join(dir, "sealed")
	if err := os.Mkdir(sealed, 0o500); err != nil {
		t.Fatal(err)
	}
	refuses(t, anybody(t), nil, 1, "must belong to the user", "--data", filepath.Join(sealed, "data"))
}

// anybody runs the program as a user who may not write everywhere.
func anybody(t *testing.T) *exec.Cmd {
	t.Helper()
	if os.Geteuid() != 0 {
		return exec.CommandContext(t.Context(), harness.Program(t))
	}
	// Where the program was built others may not look.
	content, err := os.ReadFile(harness.Program(t))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "mainstay-e2e-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	program := filepath.Join(dir, "mainstay")
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(program, content, 0o755)); err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return cmd
}
