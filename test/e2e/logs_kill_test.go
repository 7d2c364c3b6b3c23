package e2e

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mainstay/test/harness"
	"mainstay/test/peers"
)

// sender writes numbered lines until it is told to stop.
type sender struct {
	name string
	mu   sync.Mutex
	sent int // lines that were acknowledged, or are in the sender's own file

	tries map[int]int // how often a line was sent by us, where that is known and more than once
}

func (s *sender) line(n int) string { return fmt.Sprintf("%s order %06d paid", s.name, n) }

func (s *sender) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

func (s *sender) more(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent += n
}

// again notes that lines are sent once more.
func (s *sender) again(first, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := first; i < first+n; i++ {
		s.tries[i] = max(1, s.tries[i]) + 1
	}
}

// writes appends lines to a file that others follow.
func (s *sender) writes(ctx context.Context, t *testing.T, path string) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	for n := 0; ctx.Err() == nil; n++ {
		if _, err := fmt.Fprintln(f, s.line(n)); err != nil {
			t.Error(err)
			return
		}
		s.more(1)
		time.Sleep(5 * time.Millisecond)
	}
}

// rotates has the file of writes renamed now and then, as logrotate does.
func (s *sender) rotates(ctx context.Context, t *testing.T, path string) {
	for n := 0; ctx.Err() == nil; {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			t.Error(err)
			return
		}
		for range 300 {
			if ctx.Err() != nil {
				break
			}
			fmt.Fprintln(f, s.line(n))
			n++
			s.more(1)
			time.Sleep(5 * time.Millisecond)
		}
		f.Close()
		if err := os.Rename(path, fmt.Sprintf("%s.%d", path, n)); err != nil {
			t.Error(err)
		}
	}
}

// pushes sends lines over the API as Loki's senders do, and again what had no
// answer that it was taken.
func (s *sender) pushes(ctx context.Context, server *harness.Server) {
	const lines = 10
	client := http.Client{Timeout: 5 * time.Second}
	for n := 0; ctx.Err() == nil; {
		var values []string
		for i := range lines {
			values = append(values, fmt.Sprintf(`["%d",%q]`, time.Now().UnixNano(), s.line(n+i)))
		}
		body := `{"streams":[{"stream":{"app":"` + s.name + `"},"values":[` + strings.Join(values, ",") + `]}]}`
		request, err := http.NewRequest("POST", server.URL+"/loki/api/v1/push", strings.NewReader(body))
		if err != nil {
			return
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+server.Token)
		response, err := client.Do(request)
		if err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
		if err != nil || response.StatusCode != http.StatusNoContent {
			s.again(n, lines)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		n += lines
		s.more(lines)
		time.Sleep(50 * time.Millisecond)
	}
}

// found is how often each line is in the log store.
func (s *sender) found(t *testing.T, server *harness.Server, since time.Time) map[string]int {
	t.Helper()
	request, err := http.NewRequest("GET", server.URL+"/api/v1/logs/export?"+url.Values{"query": {`"` + s.name + ` order"`}, "start": {since.Format(time.RFC3339)}, "format": {"ndjson"}, "limit": {"100000"}}.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+server.Token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return nil
	}
	out := map[string]int{}
	for rest := text; ; {
		at := bytes.Index(rest, []byte(s.name+" order "))
		if at < 0 {
			return out
		}
		line := rest[at:min(len(rest), at+len(s.line(0)))]
		out[string(line)]++
		rest = rest[at+len(line):]
	}
}

// TestLogsSurviveKills kills the server, its log engine and an agent while
// rsyslog sends over TCP and RELP, a program pushes over the API and the agent
// follows files that are rotated: what was acknowledged is found, and no line
// more than twice, however close the kills come.
func TestLogsSurviveKills(t *testing.T) {
	t.Parallel()
	kills := campaign(7, 90)
	from, err := strconv.ParseUint(cmp.Or(os.Getenv("MAINSTAY_SOAK_SEED"), strconv.Itoa(seed)), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(from, 4))
	port, relpPort := peers.FreePort(t), peers.FreePort(t)
	server := harness.New(t, fmt.Sprintf("MAINSTAY_SYSLOG_TCP=127.0.0.1:%d", port), fmt.Sprintf("MAINSTAY_SYSLOG_RELP=127.0.0.1:%d", relpPort),
		"MAINSTAY_LOGS_SOURCES_EVERY=1s", "MAINSTAY_AGENT_ENABLED=false")
	server.Start()
	dir := t.TempDir()
	agent := server.NewAgent("web7", "checks: []\nlogs: ["+dir+"/**]\n")
	agent.Start()
	agent.WaitKnown()
	since := time.Now().Add(-time.Minute)
	document := filepath.Join(t.TempDir(), "source.yaml")
	text := fmt.Sprintf("kind: LogSource\nname: shop\nspec:\n  files:\n    paths: [%s/*.log*]\n  fromPast: true\n  app: shop\n", dir)
	if err := os.WriteFile(document, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := server.CLI("apply", "-f", document); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	daemon := peers.StartRsyslog(t, "", "", "", fmt.Sprintf(`action(type="omfwd" target="127.0.0.1" port="%d" protocol="tcp" queue.type="LinkedList" queue.filename="kept" queue.saveOnShutdown="on"
  action.resumeRetryCount="-1" action.resumeInterval="1")`, port))
	reliable := peers.StartRsyslog(t, "", "", `module(load="omrelp")`, fmt.Sprintf(`action(type="omrelp" target="127.0.0.1" port="%d" action.resumeRetryCount="-1" action.resumeInterval="1")`, relpPort))

	syslog, relp, loki, files := &sender{name: "syslog"}, &sender{name: "relp"}, &sender{name: "loki", tries: map[int]int{}}, &sender{name: "files"}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var senders sync.WaitGroup
	senders.Go(func() { syslog.writes(ctx, t, filepath.Join(daemon.Dir, "in.log")) })
	senders.Go(func() { relp.writes(ctx, t, filepath.Join(reliable.Dir, "in.log")) })
	senders.Go(func() { loki.pushes(ctx, server) })
	senders.Go(func() { files.rotates(ctx, t, filepath.Join(dir, "shop.log")) })
	whom := []string{"log engines", "server", "log engines", "log engines", "agent", "server and agent", "log engines"}
	for n := range kills {
		// An engine has on disk what is older than one to three seconds.
		victim := whom[n%len(whom)]
		moment := 200*time.Millisecond + time.Duration(random.Int64N(int64(5*time.Second)))
		if victim != "log engines" {
			// Who sends again what was not answered has done so by then: it cannot
			// tell what was taken, and would double it each time.
			moment += 2 * time.Second
		}
		time.Sleep(moment)
		t.Logf("kill %d of %d: %s after %s", n+1, kills, victim, moment.Round(time.Millisecond))
		switch victim {
		case "server":
			server.Kill()
			server.Start()
		case "agent":
			agent.Kill()
			agent.Start()
		case "server and agent":
			server.Kill()
			agent.Kill()
			agent.Start()
			server.Start()
		default:
			for _, pid := range server.Children("logstore") {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
	time.Sleep(500 * time.Millisecond)
	cancel()
	senders.Wait()
	for _, s := range []*sender{loki, files, relp, syslog} {
		// What the kernel took of plain TCP and nobody had read dies with the server:
		// syslog's senders cannot know. Its lines are a few reads of the socket a kill.
		allowed := 0
		if s == syslog {
			allowed = 20 * (kills + 1)
		}
		missing := func(found map[string]int) (n int) {
			for i := range s.count() {
				if found[s.line(i)] == 0 {
					n++
				}
			}
			return n
		}
		server.Eventually(60*time.Second, "what was sent by "+s.name+" is found", func() error {
			found := s.found(t, server, since)
			if n := missing(found); n > allowed || found[s.line(s.count()-1)] == 0 {
				return fmt.Errorf("%d of %d lines are missing", n, s.count())
			}
			return nil
		})
		found, doubled, most := s.found(t, server, since), 0, 0
		for _, n := range found {
			if n > 1 {
				doubled++
			}
			most = max(most, n)
		}
		t.Logf("%s: %d lines, %d missing, %d doubled, one at most %d times", s.name, s.count(), missing(found), doubled, most)
		for i := range s.count() {
			if n := found[s.line(i)]; n > max(2, s.tries[i]) {
				t.Errorf("%s came %d times", s.line(i), n)
			}
		}
	}
}
