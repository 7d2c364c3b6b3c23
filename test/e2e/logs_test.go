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

// TestAPersonSearchesInLogs writes a search with what completes itself and as a
// form, saves, shares and exports it, follows a line, and makes a rule of it
// that fires.
func TestAPersonSearchesInLogs(t *testing.T) {
	t.Parallel()
	root := browserRoot(t)
	server := harness.New(t)
	server.Start()
	pictures := filepath.Join(root, "test", "e2e", "screenshots")
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "e2e/logs.mjs")
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
