package syslog_test

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/logs/syslog"
	"mainstay/internal/platform/logstore"
	"mainstay/test/peers"
)

// order is how many lines each daemon sends.
const orders = 5000

func orderLines() string {
	var b strings.Builder
	for i := range orders {
		fmt.Fprintf(&b, "order %05d paid\n", i)
	}
	return b.String()
}

// complete says that every line came once, with who sent it.
func complete(t *testing.T, records []logstore.Record, transport string) {
	t.Helper()
	var got []string
	for _, r := range records {
		if strings.HasPrefix(r.Message, "order ") {
			got = append(got, r.Message)
			if r.App != "shop" || r.Level != "warn" || r.Host == "" || value(r, "syslog.facility") != "local3" || value(r, "syslog.transport") != transport {
				t.Fatalf("%+v", r)
			}
		}
	}
	slices.Sort(got)
	want := strings.Split(strings.TrimSpace(orderLines()), "\n")
	if !slices.Equal(got, want) {
		t.Errorf("%d lines came of %d; %d of them once", len(got), len(want), len(slices.Compact(got)))
	}
}

// arrived waits until n orders are there.
func (m *memory) orders(t testing.TB) []logstore.Record {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		records := m.held()
		n := 0
		for _, r := range records {
			if strings.HasPrefix(r.Message, "order ") {
				n++
			}
		}
		if n >= orders {
			return records
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d came", n, orders)
		}
		select {
		case <-m.wrote:
		case <-time.After(time.Second):
		}
	}
}

func portOf(a net.Addr) string {
	_, port, _ := net.SplitHostPort(a.String())
	return port
}

func TestRsyslogSendsOverTCP(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	_, tcp, _ := w.Addresses()
	peers.StartRsyslog(t, orderLines(), "", "", fmt.Sprintf(`action(type="omfwd" target="127.0.0.1" port="%s" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"
  queue.type="LinkedList" queue.filename="mainstay" queue.saveOnShutdown="on" action.resumeRetryCount="-1" action.resumeInterval="1")`, portOf(tcp)))
	complete(t, w.store.orders(t), "tcp")
}

// The format that rsyslog forwards in when nothing is said, a line each.
func TestRsyslogSendsInItsTraditionalFormat(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	_, tcp, _ := w.Addresses()
	peers.StartRsyslog(t, orderLines(), "", "", "@@127.0.0.1:"+portOf(tcp))
	complete(t, w.store.orders(t), "tcp")
}

func TestRsyslogSendsOverTLS(t *testing.T) {
	t.Parallel()
	certificate, key := peers.Credentials(t)
	w := start(t, func(c *syslog.Configuration) {
		c.TLS, c.Certificate, c.Key, c.ClientCA = "127.0.0.1:0", certificate, key, certificate
	})
	_, _, secure := w.Addresses()
	// Who shows no certificate is refused.
	stranger := peers.StartRsyslog(t, "let me in\n", fmt.Sprintf(`defaultNetstreamDriverCAFile=%q`, certificate), "", tlsAction(secure))
	w.until(t, "syslog-tls", func(trouble string) bool { return strings.Contains(trouble, "refused") })
	stranger.Stop()
	peers.StartRsyslog(t, orderLines(), fmt.Sprintf(`defaultNetstreamDriverCAFile=%q defaultNetstreamDriverCertFile=%q defaultNetstreamDriverKeyFile=%q`, certificate, certificate, key), "", tlsAction(secure))
	records := w.store.orders(t)
	complete(t, records, "tls")
	for _, r := range records {
		if strings.Contains(r.Message, "let me in") {
			t.Errorf("%+v", r)
		}
	}
}

func tlsAction(at net.Addr) string {
	return fmt.Sprintf(`action(type="omfwd" target="127.0.0.1" port="%s" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"
  StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="localhost" action.resumeRetryCount="-1" action.resumeInterval="1")`, portOf(at))
}

func (w *world) until(t *testing.T, receiver string, ready func(trouble string) bool) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for !ready(w.state(t, receiver).Trouble) {
		if time.Now().After(deadline) {
			t.Fatalf("%+v", w.state(t, receiver))
		}
		<-time.After(20 * time.Millisecond)
	}
}

func TestSyslogNGSends(t *testing.T) {
	t.Parallel()
	for name, destination := range map[string]string{
		"RFC 5424, counted":     `syslog("127.0.0.1" transport("tcp") port(%s))`,
		"RFC 3164, a line each": `network("127.0.0.1" transport("tcp") port(%s))`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, nil)
			_, tcp, _ := w.Addresses()
			peers.StartSyslogNG(t, orderLines(), fmt.Sprintf(destination, portOf(tcp)))
			complete(t, w.store.orders(t), "tcp")
		})
	}
}

func TestLoggerSends(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	udp, tcp, _ := w.Addresses()
	ways := map[string][]string{
		"udp rfc5424":       {"--udp", "--port", portOf(udp), "--rfc5424"},
		"udp rfc3164":       {"--udp", "--port", portOf(udp), "--rfc3164"},
		"tcp rfc5424":       {"--tcp", "--port", portOf(tcp), "--rfc5424"},
		"tcp rfc3164":       {"--tcp", "--port", portOf(tcp), "--rfc3164"},
		"tcp counted":       {"--tcp", "--port", portOf(tcp), "--rfc5424", "--octet-count"},
		"tcp counted 3164":  {"--tcp", "--port", portOf(tcp), "--rfc3164", "--octet-count"},
		"with a process id": {"--tcp", "--port", portOf(tcp), "--id=4711"},
	}
	for name, args := range ways {
		peers.Logger(t, append(args, "--server", "127.0.0.1", "--priority", "auth.err", "--tag", "backup", "by "+name)...)
	}
	seen := map[string]logstore.Record{}
	for _, r := range w.store.wait(t, len(ways)) {
		seen[r.Message] = r
	}
	for name := range ways {
		r, ok := seen["by "+name]
		if !ok || r.App != "backup" || r.Level != "error" || r.Host == "" || value(r, "syslog.facility") != "auth" || time.Since(r.Time).Abs() > time.Minute {
			t.Errorf("%s: %+v", name, r)
		}
		if name == "with a process id" && value(r, "process.pid") != "4711" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
