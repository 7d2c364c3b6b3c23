package e2e

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mainstay/test/harness"
)

// TestPeopleDecideInTheBrowser lets a person judge situations, silence alerts
// and mend the graph, mostly by keyboard, and take it back.
func TestPeopleDecideInTheBrowser(t *testing.T) {
	t.Parallel()
	root := harness.Root(t)
	for _, needed := range []string{"/usr/bin/chromium", filepath.Join(root, "web", "node_modules", "playwright-core")} {
		if _, err := os.Stat(needed); err != nil {
			t.Skipf("no browser to look with: %v", err)
		}
	}
	server := harness.New(t)
	server.Start()
	pictures := filepath.Join(root, "test", "e2e", "screenshots")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "e2e/decisions.mjs")
	cmd.Dir = filepath.Join(root, "web")
	cmd.Env = append(os.Environ(), "URL="+server.URL, "USER_NAME=admin", "PASSWORD="+harness.Password, "SCREENSHOTS="+pictures)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	t.Log("\n" + strings.TrimSpace(out.String()))
	if err != nil {
		t.Fatalf("%v; the picture is in %s", err, pictures)
	}
}
