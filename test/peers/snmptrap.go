package peers

import (
	"os"
	"os/exec"
	"testing"
)

// SNMPTrap runs snmptrap(1) with names of its built-in knowledge alone. Its
// exit code says whether an inform was acknowledged.
func SNMPTrap(t testing.TB, args ...string) (output string, err error) {
	t.Helper()
	cmd := exec.Command(require(t, "snmptrap", "snmp"), args...)
	// Each run is an engine of its own: none is remembered from another.
	cmd.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+t.TempDir(), "MIBS=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
