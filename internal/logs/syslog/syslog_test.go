package syslog_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/logs/syslog"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/receivers"
)

// memory is a log store that keeps what it is given, unless it is told to fail.
type memory struct {
	mu      sync.Mutex
	records []logstore.Record
	err     error
	asked   chan struct{} // one for each refusal, as far as there is room
	wrote   chan struct{}
}

func newMemory() *memory {
	return &memory{asked: make(chan struct{}, 1), wrote: make(chan struct{}, 1)}
}

func (m *memory) Write(_ context.Context, records []logstore.Record) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		select {
		case m.asked <- struct{}{}:
		default:
		}
		return 0, m.err
	}
	for _, r := range records {
		r.Fields = slices.Clone(r.Fields)
		m.records = append(m.records, r)
	}
	select {
	case m.wrote <- struct{}{}:
	default:
	}
	return 0, nil
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

func (m *memory) held() []logstore.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.records)
}

// wait returns the records as soon as there are n.
func (m *memory) wait(t testing.TB, n int) []logstore.Record {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		if held := m.held(); len(held) >= n {
			return held
		}
		select {
		case <-m.wrote:
		case <-limit:
			t.Fatalf("%d records of %d came", len(m.held()), n)
		}
	}
}

// byName knows items by host.name and host.ip.
type byName map[string]string

func (b byName) ItemOf(_ context.Context, attributes map[string]string) string {
	return b[attributes["host.name"]+attributes["host.ip"]]
}

type world struct {
	*syslog.Component
	store     *memory
	receivers *receivers.Registry
}

func start(t testing.TB, change func(*syslog.Configuration)) *world {
	t.Helper()
	cfg := syslog.Defaults()
	cfg.UDP, cfg.TCP, cfg.Zone = "127.0.0.1:0", "127.0.0.1:0", "UTC"
	if change != nil {
		change(&cfg)
	}
	w := &world{store: newMemory(), receivers: receivers.NewRegistry(core.SystemClock{})}
	var err error
	w.Component, err = syslog.New(cfg, syslog.Dependencies{Logs: w.store, Items: byName{"web1": "item-of-web1", "192.0.2.1": "item-of-router"},
		Keeps: 30 * 24 * time.Hour, Receivers: w.receivers, Clock: core.SystemClock{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) state(t testing.TB, name string) receivers.State {
	t.Helper()
	for _, s := range w.receivers.States() {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no receiver %s", name)
	return receivers.State{}
}

func dial(t testing.TB, network string, at net.Addr) net.Conn {
	t.Helper()
	conn, err := net.Dial(network, at.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func send(t testing.TB, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

func value(r logstore.Record, name string) string {
	for _, f := range r.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

func TestARecordSaysWhatTheMessageSays(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	udp, _, _ := w.Addresses()
	now := time.Now().UTC().Truncate(time.Millisecond)
	send(t, dial(t, "udp", udp), "<165>1 "+now.Format(time.RFC3339Nano)+` web1 api 12 ORDER [shop@1 order="4711"] card refused`)
	r := w.store.wait(t, 1)[0]
	if !r.Time.Equal(now) || r.Message != "card refused" || r.Host != "web1" || r.App != "api" || r.Level != "info" || r.Item != "item-of-web1" {
		t.Errorf("%+v", r)
	}
	for name, want := range map[string]string{"severity_text": "notice", "severity_number": "10", "syslog.facility": "local4", "process.pid": "12",
		"syslog.msgid": "ORDER", "sd.shop@1.order": "4711", "network.peer.address": "127.0.0.1", "syslog.transport": "udp"} {
		if got := value(r, name); got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
	s := w.state(t, "syslog-udp")
	if s.Taken != 1 || s.Bytes == 0 || s.Feeds != "logs" || s.Address != udp.String() {
		t.Errorf("%+v", s)
	}
}

func TestTimesThatMeanNothingAreReplaced(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	_, tcp, _ := w.Addresses()
	before := time.Now()
	conn := dial(t, "tcp", tcp)
	old, ahead := "2001-01-01T00:00:00Z", time.Now().Add(48*time.Hour).UTC().Format(time.RFC3339)
	send(t, conn, "<13>1 "+old+" h a - - - x\n<13>1 "+ahead+" h a - - - x\n<189>1: *Mar  1 00:00:11.123: %LINK-3-UPDOWN: x\n<13>nothing at all\n"+
		"<13>"+time.Now().UTC().Format(time.Stamp)+" h a: x\n")
	for i, r := range w.store.wait(t, 5) {
		if r.Time.Before(before.Truncate(time.Second)) || r.Time.After(time.Now().Add(time.Second)) {
			t.Errorf("%d: %v", i, r.Time)
		}
		if want := []string{old, ahead, "*Mar  1 00:00:11.123", "", ""}[i]; value(r, "syslog.timestamp") != want {
			t.Errorf("%d: the stamp is %q, not %q", i, value(r, "syslog.timestamp"), want)
		}
	}
}

func TestBothFramingsOnOneConnection(t *testing.T) {
	t.Parallel()
	w := start(t, func(c *syslog.Configuration) { c.MaxMessage = 480 })
	_, tcp, _ := w.Addresses()
	conn := dial(t, "tcp", tcp)
	long := "<13>" + strings.Repeat("x", 1000)
	send(t, conn, "<13>one\n"+fmt.Sprintf("%d %s", len("<13>two\nlines"), "<13>two\nlines")+long+"\n"+fmt.Sprintf("%d %s", len(long), long)+"<13>caf\xe9\n<13>the last has no end")
	_ = conn.Close()
	var got []string
	for _, r := range w.store.wait(t, 6) {
		got = append(got, r.Message)
	}
	if want := []string{"one", "two\nlines", long[4:480], long[4:480], "café", "the last has no end"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if r := w.store.held()[2]; value(r, "truncated") != "true" {
		t.Errorf("what was cut does not say so: %+v", r)
	}
}

func TestSendersWaitWhileTheStoreTakesNothing(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.store.fail(core.Errorf(core.CodeUnavailable, "the spool is full"))
	_, tcp, _ := w.Addresses()
	conn := dial(t, "tcp", tcp)
	const n = 200_000
	sent := make(chan error, 1)
	go func() {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "<13>Mar  1 10:00:00 web1 app: message %06d %s\n", i, strings.Repeat("x", 100))
		}
		_, err := io.WriteString(conn, b.String())
		_ = conn.Close()
		sent <- err
	}()
	<-w.store.asked
	<-w.store.asked
	if len(sent) > 0 || len(w.store.held()) > 0 {
		t.Fatal("30 MB were taken that nobody stores")
	}
	if s := w.state(t, "syslog-tcp"); s.Taken != 0 || s.Connections != 1 || !strings.Contains(s.Trouble, "senders wait") {
		t.Errorf("%+v", s)
	}
	w.store.fail(nil)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	for i, r := range w.store.wait(t, n) {
		if !strings.HasPrefix(r.Message, fmt.Sprintf("message %06d ", i)) {
			t.Fatalf("%d is %q", i, r.Message)
		}
	}
}

func TestUDPCountsWhatTheSocketDrops(t *testing.T) {
	t.Parallel()
	w := start(t, func(c *syslog.Configuration) { c.Buffer, c.Queue = 64<<10, 1<<20 })
	w.store.fail(core.Errorf(core.CodeUnavailable, "the spool is full"))
	udp, _, _ := w.Addresses()
	conn := dial(t, "udp", udp)
	const n = 20_000
	for i := range n {
		send(t, conn, fmt.Sprintf("<13>web1 app: message %d %s", i, strings.Repeat("x", 1000)))
	}
	<-w.store.asked
	w.store.fail(nil)
	deadline := time.Now().Add(time.Minute)
	for {
		s := w.state(t, "syslog-udp")
		if s.Taken+s.Lost == n {
			if s.Lost == 0 || s.Taken == 0 {
				t.Errorf("%+v", s)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d were sent, %d taken and %d lost", n, s.Taken, s.Lost)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func TestOneAddressMayNotSendTooMuch(t *testing.T) {
	t.Parallel()
	w := start(t, func(c *syslog.Configuration) { c.SourceRate = 5 })
	udp, tcp, _ := w.Addresses()
	conn := dial(t, "udp", udp)
	for range 50 {
		send(t, conn, "<13>web1 app: x")
	}
	deadline := time.Now().Add(time.Minute)
	for s := w.state(t, "syslog-udp"); s.Taken+s.Refused < 50; s = w.state(t, "syslog-udp") {
		if time.Now().After(deadline) {
			t.Fatalf("%+v", s)
		}
		<-time.After(5 * time.Millisecond)
	}
	if s := w.state(t, "syslog-udp"); s.Refused < 30 || s.Taken < 5 || !strings.Contains(s.Trouble, "sourceRate") {
		t.Errorf("%+v", s)
	}
	// A connection is read more slowly instead.
	began := time.Now()
	send(t, dial(t, "tcp", tcp), strings.Repeat("<13>web1 app: over tcp\n", 5))
	over := dial(t, "tcp", tcp)
	send(t, over, "<13>web1 app: over tcp\n")
	taken := func() (n int) {
		for _, r := range w.store.held() {
			if value(r, "syslog.transport") == "tcp" {
				n++
			}
		}
		return n
	}
	for taken() < 6 {
		if time.Since(began) > 20*time.Second {
			t.Fatalf("%d of 6", taken())
		}
		<-time.After(5 * time.Millisecond)
	}
}

func TestTooManyConnectionsAreRefused(t *testing.T) {
	t.Parallel()
	w := start(t, func(c *syslog.Configuration) { c.MaxConnections = 1 })
	_, tcp, _ := w.Addresses()
	send(t, dial(t, "tcp", tcp), "<13>web1 app: x\n")
	w.store.wait(t, 1)
	second := dial(t, "tcp", tcp)
	_ = second.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := second.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("it is open: %v", err)
	}
	if s := w.state(t, "syslog-tcp"); s.Connections != 1 || !strings.Contains(s.Trouble, "maxConnections") {
		t.Errorf("%+v", s)
	}
}

func TestStopReadsWhatWasSent(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	_, tcp, _ := w.Addresses()
	const n = 5000
	conn := dial(t, "tcp", tcp)
	send(t, conn, strings.Repeat("<13>web1 app: x\n", n))
	if err := w.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := len(w.store.held()); got != n {
		t.Errorf("%d of %d", got, n)
	}
	if got := w.receivers.States(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestConfigurationNamesItsFaults(t *testing.T) {
	t.Parallel()
	err := syslog.Configuration{UDP: "5514", TLS: ":6514", Key: "k", Zone: "Nowhere"}.Validate()
	for _, field := range []string{"udp", "certificate", "key", "zone", "maxMessage", "maxConnections", "buffer", "queue"} {
		if err == nil || !strings.Contains(fmt.Sprintf("%+v", err.(*core.Error).Details), "{Field:"+field+" ") {
			t.Errorf("%s is not named in %v", field, err)
		}
	}
	if err := syslog.Defaults().Validate(); err != nil {
		t.Error(err)
	}
}
