//go:build unix

package execution

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

func searchPath() []string {
	return []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}
}

// ShellOf is the shell of a script with the option that makes it run a string.
func ShellOf(c protocol.Command) []string {
	if c.Shell != "" {
		return []string{c.Shell, "-c"}
	}
	return []string{"/bin/sh", "-c"}
}

// become arranges the process group and the user, and returns the user's home
// and a clean environment.
func become(program *exec.Cmd, name string) (home string, environment []string, err error) {
	program.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	account, err := user.Current()
	if err != nil { // an id without an account, as containers have
		account = &user.User{Uid: strconv.Itoa(os.Getuid()), Username: strconv.Itoa(os.Getuid()), HomeDir: "/"}
	}
	if name != "" && name != account.Username {
		if account, err = user.Lookup(name); err != nil {
			return "", nil, core.Errorf(core.CodeNotFound, "no user %q on this host", name)
		}
		if os.Geteuid() != 0 {
			return "", nil, core.Errorf(core.CodeForbidden, "the agent is not root and cannot run commands as %q", name)
		}
		if program.SysProcAttr.Credential, err = credential(account); err != nil {
			return "", nil, err
		}
	}
	home = account.HomeDir
	if info, err := os.Stat(home); err != nil || !info.IsDir() {
		home = "/"
	}
	return home, []string{"PATH=" + strings.Join(searchPath(), ":"), "HOME=" + account.HomeDir,
		"USER=" + account.Username, "LOGNAME=" + account.Username, "LANG=C.UTF-8"}, nil
}

func credential(account *user.User) (*syscall.Credential, error) {
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user %s: %w", account.Username, err)
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user %s: %w", account.Username, err)
	}
	c := &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	groups, err := account.GroupIds()
	if err != nil {
		return nil, fmt.Errorf("groups of %s: %w", account.Username, err)
	}
	for _, g := range groups {
		if id, err := strconv.ParseUint(g, 10, 32); err == nil && !slices.Contains(c.Groups, uint32(id)) {
			c.Groups = append(c.Groups, uint32(id))
		}
	}
	return c, nil
}

func terminate(program *exec.Cmd) { _ = syscall.Kill(-program.Process.Pid, syscall.SIGTERM) }

func kill(program *exec.Cmd) { _ = syscall.Kill(-program.Process.Pid, syscall.SIGKILL) }

func signalOf(state *os.ProcessState) string {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return unix.SignalName(status.Signal())
	}
	return ""
}

// born tells a process from a later one with the same number: the boot it
// belongs to and its start time in ticks since then (proc_pid_stat(5), field 22).
func born(pid int) string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The name in parentheses may hold anything; the fields follow its end.
	_, rest, ok := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')')+1:]), " ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 20 {
		return ""
	}
	return strings.TrimSpace(string(boot)) + "/" + fields[19]
}

// killGroup kills the group of a process an earlier agent started, and says
// whether there was one. It does nothing when the leader is gone, for its
// number may be another's by now.
func killGroup(pid int, mark string) bool {
	if mark == "" || born(pid) != mark {
		return false
	}
	return syscall.Kill(-pid, syscall.SIGKILL) == nil
}

func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
