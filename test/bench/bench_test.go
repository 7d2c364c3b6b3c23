package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mainstay/test/harness"
)

// BenchmarkStartToReady is the time from starting the program on an empty
// directory to a 200 of /readyz.
func BenchmarkStartToReady(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := harness.New(b)
		b.StartTimer()
		s.Launch()
		s.WaitReady()
		b.StopTimer()
		s.Stop()
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/start")
}

// BenchmarkIdleMemory is the memory of a server that has nothing to do: that of
// its own process and of its children. Pages that processes share, such as
// those of the program itself, are counted once (PSS).
func BenchmarkIdleMemory(b *testing.B) {
	s := harness.New(b)
	s.Start()
	time.Sleep(20 * time.Second) // the first facts, the first collection of garbage
	for b.Loop() {
	}
	server := residentMB(b, s.PID())
	children := 0.0
	for _, pid := range s.Children("logstore") {
		children += residentMB(b, pid)
	}
	b.ReportMetric(server, "MB-server")
	b.ReportMetric(children, "MB-children")
	b.ReportMetric(server+children, "MB-total")
}

// residentMB reads the proportional set size of a process, proc(5).
func residentMB(b *testing.B, pid int) float64 {
	b.Helper()
	return smapsMB(b, pid, "Pss:")
}

// ownMB is the part of it that is no page of a file, which the kernel would
// take back when it needs room.
func ownMB(b *testing.B, pid int) float64 {
	b.Helper()
	return smapsMB(b, pid, "Pss_Anon:")
}

func smapsMB(b *testing.B, pid int, name string) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name {
			kb, _ := strconv.ParseFloat(fields[1], 64)
			return kb / 1024
		}
	}
	b.Fatalf("no %s in smaps_rollup", name)
	return 0
}

// BenchmarkAgentMemory is the memory of an agent of its own: the small program
// that packages install on hosts, and the one program as an agent.
func BenchmarkAgentMemory(b *testing.B) {
	small := filepath.Join(b.TempDir(), "mainstay-agent")
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", small, "./cmd/mainstay-agent")
	build.Dir = harness.Root(b)
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	for name, command := range map[string][]string{"small": {small}, "whole": {harness.Program(b), "agent"}} {
		b.Run(name, func(b *testing.B) {
			s := harness.New(b, "MAINSTAY_AGENT_ENABLED=false")
			s.Start()
			var enrolment struct {
				Token string `json:"token"`
			}
			if err := s.Call("POST", "/api/v1/enrolments", map[string]any{"name": "bench"}, &enrolment); err != nil {
				b.Fatal(err)
			}
			cmd := exec.Command(command[0], append(command[1:], "--server", s.URL, "--data", b.TempDir())...)
			cmd.Env = append(os.Environ(), "MAINSTAY_ENROL="+enrolment.Token)
			if err := cmd.Start(); err != nil {
				b.Fatal(err)
			}
			defer func() { cmd.Process.Kill(); cmd.Wait() }()
			time.Sleep(25 * time.Second)
			for b.Loop() {
			}
			b.ReportMetric(residentMB(b, cmd.Process.Pid), "MB-agent")
		})
	}
}

// BenchmarkBinarySize is the size of the program.
func BenchmarkBinarySize(b *testing.B) {
	info, err := os.Stat(filepath.Join(harness.Root(b), "bin", "mainstay"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
	}
	b.ReportMetric(float64(info.Size())/(1<<20), "MB")
}

// BenchmarkEventToIncident posts one event at a time to an idle server and
// waits for the ledger to tell of the incident, as the console does. So many
// faults in a row would be gathered as a storm, so that is off.
func BenchmarkEventToIncident(b *testing.B) {
	s := harness.New(b, "MAINSTAY_EVENTS_SITUATIONS_BURST=0")
	s.Start()
	time.Sleep(6 * time.Second) // the first facts of the host are in: now it is idle
	opened := follow(b, s, "desk.incident.opened")
	var took []time.Duration
	n := 0
	for b.Loop() {
		n++
		title := fmt.Sprintf("fault number %d", n)
		event := map[string]any{"key": "bench:" + title, "source": "bench", "kind": "problem", "severity": "major", "title": title,
			"labels": map[string]string{"host": fmt.Sprintf("host-%d", n)}}
		began := time.Now()
		if err := s.Call("POST", "/api/v1/events", event, nil); err != nil {
			b.Fatal(err)
		}
		for {
			select {
			case data := <-opened:
				if !strings.Contains(data, title) {
					continue
				}
			case <-time.After(20 * time.Second):
				b.Fatalf("no incident for %q", title)
			}
			break
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
}

// follow sends the data of ledger entries of a type to the channel it returns.
func follow(b *testing.B, s *harness.Server, entryType string) <-chan string {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), "GET", s.URL+"/api/v1/stream?type="+entryType, nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.Token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { response.Body.Close() })
	out := make(chan string, 100)
	go func() {
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && json.Valid([]byte(data)) {
				out <- data
			}
		}
	}()
	return out
}
