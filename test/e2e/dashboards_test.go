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

// TestAHostHasItsDashboard opens the dashboard that is made of what the agent
// of this host measures, keeps a copy, changes a panel and finds it changed.
func TestAHostHasItsDashboard(t *testing.T) {
	t.Parallel()
	root := browserRoot(t)
	server := harness.New(t)
	server.Start()
	pictures := filepath.Join(root, "test", "e2e", "screenshots")
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "e2e/dashboards.mjs")
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
