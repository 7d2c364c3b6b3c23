package execution

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

func searchPath() []string {
	root := os.Getenv("SystemRoot")
	return []string{filepath.Join(root, "System32"), root, filepath.Join(root, "System32", "WindowsPowerShell", "v1.0")}
}

// ShellOf is the shell of a script with the option that makes it run a string.
func ShellOf(c protocol.Command) []string {
	if c.Shell != "" {
		return []string{c.Shell, "-Command"}
	}
	return []string{filepath.Join(os.Getenv("SystemRoot"), "System32", "cmd.exe"), "/C"}
}

func become(program *exec.Cmd, name string) (string, []string, error) {
	if name != "" {
		return "", nil, core.Errorf(core.CodeForbidden, "the agent cannot change the user of a command on Windows")
	}
	program.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
	environment := []string{}
	for _, variable := range []string{"SystemRoot", "SystemDrive", "TEMP", "TMP", "PATH", "PATHEXT", "ComSpec", "ProgramData", "ProgramFiles"} {
		if value := os.Getenv(variable); value != "" {
			environment = append(environment, variable+"="+value)
		}
	}
	return os.TempDir(), environment, nil
}

// taskkill ends a process with its descendants; Windows has no process groups
// to signal.
func taskkill(program *exec.Cmd, force ...string) {
	_ = exec.Command("taskkill", append([]string{"/T", "/PID", strconv.Itoa(program.Process.Pid)}, force...)...).Run()
}

func terminate(program *exec.Cmd) { taskkill(program) }

func kill(program *exec.Cmd) { taskkill(program, "/F") }

func signalOf(*os.ProcessState) string { return "" }

func born(int) string { return "" }

func killGroup(int, string) bool { return false }

func syncDirectory(string) error { return nil }
