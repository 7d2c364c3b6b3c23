package syslog_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/logs/syslog"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/receivers"
)

// spoolOnly is a log store whose engine never starts: what is written stays in
// the spool, so that the figures are those of the receiver and the spool.
func spoolOnly(t testing.TB, change func(*logstore.Configuration), events logstore.Events) *logstore.Store {
	t.Helper()
	cfg := logstore.Defaults("logs", t.TempDir())
	cfg.Spool.MaxBytes = 16 << 30
	if change != nil {
		change(&cfg)
	}
	store, err := logstore.New(cfg, logstore.Dependencies{Clock: core.SystemClock{}, Log: discard(), Events: events, Command: []string{"/bin/sleep", "1000000"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Stop(context.Background()) })
	return store
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func listen(t testing.TB, store syslog.Store) *world {
	t.Helper()
	cfg := syslog.Defaults()
	cfg.UDP, cfg.TCP, cfg.RELP, cfg.Zone = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", "UTC"
	w := &world{receivers: receivers.NewRegistry(core.SystemClock{})}
	var err error
	w.Component, err = syslog.New(cfg, syslog.Dependencies{Logs: store, Items: byName{"web7": "item-of-web7"}, Keeps: 30 * 24 * time.Hour, Receivers: w.receivers, Clock: core.SystemClock{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Stop(context.Background()) })
	return w
}

const benchMessages = 100_000

// benchLines are of the lengths and kinds that hosts and devices send.
func benchLines() [][]byte {
	stamp := time.Now().UTC().Format(time.Stamp)
	exact := time.Now().UTC().Format(time.RFC3339Nano)
	out := make([][]byte, benchMessages)
	for i := range out {
		switch i % 4 {
		case 0:
			out[i] = fmt.Appendf(nil, "<30>%s web%d systemd[1]: Started session %d of user deploy.", stamp, i%50, i)
		case 1:
			out[i] = fmt.Appendf(nil, `<165>1 %s web%d api %d ORDER [req@32473 id="%d" path="/orders/%d"] request finished with status 200 in %d ms`, exact, i%50, i%300, i, i, i%1000)
		case 2:
			out[i] = fmt.Appendf(nil, "<189>%06d: *%s.123: %%LINK-3-UPDOWN: Interface GigabitEthernet0/%d, changed state to up", i, stamp, i%48)
		default:
			out[i] = fmt.Appendf(nil, "<22>%s mail%d postfix/smtpd[%d]: %08X: client=unknown[192.0.2.%d], sasl_method=LOGIN, sasl_username=user%d", stamp, i%5, i%900, i, i%250, i)
		}
	}
	return out
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// senderTime is the CPU time of the thread that calls; it is locked to it.
func senderTime() time.Duration {
	const thread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	if err := syscall.Getrusage(thread, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// perCPU reports messages a second of CPU time of everything but the sender,
// which works in the thread of the benchmark.
func perCPU(b *testing.B, messages int64, began, sending time.Duration) {
	b.ReportMetric(float64(messages)/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(float64(messages)/((cpuTime()-began)-(senderTime()-sending)).Seconds(), "messages/cpu-s")
}

// BenchmarkSyslogTCP is from a connection to the spool.
func BenchmarkSyslogTCP(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	w := listen(b, spoolOnly(b, nil, nil))
	_, tcp, _ := w.Addresses()
	payload := append(bytes.Join(benchLines(), []byte("\n")), '\n')
	conn := dial(b, "tcp", tcp)
	began, sending, sent := cpuTime(), senderTime(), int64(0)
	for b.Loop() {
		if _, err := conn.Write(payload); err != nil {
			b.Fatal(err)
		}
		sent += benchMessages
		for w.state(b, "syslog-tcp").Taken < sent {
			time.Sleep(time.Millisecond)
		}
	}
	if s := w.state(b, "syslog-tcp"); s.Taken != sent || s.Refused+s.Lost > 0 {
		b.Errorf("%d were sent: %+v", sent, s)
	}
	perCPU(b, sent, began, sending)
	b.ReportMetric(resident(), "MB")
}

// BenchmarkSyslogRELP is from a connection to the spool, with an answer for each
// message and rsyslog's window of 128 that wait for theirs.
func BenchmarkSyslogRELP(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	w := listen(b, spoolOnly(b, nil, nil))
	plain, _ := w.RELP()
	lines := benchLines()
	conn := dial(b, "tcp", plain)
	in := bufio.NewReader(conn)
	answers := func(n int) {
		for range n {
			if line, err := in.ReadString('\n'); err != nil || !strings.HasSuffix(line, " rsp 6 200 OK\n") {
				b.Fatal(line, err)
			}
		}
	}
	if _, err := conn.Write([]byte("1 open 0\n")); err != nil {
		b.Fatal(err)
	}
	for range 4 { // its answer has as many lines
		if _, err := in.ReadString('\n'); err != nil {
			b.Fatal(err)
		}
	}
	began, sending, sent, transaction := cpuTime(), senderTime(), int64(0), 1
	var frames []byte
	for b.Loop() {
		for i := 0; i < len(lines); i += 64 {
			frames = frames[:0]
			part := lines[i:min(i+64, len(lines))]
			for _, line := range part {
				transaction++
				frames = fmt.Appendf(frames, "%d syslog %d %s\n", transaction, len(line), line)
			}
			if _, err := conn.Write(frames); err != nil {
				b.Fatal(err)
			}
			if i > 0 {
				answers(64) // those of the part before
			}
		}
		answers(len(lines) % 64)
		if len(lines)%64 == 0 {
			answers(64)
		}
		sent += benchMessages
	}
	if s := w.state(b, "syslog-relp"); s.Taken != sent || s.Refused+s.Lost > 0 {
		b.Errorf("%d were sent: %+v", sent, s)
	}
	perCPU(b, sent, began, sending)
}

// BenchmarkSyslogUDP sends as fast as one socket takes it. What the receiver's socket
// has no room for is lost, and must be counted.
func BenchmarkSyslogUDP(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	w := listen(b, spoolOnly(b, nil, nil))
	udp, _, _ := w.Addresses()
	lines := benchLines()
	conn := dial(b, "udp", udp)
	began, sending, sent := cpuTime(), senderTime(), int64(0)
	for b.Loop() {
		for _, line := range lines {
			if _, err := conn.Write(line); err != nil {
				b.Fatal(err)
			}
		}
		sent += benchMessages
		for limit := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			if s := w.state(b, "syslog-udp"); s.Taken+s.Lost >= sent {
				break
			}
			if time.Now().After(limit) {
				b.Fatalf("%d were sent: %+v", sent, w.state(b, "syslog-udp"))
			}
		}
	}
	s := w.state(b, "syslog-udp")
	if s.Taken+s.Lost != sent {
		b.Errorf("%d were sent: %+v", sent, s)
	}
	perCPU(b, s.Taken, began, sending)
	b.ReportMetric(100*float64(s.Lost)/float64(sent), "%lost")
}

func BenchmarkSyslogParse(b *testing.B) {
	lines := make([]string, 0, 1000)
	for _, l := range benchLines()[:1000] {
		lines = append(lines, string(l))
	}
	now, m := time.Now(), &syslog.Message{}
	p := syslog.Parser{Zone: time.UTC}
	b.ReportAllocs()
	began, n := cpuTime(), 0
	for b.Loop() {
		for _, l := range lines {
			p.Parse(l, now, m)
		}
		n += len(lines)
	}
	b.ReportMetric(float64(n)/(cpuTime()-began).Seconds(), "messages/cpu-s")
}

// resident is the memory of this process, in MB.
func resident() float64 {
	var size, pages int64
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	_, _ = fmt.Sscan(string(text), &size, &pages)
	return float64(pages*int64(os.Getpagesize())) / 1e6
}
