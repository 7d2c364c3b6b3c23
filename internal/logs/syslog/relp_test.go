package syslog_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/logs/syslog"
	"mainstay/test/peers"
)

func withRELP(c *syslog.Configuration) { c.RELP = "127.0.0.1:0" }

// conversation is one RELP connection, spoken by hand.
type conversation struct {
	net.Conn
	in *bufio.Reader
}

func converse(t *testing.T, w *world) *conversation {
	t.Helper()
	at, _ := w.RELP()
	conn := dial(t, "tcp", at)
	_ = conn.SetDeadline(time.Now().Add(60 * time.Second))
	return &conversation{conn, bufio.NewReader(conn)}
}

// opened is one whose session is open.
func opened(t *testing.T, w *world) *conversation {
	t.Helper()
	c := converse(t, w)
	send(t, c, offer)
	c.expect(t, accepted)
	return c
}

func (c *conversation) expect(t *testing.T, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c.in, got); err != nil || string(got) != want {
		t.Fatalf("%q, %v; not %q", got[:n], err, want)
	}
}

const (
	offer    = "1 open 59 relp_version=0\nrelp_software=librelp,1.11.0\ncommands=syslog\n"
	accepted = "1 rsp 60 200 OK\nrelp_version=0\nrelp_software=mainstay\ncommands=syslog\n"
)

func TestRELPAnswersWhatIsDurable(t *testing.T) {
	t.Parallel()
	w := start(t, withRELP)
	c := opened(t, w)
	send(t, c, "2 syslog 17 <13>web1 app: one\n3 syslog 17 <13>web1")
	c.expect(t, "2 rsp 6 200 OK\n")
	send(t, c, " app: two\n4 syslog 0\n5 eventlog 1 x\n0 hint 0\n6 close 0\n")
	c.expect(t, "3 rsp 6 200 OK\n4 rsp 6 200 OK\n5 rsp 28 500 the command is not known\n6 rsp 0\n0 serverclose 0\n")
	held := w.store.held()
	if len(held) != 2 || held[0].Message != "web1 app: one" || held[1].Message != "web1 app: two" || value(held[0], "syslog.transport") != "relp" {
		t.Errorf("%+v", held)
	}
	if s := w.state(t, "syslog-relp"); s.Taken != 2 || s.Refused != 0 {
		t.Errorf("%+v", s)
	}
}

// A sender hears nothing of a message while the store does not take it.
func TestRELPIsSilentWhileTheStoreTakesNothing(t *testing.T) {
	t.Parallel()
	w := start(t, withRELP)
	c := opened(t, w)
	w.store.fail(core.Errorf(core.CodeUnavailable, "the spool is full"))
	send(t, c, "2 syslog 17 <13>web1 app: one\n")
	<-w.store.asked
	<-w.store.asked
	_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if b, err := c.in.Peek(1); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("%q, %v", b, err)
	}
	_ = c.SetReadDeadline(time.Now().Add(60 * time.Second))
	w.store.fail(nil)
	c.expect(t, "2 rsp 6 200 OK\n")
	// Nor does it when Mainstay stops first: it keeps the message and sends it again.
	w.store.fail(core.Errorf(core.CodeUnavailable, "the spool is full"))
	send(t, c, "3 syslog 17 <13>web1 app: two\n")
	<-w.store.asked
	if err := w.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(c.in); strings.Contains(string(rest), "rsp") || len(w.store.held()) != 1 {
		t.Errorf("%q, and %d are stored", rest, len(w.store.held()))
	}
}

func TestRELPSaysThatItStops(t *testing.T) {
	t.Parallel()
	w := start(t, withRELP)
	c := opened(t, w)
	stopped := make(chan error, 1)
	go func() { stopped <- w.Stop(context.Background()) }()
	c.expect(t, "0 serverclose 0\n")
	if rest, err := io.ReadAll(c.in); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
	_ = c.Close()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestRELPClosesWhatIsNoRELP(t *testing.T) {
	t.Parallel()
	w := start(t, withRELP)
	for text, want := range map[string]string{
		"<13>web1 app: plain syslog\n": "0 serverclose 0\n",
		"1 syslog 1 x\n":               "1 rsp 27 500 the session is not open\n0 serverclose 0\n",
	} {
		c := converse(t, w)
		send(t, c, text)
		if got, _ := io.ReadAll(c.in); string(got) != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	if s := w.state(t, "syslog-relp"); s.Taken != 0 || !strings.Contains(s.Trouble, "was closed") {
		t.Errorf("%+v", s)
	}
}

func TestRsyslogSendsOverRELP(t *testing.T) {
	t.Parallel()
	w := start(t, withRELP)
	at, _ := w.RELP()
	peers.StartRsyslog(t, orderLines(), "", `module(load="omrelp")`, relpAction(at, ""))
	complete(t, w.store.orders(t), "relp")
	if s := w.state(t, "syslog-relp"); s.Taken < orders || s.Connections != 1 || s.Feeds != "logs" {
		t.Errorf("%+v", s)
	}
}

func TestRsyslogSendsOverRELPAndTLS(t *testing.T) {
	t.Parallel()
	certificate, key := peers.Credentials(t)
	w := start(t, func(c *syslog.Configuration) {
		c.RELPTLS, c.Certificate, c.Key, c.ClientCA = "127.0.0.1:0", certificate, key, certificate
	})
	_, secure := w.RELP()
	tls := fmt.Sprintf(`tls="on" tls.caCert=%q tls.authMode="name" tls.permittedPeer=["localhost"] `, certificate)
	// Who shows no certificate is refused.
	stranger := peers.StartRsyslog(t, "let me in\n", "", `module(load="omrelp")`, relpAction(secure, tls))
	w.until(t, "syslog-relp-tls", func(trouble string) bool { return strings.Contains(trouble, "refused") })
	stranger.Stop()
	peers.StartRsyslog(t, orderLines(), "", `module(load="omrelp")`, relpAction(secure, tls+fmt.Sprintf(`tls.myCert=%q tls.myPrivKey=%q`, certificate, key)))
	records := w.store.orders(t)
	complete(t, records, "relp-tls")
	for _, r := range records {
		if strings.Contains(r.Message, "let me in") {
			t.Errorf("%+v", r)
		}
	}
}

func relpAction(at net.Addr, more string) string {
	return fmt.Sprintf(`action(type="omrelp" target="127.0.0.1" port="%s" template="RSYSLOG_SyslogProtocol23Format" %s
  action.resumeRetryCount="-1" action.resumeInterval="1")`, portOf(at), more)
}
