package peers

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/core/coretest"
)

// patience is how long a server may take to answer, on a busy machine.
const patience = 60 * time.Second

// require returns the path of a program of a Debian package.
func require(t testing.TB, program, debian string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("this test needs %s of the Debian package %s: scripts/test-deps installs it", program, debian)
	}
	return path
}

// process is one running server.
type process struct {
	cmd    *exec.Cmd
	output *output
	gone   chan struct{}
}

// start runs the command, which ends with this process at the latest.
func start(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, output: &output{}, gone: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGTERM
	cmd.WaitDelay = 5 * time.Second // what it left behind may hold its output
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() { cmd.Wait(); close(p.gone) }()
	return p, nil
}

// stop asks the process to end and, after a while, ends it.
func (p *process) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.gone:
	case <-time.After(10 * time.Second):
		p.cmd.Process.Kill()
		<-p.gone
	}
}

// until calls ready until it returns true, the process ends or patience does.
func (p *process) until(what string, ready func() bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for !ready() {
		select {
		case <-p.gone:
			return fmt.Errorf("%s ended: %s", what, p.output)
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %s", what, p.output)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// output keeps the last of what a process wrote.
type output struct {
	mu   sync.Mutex
	text []byte
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, p...)
	if n := len(o.text) - 64<<10; n > 0 {
		o.text = o.text[n:]
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(bytes.TrimSpace(o.text))
}

// FreePort returns a port of 127.0.0.1 for a server of the test.
func FreePort(t testing.TB) int {
	t.Helper()
	port, err := coretest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func listens(port int) bool {
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
