package harness

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is the built program running as something; it can be started again.
type process struct {
	t       testing.TB
	name    string
	program string
	log     Log

	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan struct{}
}

// launch runs the command, which ends with the test at the latest.
func (p *process) launch(cmd *exec.Cmd) {
	p.t.Helper()
	cmd.Stdout, cmd.Stderr = &p.log, &p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { cmd.Wait(); close(exited) }()
	p.mu.Lock()
	p.cmd, p.exited = cmd, exited
	p.mu.Unlock()
}

// PID is the process id of the one that was started last.
func (p *process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd.Process.Pid
}

// Alive says whether it still runs.
func (p *process) Alive() bool {
	p.mu.Lock()
	exited := p.exited
	p.mu.Unlock()
	select {
	case <-exited:
		return false
	default:
		return true
	}
}

// Resident is how much memory it has, in bytes.
func (p *process) Resident() int64 {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.PID()))
	if err != nil {
		p.t.Fatal(err)
	}
	var size, resident int64
	fmt.Fscan(bytes.NewReader(text), &size, &resident)
	return resident * int64(os.Getpagesize())
}

// Log is what it wrote, over all its starts.
func (p *process) Log() *Log { return &p.log }

// Kill ends it with SIGKILL and waits until it is gone. What it had started is
// left alone, as when a machine runs out of memory.
func (p *process) Kill() { p.end(syscall.SIGKILL) }

// Stop ends it as a service manager would.
func (p *process) Stop() { p.end(syscall.SIGTERM) }

func (p *process) end(signal syscall.Signal) {
	p.mu.Lock()
	cmd, exited := p.cmd, p.exited
	p.mu.Unlock()
	if cmd == nil {
		return
	}
	cmd.Process.Signal(signal)
	select {
	case <-exited:
	case <-time.After(40 * time.Second):
		cmd.Process.Kill()
		<-exited
		p.t.Errorf("the %s did not stop within 40s", p.name)
	}
}

// finish stops it at the end of a test; after one that failed it shows the end
// of the log, and where every goroutine was.
func (p *process) finish() {
	if p.cmd == nil || !p.t.Failed() {
		p.Stop()
		if log := p.log.Tail(math.MaxInt); strings.Contains(log, "panic") {
			p.t.Errorf("the %s panicked:\n%s", p.name, log)
		}
		return
	}
	tail := p.log.Tail(200)
	p.end(syscall.SIGQUIT)
	p.t.Logf("the %s's log:\n%s", p.name, tail)
	path := filepath.Join(os.TempDir(), fmt.Sprintf("mainstay-%s-%d.log", p.name, p.PID()))
	if err := os.WriteFile(path, []byte(p.log.Tail(math.MaxInt)), 0o600); err == nil {
		p.t.Logf("all of it, with its goroutines: %s", path)
	}
}

// Log keeps what a process wrote.
type Log struct {
	mu   sync.Mutex
	text []byte
}

// Write adds to the log.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	return len(p), nil
}

// Lines is how many there are.
func (l *Log) Lines() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Count(l.text, []byte("\n"))
}

// Tail returns the last lines.
func (l *Log) Tail(lines int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := strings.Split(strings.TrimSpace(string(l.text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
