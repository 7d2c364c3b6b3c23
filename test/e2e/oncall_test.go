package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"mainstay/test/harness"
)

// told counts what reached people, by the id of the message.
type told struct {
	mu    sync.Mutex
	times map[string]int
}

func (t *told) hear(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.times[id]++
}

func (t *told) count(id string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.times[id]
}

// The other end of a mail: an SMTP server that keeps who was told what.
func (t *told) NewSession(*smtp.Conn) (smtp.Session, error) { return mailSession{t}, nil }

type mailSession struct{ told *told }

func (mailSession) Reset()                               {}
func (mailSession) Logout() error                        { return nil }
func (mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (mailSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s mailSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if m := regexp.MustCompile(`(?i)message-id: <([^@>]+)@`).FindSubmatch(text); m != nil {
		s.told.hear(string(m[1]))
	}
	return err
}

// TestEscalationSurvivesKills kills the server at random moments of escalations.
// Everything that fell due reaches its receiver, by mail and by webhook, at
// least once and at most twice, and the proof of it is kept.
func TestEscalationSurvivesKills(t *testing.T) {
	t.Parallel()
	heard := &told{times: map[string]int{}}
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body struct{ Data struct{ ID string } }
		if err := json.NewDecoder(r.Body).Decode(&body); err == nil && body.Data.ID != "" {
			heard.hear(body.Data.ID)
		}
	}))
	t.Cleanup(hook.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	post := smtp.NewServer(heard)
	go post.Serve(listener)
	t.Cleanup(func() { post.Close() })

	s := harness.New(t, "MAINSTAY_OUTGOING_LOOPBACK=true", "MAINSTAY_AGENT_ENABLED=false", "MAINSTAY_MAIL_HOST=127.0.0.1", "MAINSTAY_MAIL_SECURITY=none",
		fmt.Sprintf("MAINSTAY_MAIL_PORT=%d", listener.Addr().(*net.TCPAddr).Port), "MAINSTAY_MAIL_FROM=mainstay@example.org", "MAINSTAY_ONCALL_BURST=1000")
	s.Start()
	documents := filepath.Join(t.TempDir(), "oncall.yml")
	text := fmt.Sprintf(`kind: Channel
name: hook
spec: {type: webhook, url: %q, perMinute: 10000}
---
kind: Channel
name: post
spec: {type: mail, to: ann@example.org, perMinute: 10000}
---
kind: EscalationPolicy
name: all
spec:
  steps:
    - {notify: [{channel: hook}, {channel: post}], wait: 2s}
    - {notify: [{channel: hook}, {channel: post}], wait: 2s}
  repeat: 1
`, hook.URL)
	if err := os.WriteFile(documents, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(harness.Program(t), "apply", "-f", documents, "--server", s.URL, "--token", s.Token).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	const faults, steps, channels = 3, 4, 2
	for n := range faults {
		event := map[string]any{"source": "test", "kind": "problem", "severity": "critical", "key": fmt.Sprintf("fault-%d", n), "title": strings.Repeat(string(rune('a'+n)), 9) + " broke"}
		if err := s.Call("POST", "/api/v1/events", event, nil); err != nil {
			t.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(seed, 4))
	for range campaign(2, 20) {
		time.Sleep(time.Duration(random.Int64N(int64(2500 * time.Millisecond))))
		s.Kill()
		s.Start()
	}
	type delivery struct {
		ID, Channel, Purpose, State string
		Tries                       []struct{ OK bool }
	}
	var all []delivery
	s.Eventually(120*time.Second, "everything that fell due was sent", func() error {
		var pages struct{ Items []struct{ ID string } }
		if err := s.Call("GET", "/api/v1/pages", nil, &pages); err != nil {
			return err
		}
		all = nil
		for _, p := range pages.Items {
			var page struct{ Deliveries []delivery }
			if err := s.Call("GET", "/api/v1/pages/"+p.ID, nil, &page); err != nil {
				return err
			}
			all = append(all, page.Deliveries...)
		}
		sent := 0
		for _, d := range all {
			if d.State == "sent" && d.Purpose == "page" {
				sent++
			}
		}
		if len(pages.Items) != faults || sent != faults*steps*channels || sent != len(all) {
			return fmt.Errorf("%d pages, %d of %d deliveries are sent", len(pages.Items), sent, len(all))
		}
		return nil
	})
	twice := 0
	for _, d := range all {
		n := heard.count(d.ID)
		if n < 1 || n > 2 || len(d.Tries) < 1 || !d.Tries[len(d.Tries)-1].OK {
			t.Errorf("%s by %s was heard %d times, with the proofs %+v", d.ID, d.Channel, n, d.Tries)
		}
		if n == 2 {
			twice++
		}
	}
	t.Logf("%d deliveries, %d of them heard twice", len(all), twice)
}
