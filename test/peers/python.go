package peers

import (
	"os"
	"os/exec"
	"testing"
)

// RunPython runs a program of Debian's Python, which has graypy, and returns
// what it printed.
func RunPython(t testing.TB, program string, args ...string) string {
	t.Helper()
	require(t, "python3", "python3")
	const graypy = "/usr/lib/python3/dist-packages/graypy/__init__.py"
	if _, err := os.Stat(graypy); err != nil {
		t.Fatalf("this test needs %s of the Debian package python3-graypy: scripts/test-deps installs it", graypy)
	}
	out, err := exec.CommandContext(t.Context(), "/usr/bin/python3", append([]string{"-c", program}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("python3: %v: %s", err, out)
	}
	return string(out)
}
