package threetier_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mainstay/test/peers"
)

// shop is the example on free ports in a directory of its own.
type shop struct {
	t                *testing.T
	work             string
	nginx, app, data int
	env              []string
}

func setup(t *testing.T) *shop {
	t.Helper()
	work, err := os.MkdirTemp("", "mainstay-three-tier-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(work, 0o755); err != nil { // PostgreSQL runs as another user when we are root
		t.Fatal(err)
	}
	s := &shop{t: t, work: work, nginx: peers.FreePort(t), app: peers.FreePort(t), data: peers.FreePort(t)}
	s.env = append(os.Environ(), "SHOP_WORK="+work, fmt.Sprintf("SHOP_NGINX_PORT=%d", s.nginx), fmt.Sprintf("SHOP_APP_PORT=%d", s.app),
		fmt.Sprintf("SHOP_DB_PORT=%d", s.data))
	t.Cleanup(func() { s.run("clean") })
	return s
}

func (s *shop) run(args ...string) (output string, ok bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	return s.command(exec.CommandContext(ctx, "./run.sh", args...))
}

func (s *shop) command(cmd *exec.Cmd) (output string, ok bool) {
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

func (s *shop) must(args ...string) string {
	s.t.Helper()
	output, ok := s.run(args...)
	if !ok {
		s.t.Fatalf("run.sh %s: %s", strings.Join(args, " "), output)
	}
	return output
}

// page is the status and text that customers see; 0 when nobody answers.
func (s *shop) page() (int, string) {
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/", s.nginx))
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

func (s *shop) wantPage(status int, holds string) {
	s.t.Helper()
	if got, text := s.page(); got != status || !strings.Contains(text, holds) {
		s.t.Fatalf("the shop shows %d: %s", got, text)
	}
}

func TestTheScriptStartsAndStopsTheServers(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.must("start")
	s.wantPage(http.StatusOK, "Rocket skates")
	if again := s.must("start"); strings.Count(again, "runs already") != 3 {
		t.Errorf("starting again: %s", again)
	}
	s.must("stop-db")
	s.wantPage(http.StatusServiceUnavailable, "closed")
	if output, ok := s.run("status"); ok || !strings.Contains(output, "database: stopped") || !strings.Contains(output, "nginx: runs") {
		t.Errorf("status without the database: %v, %s", ok, output)
	}
	// What a runbook calls, with nothing of our environment.
	control := exec.Command(filepath.Join(s.work, "control"), "start-database")
	s.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	if output, ok := s.command(control); !ok {
		t.Fatal(output)
	}
	s.env = append(s.env, "SHOP_WORK="+s.work, fmt.Sprintf("SHOP_NGINX_PORT=%d", s.nginx), fmt.Sprintf("SHOP_APP_PORT=%d", s.app), fmt.Sprintf("SHOP_DB_PORT=%d", s.data))
	s.wantPage(http.StatusOK, "Rocket skates")
	s.must("stop-db")
	s.must("start-db") // with nobody looking in between: the application's connections are cut
	s.wantPage(http.StatusOK, "Rocket skates")
	s.must("stop-nginx")
	if status, _ := s.page(); status != 0 {
		t.Fatalf("stopped, nginx answers %d", status)
	}
	s.must("start-nginx")
	s.wantPage(http.StatusOK, "Rocket skates")
	s.must("stop-app")
	s.wantPage(http.StatusBadGateway, "nginx")
	s.must("start-app")
	s.wantPage(http.StatusOK, "Rocket skates")
	s.must("stop")
	if output, ok := s.run("status"); ok || strings.Count(output, "stopped") != 3 {
		t.Errorf("after stop: %s", output)
	}
}

// A server that was killed left its files behind; that must not keep it down.
func TestTheScriptStartsWhatWasKilled(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.must("start")
	for _, file := range []string{"database/postmaster.pid", "application.pid", "nginx/nginx.pid"} {
		text, err := os.ReadFile(filepath.Join(s.work, file))
		if err != nil {
			t.Fatal(err)
		}
		pid, _, _ := strings.Cut(string(text), "\n")
		if out, err := exec.Command("kill", "-9", pid).CombinedOutput(); err != nil {
			t.Fatalf("%s: %s", file, out)
		}
	}
	time.Sleep(200 * time.Millisecond) // until init has reaped them: nobody else can tell
	s.must("start")
	s.wantPage(http.StatusOK, "Rocket skates")
}

func TestDocumentsFitThePorts(t *testing.T) {
	t.Parallel()
	s := setup(t)
	dir := t.TempDir()
	s.must("documents", dir)
	var all strings.Builder
	for _, file := range []string{"items.yaml", "checks.yaml", "runbooks.yaml", "remediations.yaml", "host.yaml"} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	text := all.String()
	host, _ := os.Hostname()
	for _, want := range []string{fmt.Sprintf(":%d/", s.nginx), fmt.Sprintf(":%d/", s.app), fmt.Sprintf(":%d\"", s.data), s.work, "value: " + host} {
		if !strings.Contains(text, want) {
			t.Errorf("the documents do not speak of %s", want)
		}
	}
	for _, stale := range []string{"15432", "18081", "18080"} {
		if strings.Contains(text, stale) {
			t.Errorf("the documents speak of port %s", stale)
		}
	}
}
