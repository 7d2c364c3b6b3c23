package harness

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mainstay/test/peers"
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

	process
	listen string
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
	s := &Server{process: process{t: t, name: "server", program: Program(t)}, Data: t.TempDir(), Env: env}
	s.listen = fmt.Sprintf("127.0.0.1:%d", peers.FreePort(t))
	s.URL = "http://" + s.listen
	t.Cleanup(s.finish)
	return s
}

// Start runs the server and waits until it is ready; the first time it also makes a token.
func (s *Server) Start() {
	s.t.Helper()
	s.Launch()
	s.WaitReady()
	if s.Token == "" {
		out, err := s.command("token", "create", "--data", s.Data, "--user", "admin", "--name", "harness").Output()
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
	s.launch(s.command(append([]string{"serve", "--data", s.Data, "--listen", s.listen}, s.Args...)...))
}

// command is the program with the environment of the server.
func (s *Server) command(args ...string) *exec.Cmd {
	cmd := exec.Command(s.program, args...)
	cmd.Env = append(append(os.Environ(), "MAINSTAY_ADMIN_PASSWORD="+Password), s.Env...)
	return cmd
}

// WaitReady waits until /readyz says so.
func (s *Server) WaitReady() {
	s.t.Helper()
	s.Eventually(30*time.Second, "the server is ready", func() error {
		if !s.Alive() {
			s.t.Fatalf("the server ended:\n%s", s.log.Tail(50))
		}
		return s.Ready()
	})
}

// Ready is nil when /readyz says so, and says why not otherwise.
func (s *Server) Ready() error {
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(s.URL + "/readyz")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(response.Body)
		return fmt.Errorf("%s: %s", response.Status, body)
	}
	return nil
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
	cmd := s.command(args...)
	cmd.Env = append(cmd.Env, "MAINSTAY_SERVER="+s.URL, "MAINSTAY_TOKEN="+s.Token)
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

// Goroutines is how many the server has.
func (s *Server) Goroutines() int {
	s.t.Helper()
	request, err := http.NewRequest("GET", s.URL+"/debug/pprof/goroutine?debug=1", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.Token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	var total int
	if _, err := fmt.Fscanf(response.Body, "goroutine profile: total %d", &total); err != nil {
		s.t.Fatalf("the profile of goroutines: %s: %v", response.Status, err)
	}
	return total
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
