package harness

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Password is what the administrator of a harness installation has.
const Password = "correct horse battery staple"

// Server is one `mainstay serve`.
type Server struct {
	Data  string
	URL   string
	Token string
	Env   []string // added to the environment of the process
	Args  []string // added to the command line

	t       testing.TB
	program string
	listen  string
	log     *Log

	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan struct{}
}

// Program returns the built binary, or says how to build it.
func Program(t testing.TB) string {
	t.Helper()
	path := filepath.Join(Root(t), "bin", "mainstay")
	if _, err := os.Stat(path); err != nil {
		t.Fatal("bin/mainstay is not there: make build")
	}
	return path
}

// Root is the top of the checkout.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above the test")
	return ""
}

// New prepares an installation in a temporary directory.
func New(t testing.TB, env ...string) *Server {
	t.Helper()
	s := &Server{t: t, program: Program(t), Data: t.TempDir(), listen: FreeAddress(t), Env: env, log: &Log{}}
	s.URL = "http://" + s.listen
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			t.Logf("the server's log:\n%s", s.log.Tail(200))
		}
	})
	return s
}

// FreeAddress finds a loopback port that nobody listens on.
func FreeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Start runs the server and waits until it is ready; the first time it also makes a token.
func (s *Server) Start() {
	s.t.Helper()
	s.Launch()
	s.WaitReady()
	if s.Token == "" {
		out, err := exec.Command(s.program, "token", "create", "--data", s.Data, "--user", "admin", "--name", "harness").Output()
		if err != nil {
			s.t.Fatalf("token create: %v", err)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		s.Token = lines[len(lines)-1]
	}
}

// Launch runs the server without waiting.
func (s *Server) Launch() {
	s.t.Helper()
	cmd := exec.Command(s.program, append([]string{"serve", "--data", s.Data, "--listen", s.listen}, s.Args...)...)
	cmd.Env = append(append(os.Environ(), "MAINSTAY_ADMIN_PASSWORD="+Password), s.Env...)
	cmd.Stdout, cmd.Stderr = s.log, s.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { cmd.Wait(); close(exited) }()
	s.mu.Lock()
	s.cmd, s.exited = cmd, exited
	s.mu.Unlock()
}

// WaitReady waits until /readyz says so.
func (s *Server) WaitReady() {
	s.t.Helper()
	s.Eventually(30*time.Second, "the server is ready", func() error {
		response, err := http.Get(s.URL + "/readyz")
		if err != nil {
			select {
			case <-s.exited:
				s.t.Fatalf("the server ended:\n%s", s.log.Tail(50))
			default:
			}
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			body, _ := io.ReadAll(response.Body)
			return fmt.Errorf("%s: %s", response.Status, body)
		}
		return nil
	})
}

// Log is what the server wrote, over all its starts.
func (s *Server) Log() *Log { return s.log }

// PID is the process id of the running server.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cmd.Process.Pid
}

// Kill ends the server with SIGKILL and waits until it is gone. Its log engines
// notice by themselves.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Stop ends the server as a service manager would.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

func (s *Server) end(signal syscall.Signal) {
	s.mu.Lock()
	cmd, exited := s.cmd, s.exited
	s.mu.Unlock()
	if cmd == nil {
		return
	}
	cmd.Process.Signal(signal)
	select {
	case <-exited:
	case <-time.After(40 * time.Second):
		cmd.Process.Kill()
		<-exited
		s.t.Errorf("the server did not stop within 40s")
	}
}

// Children lists the process ids of the server's children whose command line holds word.
func (s *Server) Children(word string) []int {
	out, _ := exec.Command("ps", "--ppid", fmt.Sprint(s.PID()), "-o", "pid=,args=").Output()
	var pids []int
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		var pid int
		if strings.Contains(lines.Text(), word) {
			fmt.Sscan(lines.Text(), &pid)
			pids = append(pids, pid)
		}
	}
	return pids
}

// CLI runs a command of the program against the server and returns its output.
func (s *Server) CLI(args ...string) (string, error) {
	cmd := exec.Command(s.program, args...)
	cmd.Env = append(os.Environ(), "MAINSTAY_SERVER="+s.URL, "MAINSTAY_TOKEN="+s.Token)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Call sends a request with the token and reads the JSON answer into out.
func (s *Server) Call(method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.URL+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.Token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, text)
	}
	if out == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, out)
}

// Eventually asks until condition returns nil, and fails the test when it never does.
func (s *Server) Eventually(within time.Duration, what string, condition func() error) {
	s.t.Helper()
	deadline := time.Now().Add(within)
	var err error
	for time.Now().Before(deadline) {
		if err = condition(); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Fatalf("not within %s: %s: %v", within, what, err)
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

// Tail returns the last lines.
func (l *Log) Tail(lines int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := strings.Split(strings.TrimSpace(string(l.text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
