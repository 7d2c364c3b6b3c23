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
	root := browserRoot(t)
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
