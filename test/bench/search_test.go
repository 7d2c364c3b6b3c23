package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/logstore"
	"mainstay/test/harness"
)

const (
	searchedSpan = 6 * time.Hour
	needleAt     = 0.654 // of all lines
	needleWord   = "7f3a91c2d"
)

// searchedLines is how many lines are searched; MAINSTAY_BENCH_LINES makes it fewer.
func searchedLines(b *testing.B) int {
	n := 10_000_000
	if text := os.Getenv("MAINSTAY_BENCH_LINES"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1000 {
			b.Fatal("MAINSTAY_BENCH_LINES must be a number above 1000")
		}
	}
	return n
}

// logWriter makes lines of 50 hosts with 8 programs, as web shops write them.
type logWriter struct {
	random *rand.Rand
	n      int
	total  int
	begin  time.Time
}

func (w *logWriter) next() logstore.Record {
	r := w.random
	host := r.IntN(50)
	out := logstore.Record{
		Time: w.begin.Add(time.Duration(int64(searchedSpan) / int64(w.total) * int64(w.n))),
		Host: fmt.Sprintf("web%02d.example", host), Item: fmt.Sprintf("01m8e7q3zd72chhvvq43gk%04d", host),
		App: []string{"shop", "cart", "nginx", "price", "login", "mail", "stock", "cron"}[r.IntN(8)],
	}
	level, status := "info", "200"
	switch k := r.IntN(100); {
	case k < 40:
		out.Message = fmt.Sprintf("GET /cart/%d?session=%08x 200 in %d ms", r.IntN(90_000), r.Uint32(), r.IntN(400))
	case k < 55:
		out.Message = fmt.Sprintf("order %d of customer %d was paid with %s", r.IntN(9_000_000), r.IntN(400_000), []string{"card", "invoice", "voucher"}[r.IntN(3)])
	case k < 67:
		out.Message = fmt.Sprintf("payment %d was declined by the gateway: code %d", r.IntN(9_000_000), 100+r.IntN(40))
		level, status = "error", "502"
	case k < 80:
		out.Message = fmt.Sprintf("connection to orders-db-%02d.example:5432 took %d ms: retrying", r.IntN(12), r.IntN(5000))
		level = "warn"
	case k < 92:
		out.Message = fmt.Sprintf("user u%d signed in from 10.%d.%d.%d", r.IntN(80_000), r.IntN(250), r.IntN(250), r.IntN(250))
	default:
		out.Message = "cache miss for the price list of region " + []string{"north", "south", "east", "west"}[r.IntN(4)]
		level = "debug"
	}
	if w.n == int(needleAt*float64(w.total)) {
		out.Message = "the needle " + needleWord + " lies here"
	}
	out.Level = level
	out.Fields = []logstore.Field{{Name: "status", Value: status}, {Name: "user", Value: "u" + strconv.Itoa(r.IntN(80_000))}, {Name: "duration_ms", Value: strconv.Itoa(r.IntN(900))}}
	if r.IntN(10) == 0 {
		out.Fields = append(out.Fields, logstore.Field{Name: "trace_id", Value: fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64())})
	}
	w.n++
	return out
}

// BenchmarkLogSearch loads ten million lines into the engine as the server runs
// it, once, and asks what the search page asks. The lines stay in the directory
// MAINSTAY_BENCH_LOGS for another time, when that is set.
func BenchmarkLogSearch(b *testing.B) {
	dir, total := os.Getenv("MAINSTAY_BENCH_LOGS"), searchedLines(b)
	if dir == "" {
		dir = b.TempDir()
	}
	cfg := logstore.Defaults("logs", dir)
	store, err := logstore.New(cfg, logstore.Dependencies{Clock: core.SystemClock{}, Log: slog.New(slog.DiscardHandler), Command: []string{harness.Program(b), "logstore"}})
	if err != nil {
		b.Fatal(err)
	}
	if err := store.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer store.Stop(context.Background())
	begin := loadedSince(b, dir)
	engine := child(b)
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
		}
		if lineCount(b, store, begin) == int64(total) {
			b.Skip("the lines are there already")
		}
		load(b, store, &logWriter{random: rand.New(rand.NewPCG(7, 7)), total: total, begin: begin}, engine)
	})
	quiet(b, engine)
	end := begin.Add(searchedSpan)
	all := logstore.Query{Start: begin, End: end}
	query := func(expr string, limit int) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) {
			n := 0
			for _, err := range store.Query(ctx, logstore.Query{Expr: expr, Start: begin, End: end, Limit: limit}) {
				if err != nil {
					return n, err
				}
				n++
			}
			return n, nil
		}
	}
	counted := func(list []logstore.Count, err error) (int, error) { return len(list), err }
	for _, ask := range []struct {
		name string
		want int // rows at the least
		run  func(context.Context) (int, error)
	}{
		{"needle", 1, query(needleWord, 500)},
		{"common-word-count", 1, query("declined | stats count() as n", 0)},
		{"common-word-newest-500", 500, query("declined", 500)},
		{"newest-1000", 1000, query("*", 1000)},
		{"two-conditions-newest-500", 100, query(`level:="error" host:="web07.example"`, 500)},
		{"histogram", 1, func(ctx context.Context) (int, error) {
			list, err := store.Hits(ctx, all, searchedSpan/90, logstore.LevelField)
			return len(list), err
		}},
		{"histogram-of-a-word", 1, func(ctx context.Context) (int, error) {
			list, err := store.Hits(ctx, logstore.Query{Expr: "declined", Start: begin, End: end}, searchedSpan/90, logstore.LevelField)
			return len(list), err
		}},
		{"top-values", 2, query(`* | top 10 by ("status") hits as n`, 0)},
		{"top-values-of-80000", 10, query(`* | top 10 by ("user") hits as n`, 0)},
		{"top-values-of-80000-of-a-word", 10, query(`declined | top 10 by ("user") hits as n`, 0)},
		{"values-to-complete", 8, func(ctx context.Context) (int, error) {
			return counted(store.Values(ctx, logstore.Query{Start: begin, End: end, Limit: 50}, logstore.AppField))
		}},
		{"fields", 8, func(ctx context.Context) (int, error) { return counted(store.Fields(ctx, all)) }},
	} {
		b.Run("ask/"+ask.name, func(b *testing.B) {
			var took []time.Duration
			cpu, asked := cpuOf(b, engine), 0
			for began := time.Now(); asked < 5 || asked < 100 && time.Since(began) < 10*time.Second; asked++ {
				start := time.Now()
				if n, err := ask.run(b.Context()); err != nil || n < ask.want {
					b.Fatalf("%d rows, %v", n, err)
				}
				took = append(took, time.Since(start))
			}
			for b.Loop() {
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64((cpuOf(b, engine)-cpu).Milliseconds())/float64(asked), "engine-cpu-ms")
		})
	}
	b.Run("memory", func(b *testing.B) {
		for b.Loop() {
		}
		b.ReportMetric(ownMB(b, engine), "MB-engine")
		b.ReportMetric(residentMB(b, engine), "MB-with-files")
		b.ReportMetric(residentMB(b, os.Getpid()), "MB-caller")
		b.ReportMetric(float64(diskOf(b, dir))/float64(total), "B/line")
	})
}

// loadedSince is when the lines of a directory begin; a new one begins now.
func loadedSince(b *testing.B, dir string) time.Time {
	b.Helper()
	path := filepath.Join(dir, "lines-begin")
	if text, err := os.ReadFile(path); err == nil {
		if at, err := time.Parse(time.RFC3339, strings.TrimSpace(string(text))); err == nil {
			return at
		}
	}
	at := time.Now().Add(-searchedSpan - time.Minute).UTC().Truncate(time.Second)
	if err := os.WriteFile(path, []byte(at.Format(time.RFC3339)), 0o644); err != nil {
		b.Fatal(err)
	}
	return at
}

func lineCount(b *testing.B, store *logstore.Store, begin time.Time) (n int64) {
	for row, err := range store.Query(b.Context(), logstore.Query{Expr: "* | stats count() as n", Start: begin, End: begin.Add(searchedSpan)}) {
		if err == nil {
			n, _ = strconv.ParseInt(row["n"], 10, 64)
		}
	}
	return n
}

// load writes all lines, waits until they are found, and says how fast that was.
func load(b *testing.B, store *logstore.Store, w *logWriter, engine int) {
	b.Helper()
	began, own, theirs := time.Now(), ownCPU(), cpuOf(b, engine)
	batch := make([]logstore.Record, 0, 5000)
	for w.n < w.total {
		batch = batch[:0]
		for len(batch) < cap(batch) && w.n < w.total {
			batch = append(batch, w.next())
		}
		for {
			refused, err := store.Write(b.Context(), batch)
			if err == nil && refused == 0 {
				break
			}
			var e *core.Error
			if !errors.As(err, &e) || e.Code != core.CodeUnavailable {
				b.Fatal(refused, err)
			}
			time.Sleep(100 * time.Millisecond) // the spool is full: the engine is behind
		}
	}
	for lineCount(b, store, w.begin) < int64(w.total) {
		if time.Since(began) > 30*time.Minute {
			b.Fatal("the lines are not there after half an hour")
		}
		time.Sleep(500 * time.Millisecond)
	}
	n := float64(w.total)
	b.ReportMetric(n/time.Since(began).Seconds(), "lines/s")
	b.ReportMetric(n/(cpuOf(b, engine)-theirs).Seconds(), "lines/engine-cpu-s")
	b.ReportMetric(n/(ownCPU()-own).Seconds(), "lines/own-cpu-s")
	b.ReportMetric(residentMB(b, engine), "MB-engine")
}

// quiet waits until the engine has merged what it wants to merge, a minute at most.
func quiet(b *testing.B, pid int) {
	b.Helper()
	for range 20 {
		before := cpuOf(b, pid)
		time.Sleep(3 * time.Second)
		if cpuOf(b, pid)-before < 150*time.Millisecond {
			return
		}
	}
}

// child is the process that this one has started.
func child(b *testing.B) int {
	b.Helper()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		entries, _ := filepath.Glob("/proc/[0-9]*/stat")
		for _, path := range entries {
			text, err := os.ReadFile(path)
			if err != nil {
				continue
			}
			if fields := afterName(text); len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid()) {
				pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
				if line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); strings.Contains(string(line), "logstore") {
					return pid
				}
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.Fatal("the engine's process is not there")
	return 0
}

// afterName are the fields of proc(5) stat that follow the name, the state first.
func afterName(stat []byte) []string {
	text := string(stat)
	return strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
}

// cpuOf is the processor time of another process; ticks are hundredths of a second.
func cpuOf(b *testing.B, pid int) time.Duration {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := afterName(text)
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}

func ownCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func diskOf(b *testing.B, dir string) (n int64) {
	b.Helper()
	_ = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}
