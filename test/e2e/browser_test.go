package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mainstay/test/harness"
	"mainstay/test/peers"
)

// TestPersonFollowsAFaultInTheBrowser lets a person keep the console open while
// the database dies, is repaired and the incident is resolved.
func TestPersonFollowsAFaultInTheBrowser(t *testing.T) {
	t.Parallel()
	root := browserRoot(t)
	s := newShop(t)
	s.giveTime("15s")
	err := runInBrowser(t, s.server.URL, "thread", append(s.env, "FAULT="+filepath.Join(root, "examples", "three-tier", "run.sh")+" stop-database")...)
	if err != nil {
		list, listed := s.incidents()
		t.Fatalf("%v; incidents: %+v %v", err, list, listed)
	}
	s.healthy()
	if got := s.repairs(); got != 1 {
		t.Errorf("%d repairs", got)
	}
}

// giveTime lets the repair wait longer, so that a person sees each page while the fault lasts.
func (s *shop) giveTime(wait string) {
	s.t.Helper()
	dir := filepath.Join(s.work, "documents")
	s.edit(filepath.Join(dir, "runbooks.yaml"), "wait: {duration: 8s}", "wait: {duration: "+wait+"}")
	if out, err := s.server.CLI("apply", "-f", dir); err != nil {
		s.t.Fatalf("apply: %v\n%s", err, out)
	}
}

// browserRoot is the top of the checkout; a browser and what drives it are there.
func browserRoot(t *testing.T) string {
	t.Helper()
	root := harness.Root(t)
	if _, err := os.Stat(filepath.Join(root, "web", "node_modules", "playwright-core")); err != nil {
		t.Fatalf("this test drives the browser with packages of the console: make console installs them (%v)", err)
	}
	return root
}

// inBrowser lets a person do what a script of web/e2e says.
func inBrowser(t *testing.T, url, script string, env ...string) {
	t.Helper()
	if err := runInBrowser(t, url, script, env...); err != nil {
		t.Fatal(err)
	}
}

// runInBrowser is inBrowser for who has more to tell of a failure.
func runInBrowser(t *testing.T, url, script string, env ...string) error {
	t.Helper()
	root := browserRoot(t)
	pictures := filepath.Join(root, "test", "e2e", "screenshots")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute) // for one that hangs
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", filepath.Join("e2e", script+".mjs"))
	cmd.Dir = filepath.Join(root, "web")
	cmd.Env = append(os.Environ(), append(env, "URL="+url, "CHROMIUM="+peers.ChromiumPath(t), "USER_NAME=admin", "PASSWORD="+harness.Password, "SCREENSHOTS="+pictures)...)
	out, err := cmd.CombinedOutput()
	t.Log("\n" + strings.TrimSpace(string(out)))
	if err != nil {
		return fmt.Errorf("%w; the pictures are in %s", err, pictures)
	}
	return nil
}
