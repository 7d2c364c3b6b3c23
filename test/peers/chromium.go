package peers

import (
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"testing"
)

// Chromium is a headless browser that is driven over the DevTools protocol.
type Chromium struct {
	WebSocket string // of the DevTools: ws://127.0.0.1:port/devtools/browser/...

	process *process
}

// ChromiumPath returns the browser's program, for tools that start it
// themselves: Chromium without a desktop's windows, which takes half the CPU.
func ChromiumPath(t testing.TB) string {
	t.Helper()
	return require(t, "chromium-headless-shell", "chromium-headless-shell")
}

// StartChromium starts a browser with an empty profile. Names resolve to
// nothing but loopback, so a page that asks the Internet fails the same
// everywhere.
func StartChromium(t testing.TB) *Chromium {
	t.Helper()
	program := ChromiumPath(t)
	profile, err := os.MkdirTemp("", "mainstay-peer-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) })
	args := []string{"--headless=new", "--remote-debugging-port=0", "--user-data-dir=" + profile, "--no-first-run",
		"--no-default-browser-check", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-extensions",
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1", "about:blank"}
	if os.Geteuid() == 0 {
		args = append([]string{"--no-sandbox"}, args...) // Chromium's sandbox refuses root
	}
	cmd := exec.Command(program, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the program is a script, which does not hand a signal on
	p, err := start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		p.stop()
	})
	c := &Chromium{process: p}
	listening := regexp.MustCompile(`DevTools listening on (ws://\S+)`)
	if err := p.until("chromium", func() bool {
		if m := listening.FindStringSubmatch(p.output.String()); m != nil {
			c.WebSocket = m[1]
		}
		return c.WebSocket != ""
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

// PID is that of the browser's main process.
func (c *Chromium) PID() int { return c.process.cmd.Process.Pid }
