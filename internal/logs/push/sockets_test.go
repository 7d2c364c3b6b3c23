package push

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/receivers"
)

// newSockets listens everywhere.
func newSockets(t testing.TB, change func(*Configuration)) (*Component, *shelf, *receivers.Registry) {
	t.Helper()
	cfg := Defaults()
	cfg.GELF.UDP, cfg.GELF.TCP, cfg.Forward.TCP = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	if change != nil {
		change(&cfg)
	}
	store, list := &shelf{came: make(chan struct{}, 1)}, receivers.NewRegistry(core.SystemClock{})
	c, err := New(cfg, Dependencies{Logs: store, Items: byName{}, Receivers: list, Clock: core.SystemClock{}, MaxBody: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop(context.Background()) })
	return c, store, list
}

func dial(t testing.TB, to net.Addr) net.Conn {
	t.Helper()
	conn, err := net.Dial(to.Network(), to.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func send(t testing.TB, conn net.Conn, parts ...[]byte) {
	t.Helper()
	for _, p := range parts {
		if _, err := conn.Write(p); err != nil {
			t.Fatal(err)
		}
	}
}

// until waits until what is held suffices.
func (s *shelf) until(t testing.TB, what string, enough func() bool) {
	t.Helper()
	limit := time.After(60 * time.Second)
	for {
		s.mu.Lock()
		ok := enough()
		s.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-s.came:
		case <-time.After(10 * time.Millisecond): // what is waited for may be told by a meter, after the records
		case <-limit:
			t.Fatalf("%s: %d records came", what, len(s.records))
		}
	}
}

func (s *shelf) messages() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, r := range s.records {
		out = append(out, r.Message)
	}
	slices.Sort(out)
	return out
}

func zipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.Bytes()
}

func deflated(text string) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.Bytes()
}

// inChunks cuts a message as GELF's senders do.
func inChunks(id uint64, message []byte, size int) (out [][]byte) {
	count := (len(message) + size - 1) / size
	for n := range count {
		head := binary.BigEndian.AppendUint64([]byte{0x1e, 0x0f}, id)
		out = append(out, append(append(head, byte(n), byte(count)), message[n*size:min(len(message), (n+1)*size)]...))
	}
	return out
}

func state(list *receivers.Registry, name string) receivers.State {
	for _, s := range list.States() {
		if s.Name == name {
			return s
		}
	}
	return receivers.State{}
}

func TestGELFOverUDP(t *testing.T) {
	t.Parallel()
	c, store, list := newSockets(t, nil)
	udp, _, _ := c.Addresses()
	conn := dial(t, udp)
	long := fmt.Sprintf(`{"version":"1.1","host":"db1","short_message":"long","level":3,"_order":7,"full_message":%q}`, strings.Repeat("stack ", 2000))
	chunks := inChunks(7, []byte(long), 1000)
	slices.Reverse(chunks) // they come in any order
	send(t, conn, []byte(`{"version":"1.1","host":"db1","short_message":"plain"}`), zipped(`{"host":"db1","short_message":"gzip"}`), deflated(`{"host":"db1","short_message":"zlib"}`))
	send(t, conn, chunks...)
	send(t, conn, chunks[0]) // and twice
	send(t, conn, inChunks(8, zipped(`{"host":"db1","short_message":"gzip in chunks"}`), 20)...)
	send(t, conn, []byte(`{"host":"db1"}`), []byte{0x1e, 0x0f, 1}, []byte("no GELF at all"), []byte(`{"host":"db1","short_message":"last"}`))
	store.until(t, "GELF", func() bool { return len(store.records) == 6 })
	if got := store.messages(); !slices.Equal(got, []string{"gzip", "gzip in chunks", "last", "long", "plain", "zlib"}) {
		t.Errorf("%q", got)
	}
	for _, r := range store.records {
		if r.Item != "item-of-db1" || r.Message == "long" && r.Level != "error" {
			t.Errorf("%+v", r)
		}
	}
	store.until(t, "the counts", func() bool { return state(list, "gelf-udp").Taken >= 6 })
	if s := state(list, "gelf-udp"); s.Taken != 6 || s.Refused != 3 || s.Trouble == "" {
		t.Errorf("%+v", s)
	}
}

func TestChunksAreBounded(t *testing.T) {
	t.Parallel()
	from, at := netip.MustParseAddr("10.0.0.1"), now
	c := newChunks(100, 250, 5)
	add := func(id uint64, n, count byte, size int, want string) {
		t.Helper()
		raw := append(binary.BigEndian.AppendUint64([]byte{0x1e, 0x0f}, id), n, count)
		whole, err := c.add(from, append(raw, bytes.Repeat([]byte{'a' + n}, size)...), at)
		if got := string(whole); err != nil && want != "error" || err == nil && got != want {
			t.Errorf("chunk %d of %d of %d: %q %v", n, count, id, got, err)
		}
	}
	add(1, 1, 2, 2, "")
	add(2, 0, 2, 1, "") // another message between
	add(1, 0, 2, 3, "aaabb")
	add(2, 1, 3, 1, "error") // disagrees: given up
	add(3, 2, 2, 1, "error")
	add(3, 0, 200, 1, "error")
	add(3, 0, 0, 1, "error")
	add(3, 0, 2, 101, "error") // longer than a message may be
	if c.held != 0 || len(c.byKey) != 0 {
		t.Errorf("%d bytes of %d messages are held", c.held, len(c.byKey))
	}
	for id := range uint64(5) { // of 60 bytes each: four fit 250 bytes
		add(10+id, 0, 2, 60, "")
	}
	if n := c.givenUp(at); n != 1 || c.held != 240 {
		t.Errorf("%d given up, %d bytes held", n, c.held)
	}
	add(11, 1, 2, 1, strings.Repeat("a", 60)+"b")
	for id := range uint64(6) {
		add(20+id, 0, 2, 1, "")
	}
	if n := c.givenUp(at); n != 4 || c.order.Len() != 5 {
		t.Errorf("%d given up, %d held", n, c.order.Len())
	}
	at = at.Add(chunkPatience + time.Millisecond)
	if n := c.givenUp(at); n != 5 || c.held != 0 || len(c.byKey) != 0 {
		t.Errorf("%d given up when time was over, %d bytes held", n, c.held)
	}
}

func TestGELFOverTCP(t *testing.T) {
	t.Parallel()
	c, store, list := newSockets(t, func(cfg *Configuration) { cfg.GELF.MaxMessage = 8 << 10 })
	_, tcp, _ := c.Addresses()
	conn := dial(t, tcp)
	send(t, conn, []byte("{\"host\":\"db1\",\"short_message\":\"one\"}\x00{\"host\":\"db1\",\"short_"), []byte("message\":\"two\"}\x00\x00\n"))
	send(t, conn, fmt.Appendf(nil, "{\"host\":\"db1\",\"short_message\":%q}\x00", strings.Repeat("x", 9<<10)), []byte("{broken\x00{\"host\":\"db1\",\"short_message\":\"three\"}"))
	_ = conn.(*net.TCPConn).CloseWrite()
	store.until(t, "GELF", func() bool { return len(store.records) == 3 })
	if got := store.messages(); !slices.Equal(got, []string{"one", "three", "two"}) {
		t.Errorf("%q", got)
	}
	store.until(t, "the counts", func() bool { return state(list, "gelf-tcp").Taken >= 3 })
	if s := state(list, "gelf-tcp"); s.Taken != 3 || s.Refused != 2 {
		t.Errorf("%+v", s)
	}
}

// What TCP brings while the store takes nothing waits, and is stored when it does.
func TestGELFOverTCPWaitsForTheStore(t *testing.T) {
	t.Parallel()
	c, store, list := newSockets(t, nil)
	store.fill(true)
	_, tcp, _ := c.Addresses()
	conn := dial(t, tcp)
	send(t, conn, []byte("{\"host\":\"db1\",\"short_message\":\"one\"}\x00"))
	store.until(t, "an attempt", func() bool { return store.refused > 1 })
	if s := state(list, "gelf-tcp"); s.Taken != 0 || !strings.Contains(s.Trouble, "senders wait") {
		t.Errorf("%+v", s)
	}
	store.fill(false)
	store.until(t, "the message", func() bool { return len(store.records) == 1 })
	// A store that takes nothing does not keep Mainstay from stopping.
	store.fill(true)
	send(t, conn, []byte("{\"host\":\"db1\",\"short_message\":\"two\"}\x00"))
	if err := c.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func FuzzGELFChunks(f *testing.F) {
	f.Add([]byte("\x1e\x0f12345678\x00\x02ab\x1e\x0f12345678\x01\x02cd"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, from := newChunks(64, 128, 4), netip.MustParseAddr("10.0.0.1")
		for len(raw) > 0 {
			n := min(len(raw), 1+int(raw[0])%40)
			if whole, err := c.add(from, raw[:n], now); err == nil && len(whole) > 64 {
				t.Fatalf("%d bytes", len(whole))
			}
			raw = raw[n:]
			held := 0
			for at := c.order.Front(); at != nil; at = at.Next() {
				held += at.Value.(*partial).size
			}
			if held != c.held || held > 128 || c.order.Len() > 4 || c.order.Len() != len(c.byKey) {
				t.Fatalf("%d bytes of %d messages", held, c.order.Len())
			}
		}
	})
}

func FuzzGELFFrames(f *testing.F) {
	f.Add([]byte("{\"short_message\":\"a\"}\x00\x00b"), 8)
	f.Fuzz(func(t *testing.T, raw []byte, most int) {
		most = 1 + max(0, most)%100_000
		in, n := bufio.NewReaderSize(bytes.NewReader(raw), 16), 0
		for {
			message, _, err := readUntil(in, 0, most)
			if len(message) > most || bytes.IndexByte(message, 0) >= 0 {
				t.Fatalf("%q", message)
			}
			if err != nil {
				break
			}
			n++
		}
		if want := bytes.Count(raw, []byte{0}); n != want {
			t.Fatalf("%d messages of %d", n, want)
		}
	})
}
