//go:build linux

package metricstore_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mainstay/internal/core"
	"mainstay/internal/platform/metricstore"
)

const crashDir = "METRICSTORE_CRASH_DIR"

// TestCrashChild is the process that TestAcknowledgedSamplesSurviveKill kills:
// it appends without end and prints each count it was told is stored.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("runs as a child")
	}
	cfg := metricstore.Defaults()
	cfg.Directory, cfg.MinFree = dir, 1
	s, err := metricstore.Open(cfg, metricstore.Dependencies{})
	if err != nil {
		t.Fatal(err)
	}
	l, start := metricstore.NewLabels("crash_total", "item", "i"), time.Now().Add(-time.Hour)
	for i := 1; ; i++ {
		if err := s.Append(context.Background(), []metricstore.Sample{{l, start.Add(time.Duration(i) * time.Millisecond), float64(i)}}); err != nil {
			t.Fatal(err)
		}
		fmt.Printf("stored %d\n", i)
	}
}

func TestAcknowledgedSamplesSurviveKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestCrashChild$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if n, ok := strings.CutPrefix(lines.Text(), "stored "); ok {
			last, _ = strconv.Atoi(n)
			if last == 2000 {
				_ = cmd.Process.Kill()
			}
		}
	}
	_ = cmd.Wait()
	s := open(t, metricstore.Dependencies{}, func(c *metricstore.Configuration) { c.Directory = dir })
	res, err := s.Query(context.Background(), `count_over_time(crash_total[2h])`, time.Now())
	if err != nil || len(res.Series) != 1 {
		t.Fatalf("%+v %v", res, err)
	}
	if got := int(res.Series[0].Points[0].F); got < last {
		t.Fatalf("%d of %d acknowledged samples are left", got, last)
	}
}

// TestASmallDiskStopsIngestionNotTheProcess fills a real file system of 64 MB.
func TestASmallDiskStopsIngestionNotTheProcess(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); err != nil {
		t.Skipf("cannot mount a small file system here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	cfg := metricstore.Defaults()
	cfg.Directory, cfg.MinFree, cfg.FreeEvery = dir, 40<<20, time.Millisecond
	s, err := metricstore.Open(cfg, metricstore.Dependencies{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	// Most of the room is taken by somebody else, so that the rest fills soon.
	if err := os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, 21<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-time.Hour)
	batch := make([]metricstore.Sample, 2000)
	for i := range batch {
		batch[i].Labels = metricstore.NewLabels("fill", "item", strconv.Itoa(i))
	}
	for round := range 3000 {
		for i := range batch {
			batch[i].T, batch[i].V = at.Add(time.Duration(round)*time.Second), float64(round*i)*1.37
		}
		err := s.Append(context.Background(), batch)
		if core.CodeOf(err) == core.CodeUnavailable {
			if _, err := s.Query(context.Background(), "count(fill)", at.Add(time.Duration(round)*time.Second)); err != nil {
				t.Fatalf("a query on the full disk: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("the disk never filled")
}
