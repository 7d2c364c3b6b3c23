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

// TestServiceHealthInTheBrowser lets a person find out why a service is down,
// set a priority, snooze an alert in a group and acknowledge all that match.
func TestServiceHealthInTheBrowser(t *testing.T) {
	t.Parallel()
	root := browserRoot(t)
	server := harness.New(t, "MAINSTAY_AGENT_ENABLED=false")
	server.Start()
	pictures := filepath.Join(root, "test", "e2e", "screenshots")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "e2e/health.mjs")
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
