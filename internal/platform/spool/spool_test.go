package spool_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/spool"
)

// TestMain lets the test binary play the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("SPOOL_TEST_WRITER"); dir != "" {
		writeUntilKilled(dir)
		return
	}
	os.Exit(m.Run())
}

func open(t testing.TB, cfg spool.Configuration) *spool.Spool {
	t.Helper()
	s, err := spool.Open(cfg, core.SystemClock{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func configuration(dir string) spool.Configuration {
	cfg := spool.Defaults()
	cfg.Dir, cfg.MaxBytes, cfg.MaxRecord = dir, 1<<20, 64<<10
	return cfg
}

// drain takes everything that is there.
func drain(t *testing.T, s *spool.Spool) (records []string, end spool.Position) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // Next returns what is there before it looks at ctx
	for {
		batch, err := s.Next(ctx, 4096)
		if err != nil {
			return records, end
		}
		for _, r := range batch.Records {
			records = append(records, string(r))
		}
		end = batch.End
	}
}

func TestRecordsSurviveReopening(t *testing.T) {
	t.Parallel()
	cfg := configuration(t.TempDir())
	s := open(t, cfg)
	for i := range 100 {
		if err := s.Append(fmt.Appendf(nil, "record %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	batch, err := s.Next(t.Context(), 1)
	if err != nil || string(batch.Records[0]) != "record 0" {
		t.Fatalf("%q, %v", batch.Records, err)
	}
	if err := s.Commit(batch.End); err != nil {
		t.Fatal(err)
	}
	s.Close()
	got, _ := drain(t, open(t, cfg))
	if len(got) != 99 || got[0] != "record 1" || got[98] != "record 99" {
		t.Fatalf("%d records from %q", len(got), got[0])
	}
}

func TestRewindStartsAtTheCommittedPosition(t *testing.T) {
	t.Parallel()
	s := open(t, configuration(t.TempDir()))
	if err := s.Append([]byte("a"), []byte("b")); err != nil {
		t.Fatal(err)
	}
	first, end := drain(t, s)
	s.Rewind()
	again, _ := drain(t, s)
	if strings.Join(first, "") != "ab" || strings.Join(again, "") != "ab" {
		t.Fatalf("%q then %q", first, again)
	}
	if err := s.Commit(end); err != nil {
		t.Fatal(err)
	}
	s.Rewind()
	if left, _ := drain(t, s); len(left) != 0 || s.Stats().Pending != 0 {
		t.Fatalf("%q is left", left)
	}
}

func TestAFullSpoolPushesBackAndRecovers(t *testing.T) {
	t.Parallel()
	s := open(t, configuration(t.TempDir()))
	record := make([]byte, 10<<10)
	accepted := 0
	for ; ; accepted++ {
		err := s.Append(record)
		if errors.Is(err, spool.ErrFull) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if stats := s.Stats(); stats.Bytes > stats.MaxBytes || accepted < 90 || stats.Refused != 1 {
		t.Fatalf("%d accepted, %+v", accepted, stats)
	}
	waited := make(chan error, 1)
	go func() { waited <- s.AppendWait(t.Context(), record) }()
	got, end := drain(t, s)
	if len(got) != accepted {
		t.Fatalf("%d of %d", len(got), accepted)
	}
	if err := s.Commit(end); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	for err := error(nil); ; {
		if err = s.AppendWait(ctx, record); err != nil {
			if !errors.Is(err, spool.ErrFull) {
				t.Fatal(err)
			}
			return
		}
	}
}

func TestABigGroupDoesNotBlockForEver(t *testing.T) {
	t.Parallel()
	s := open(t, configuration(t.TempDir()))
	record := make([]byte, 60<<10)
	var records [][]byte
	for range 15 {
		records = append(records, record)
	}
	for range 5 { // each time 900 of 1,024 KB, in one segment
		if err := s.Append(records...); err != nil {
			t.Fatal(err)
		}
		_, end := drain(t, s)
		if err := s.Commit(end); err != nil {
			t.Fatal(err)
		}
	}
	if stats := s.Stats(); stats.Segments > 2 || stats.Bytes > stats.MaxBytes {
		t.Fatalf("%+v", stats)
	}
}

func TestConcurrentAppendsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	s := open(t, configuration(t.TempDir()))
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 50 {
				if err := s.Append(fmt.Appendf(nil, "%d %d", w, i), fmt.Appendf(nil, "%d %d+", w, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	got, _ := drain(t, s)
	next := map[int]int{}
	for i := 0; i < len(got); i += 2 {
		var w, n int
		fmt.Sscanf(got[i], "%d %d", &w, &n)
		if n != next[w] || got[i+1] != got[i]+"+" {
			t.Fatalf("%q then %q, want number %d", got[i], got[i+1], next[w])
		}
		next[w]++
	}
	if len(got) != 800 {
		t.Fatalf("%d records", len(got))
	}
}

func TestATornTailIsCutOff(t *testing.T) {
	t.Parallel()
	for cut := int64(1); cut < 20; cut += 3 {
		cfg := configuration(t.TempDir())
		s := open(t, cfg)
		if err := errors.Join(s.Append([]byte("whole")), s.Append([]byte("cut off here"))); err != nil {
			t.Fatal(err)
		}
		s.Close()
		path := onlySegment(t, cfg.Dir)
		info, _ := os.Stat(path)
		if err := os.Truncate(path, info.Size()-cut); err != nil {
			t.Fatal(err)
		}
		s = open(t, cfg)
		if err := s.Append([]byte("after")); err != nil {
			t.Fatal(err)
		}
		if got, _ := drain(t, s); strings.Join(got, ",") != "whole,after" {
			t.Fatalf("cut %d: %q", cut, got)
		}
	}
}

func TestDamageCostsOnlyItsSegment(t *testing.T) {
	t.Parallel()
	cfg := configuration(t.TempDir())
	cfg.SegmentBytes = 1 << 10
	s := open(t, cfg)
	for i := range 40 {
		if err := s.Append(fmt.Appendf(nil, "%03d%0100d", i, 0)); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	files, _ := filepath.Glob(filepath.Join(cfg.Dir, "*.spool"))
	content, err := os.ReadFile(files[1])
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 0x40
	if err := os.WriteFile(files[1], content, 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, cfg)
	got, _ := drain(t, s)
	if len(got) >= 40 || len(got) < 32 || !strings.HasPrefix(got[len(got)-1], "039") || s.Stats().Damaged == 0 {
		t.Fatalf("%d records, %+v", len(got), s.Stats())
	}
}

func TestADamagedPositionRepeatsRecords(t *testing.T) {
	t.Parallel()
	cfg := configuration(t.TempDir())
	s := open(t, cfg)
	if err := s.Append([]byte("a")); err != nil {
		t.Fatal(err)
	}
	_, end := drain(t, s)
	if err := s.Commit(end); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if err := os.WriteFile(filepath.Join(cfg.Dir, "position"), []byte("00000000 {}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, _ := drain(t, open(t, cfg)); len(got) != 1 {
		t.Fatalf("%q", got)
	}
}

// TestNothingAcknowledgedIsLostOnKill kills a writing process and compares
// what it acknowledged with what is in the spool.
func TestNothingAcknowledgedIsLostOnKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	last := 0
	for round := range 5 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "SPOOL_TEST_WRITER="+dir, fmt.Sprintf("SPOOL_TEST_FROM=%d", last))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range 200 + 37*round {
			if !lines.Scan() {
				t.Fatal("the writer stopped by itself")
			}
		}
		cmd.Process.Kill()
		acknowledged := lines.Text()
		for lines.Scan() {
			acknowledged = lines.Text()
		}
		cmd.Wait()
		fmt.Sscan(acknowledged, &last)
		cfg := configuration(dir)
		cfg.MaxBytes = 64 << 20
		s := open(t, cfg)
		got, _ := drain(t, s)
		s.Close()
		seen := map[string]bool{}
		for _, r := range got {
			seen[r] = true
		}
		for i := 1; i <= last; i++ {
			if !seen[fmt.Sprint(i)] {
				t.Fatalf("round %d: record %d of %d was acknowledged and is gone", round, i, last)
			}
		}
	}
}

func writeUntilKilled(dir string) {
	cfg := configuration(dir)
	cfg.MaxBytes, cfg.Sync = 64<<20, spool.SyncNever
	s, err := spool.Open(cfg, core.SystemClock{})
	if err != nil {
		panic(err)
	}
	var from int
	fmt.Sscan(os.Getenv("SPOOL_TEST_FROM"), &from)
	for i := from + 1; ; i++ {
		if err := s.Append(fmt.Append(nil, i)); err != nil {
			panic(err)
		}
		fmt.Println(i)
	}
}

func onlySegment(t *testing.T, dir string) string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*.spool"))
	if len(files) != 1 {
		t.Fatalf("%d segments", len(files))
	}
	return files[0]
}

func BenchmarkAppend(b *testing.B) {
	for _, policy := range []spool.Sync{spool.SyncAlways, spool.SyncInterval, spool.SyncNever} {
		for _, parallel := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/%d", policy, parallel), func(b *testing.B) {
				cfg := spool.Defaults()
				cfg.Dir, cfg.Sync, cfg.MaxBytes = b.TempDir(), policy, 64<<30
				s := open(b, cfg)
				record := make([]byte, 256)
				b.SetBytes(256)
				b.SetParallelism(parallel)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := s.Append(record); err != nil {
							b.Error(err)
						}
					}
				})
			})
		}
	}
}

func BenchmarkNext(b *testing.B) {
	cfg := spool.Defaults()
	cfg.Dir, cfg.Sync = b.TempDir(), spool.SyncNever
	s := open(b, cfg)
	record := make([]byte, 256)
	for range 100_000 {
		if err := s.Append(record); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(256)
	b.ResetTimer()
	for n := 0; n < b.N; {
		s.Rewind()
		for got := 0; got < 100_000 && n < b.N; {
			batch, err := s.Next(b.Context(), 1<<20)
			if err != nil {
				b.Fatal(err)
			}
			got, n = got+len(batch.Records), n+len(batch.Records)
		}
	}
}
