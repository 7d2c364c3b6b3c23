package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay/internal/platform/sqldb"
	"mainstay/test/harness"
)

const (
	manyChecks    = 10_000
	checkInterval = 30 * time.Second
	checkItem     = "01arz3ndektsv4rrffq69g5fav"
)

// BenchmarkTenThousandChecks runs the server on one core with 10,000 checks
// every 30 s, half tcp and half http, each against an address of its own, and
// looks at when they arrive there; once more with 64 targets that hang, and with
// a store that somebody else keeps busy for some seconds, as a slow disk does.
func BenchmarkTenThousandChecks(b *testing.B) {
	for _, hanging := range []int{0, 64} {
		b.Run(fmt.Sprintf("hanging=%d", hanging), func(b *testing.B) {
			for b.Loop() {
				measureChecks(b, hanging, 0)
			}
		})
	}
	b.Run("busy=3s", func(b *testing.B) {
		for b.Loop() {
			measureChecks(b, 0, 3*time.Second)
		}
	})
}

// occupy holds the write lock of the server's store for a while, twice.
func occupy(b *testing.B, s *harness.Server, busy time.Duration) {
	b.Helper()
	db, err := sqldb.Open(b.Context(), sqldb.Config{Path: filepath.Join(s.Data, "mainstay.db"), Readers: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for range 2 {
		time.Sleep(checkInterval / 3)
		if err := db.Write(b.Context(), func(*sqldb.Tx) error { time.Sleep(busy); return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

func measureChecks(b *testing.B, hanging int, busy time.Duration) {
	peer := newResponder(b)
	s := harness.New(b, "GOMAXPROCS=1", "MAINSTAY_OUTGOING_LOOPBACK=true", "MAINSTAY_AGENT_ENABLED=false")
	s.Start()
	if out, err := exec.Command("taskset", "-acp", "0", strconv.Itoa(s.PID())).CombinedOutput(); err != nil {
		b.Fatalf("taskset: %v %s", err, out)
	}
	began := time.Now()
	declareChecks(b, s, peer, hanging)
	b.ReportMetric(time.Since(began).Seconds(), "s-declare")
	s.Eventually(3*time.Minute, "every check has run", func() error {
		if n := peer.seen(); n < manyChecks {
			return fmt.Errorf("%d of %d", n, manyChecks)
		}
		return nil
	})
	time.Sleep(checkInterval) // they have found their places
	peer.forget()
	cpu, wrote, from := cpuTime(b, s.PID()), diskWrites(b, s.PID()), time.Now()
	results, missed := counted(b, s, "mainstay_monitor_results_total"), counted(b, s, "mainstay_monitor_missed_intervals_total")
	profile(b, s, os.Getenv("PROFILE"))
	if busy > 0 {
		occupy(b, s, busy)
	}
	time.Sleep(time.Until(from.Add(5*checkInterval/2 + 5*time.Second)))
	length := time.Since(from)
	late, absent := peer.lateness(length)
	b.ReportMetric(milliseconds(late, 50), "ms-p50")
	b.ReportMetric(milliseconds(late, 99), "ms-p99")
	b.ReportMetric(milliseconds(late, 100), "ms-worst")
	b.ReportMetric(float64(absent), "absent")
	b.ReportMetric(counted(b, s, "mainstay_monitor_missed_intervals_total")-missed, "missed")
	b.ReportMetric((counted(b, s, "mainstay_monitor_results_total")-results)/length.Seconds(), "results/s")
	b.ReportMetric(100*(cpuTime(b, s.PID())-cpu).Seconds()/length.Seconds(), "%-core")
	b.ReportMetric(float64(diskWrites(b, s.PID())-wrote)/length.Seconds()/1024, "KB-written/s")
	b.ReportMetric(residentMB(b, s.PID()), "MB-server")
	quantile := fmt.Sprintf("1000 * histogram_quantile(0.99, sum by (le) (increase(mainstay_monitor_start_delay_seconds_bucket[%ds])))", int(length.Seconds()))
	b.ReportMetric(counted(b, s, quantile), "ms-own-p99")
}

// profile writes where the server's time goes to a file, when one is named.
func profile(b *testing.B, s *harness.Server, path string) {
	b.Helper()
	if path == "" {
		return
	}
	request, err := http.NewRequest("GET", s.URL+"/debug/pprof/profile?seconds=25", nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.Token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
}

func declareChecks(b *testing.B, s *harness.Server, peer *responder, hanging int) {
	b.Helper()
	dir := b.TempDir()
	const perFile = 5000
	for from := 0; from < manyChecks+hanging; from += perFile {
		var text strings.Builder
		for i := from; i < min(from+perFile, manyChecks+hanging); i++ {
			fmt.Fprintf(&text, "---\nkind: Check\nname: check-%05d\nspec:\n  item: %s\n  interval: 30s\n", i, checkItem)
			switch {
			case i >= manyChecks:
				fmt.Fprintf(&text, "  http: {url: \"http://%s:%d/hang\"}\n", loopback(i), peer.http)
			case i%2 == 0:
				fmt.Fprintf(&text, "  tcp: {address: \"%s:%d\"}\n", loopback(i), peer.tcp)
			default:
				fmt.Fprintf(&text, "  http: {url: \"http://%s:%d/\"}\n", loopback(i), peer.http)
			}
		}
		file := filepath.Join(dir, fmt.Sprintf("%05d.yaml", from))
		if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
			b.Fatal(err)
		}
		if out, err := s.CLI("apply", "-f", file); err != nil {
			b.Fatalf("apply: %v\n%s", err, out[max(0, len(out)-2000):])
		}
	}
}

// loopback is the address of the i-th check.
func loopback(i int) string { return fmt.Sprintf("127.%d.%d.%d", 1+i/62_500, i/250%250, 1+i%250) }

// responder answers on every address of this host's loopback network and notes when it was asked.
type responder struct {
	tcp, http int

	mu       sync.Mutex
	arrivals map[string][]time.Time
}

func newResponder(b *testing.B) *responder {
	b.Helper()
	r := &responder{arrivals: map[string][]time.Time{}}
	var listeners []net.Listener
	for range 2 {
		// One socket stands for all of 127.0.0.0/8; who is not on this host is turned away.
		l, err := net.Listen("tcp4", "0.0.0.0:0")
		if err != nil {
			b.Fatal(err)
		}
		listeners = append(listeners, l)
	}
	r.tcp, r.http = listeners[0].Addr().(*net.TCPAddr).Port, listeners[1].Addr().(*net.TCPAddr).Port
	go func() {
		for {
			conn, err := listeners[0].Accept()
			if err != nil {
				return
			}
			r.note(conn)
			_ = conn.Close()
		}
	}()
	server := &http.Server{
		ConnState: func(conn net.Conn, state http.ConnState) {
			if state == http.StateNew {
				r.note(conn)
			}
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if q.URL.Path == "/hang" {
				<-q.Context().Done()
				return
			}
			_, _ = io.WriteString(w, "fine\n")
		}),
	}
	go func() { _ = server.Serve(listeners[1]) }()
	b.Cleanup(func() { _ = server.Close(); _ = listeners[0].Close() })
	return r
}

func (r *responder) note(conn net.Conn) {
	from, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok || !from.IP.IsLoopback() {
		_ = conn.Close()
		return
	}
	host, _, _ := net.SplitHostPort(conn.LocalAddr().String())
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrivals[host] = append(r.arrivals[host], now)
}

// seen is how many of the checks that answer have arrived.
func (r *responder) seen() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for i := range manyChecks {
		if len(r.arrivals[loopback(i)]) > 0 {
			n++
		}
	}
	return n
}

func (r *responder) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.arrivals)
}

// lateness is how much later than in its earliest turn each check arrived in
// each turn, sorted, and how many turns there were without an arrival.
func (r *responder) lateness(length time.Duration) (late []time.Duration, absent int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range manyChecks {
		list := r.arrivals[loopback(i)]
		absent += max(0, int(length/checkInterval)-len(list))
		if len(list) == 0 {
			continue
		}
		var off []time.Duration
		for _, at := range list {
			d := at.Sub(list[0]) % checkInterval
			if d > checkInterval/2 {
				d -= checkInterval
			}
			off = append(off, d)
		}
		earliest := slices.Min(off)
		for _, d := range off {
			late = append(late, d-earliest)
		}
	}
	slices.Sort(late)
	return late, absent
}

func milliseconds(sorted []time.Duration, percent int) float64 {
	if len(sorted) == 0 {
		return -1
	}
	return float64(sorted[min(len(sorted)-1, len(sorted)*percent/100)].Microseconds()) / 1000
}

// counted evaluates an expression over the server's own metrics.
func counted(b *testing.B, s *harness.Server, expr string) float64 {
	b.Helper()
	var answer struct {
		Data struct {
			Result []struct {
				Value [2]json.RawMessage `json:"value"`
			} `json:"result"`
		} `json:"data"`
	}
	if err := s.Call("GET", "/prometheus/api/v1/query?query="+url.QueryEscape(expr), nil, &answer); err != nil {
		b.Fatal(err)
	}
	if len(answer.Data.Result) == 0 {
		return 0
	}
	var text string
	_ = json.Unmarshal(answer.Data.Result[0].Value[1], &text)
	value, _ := strconv.ParseFloat(text, 64)
	return value
}

// cpuTime is what a process has used, proc(5).
func cpuTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// diskWrites is how many bytes a process has caused to be written, proc(5).
func diskWrites(b *testing.B, pid int) int {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "write_bytes: "); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(value))
			return n
		}
	}
	return 0
}
