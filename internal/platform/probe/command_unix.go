//go:build unix

package probe

import (
	"os/exec"
	"syscall"
)

// killGroup gives the program its own process group, so that what it started
// ends with it.
func killGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
