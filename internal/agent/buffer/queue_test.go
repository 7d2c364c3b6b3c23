package buffer

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mainstay/internal/core"
)

func open(t testing.TB, dir string, maxBytes int64) *Queue {
	t.Helper()
	q, err := Open(dir, Options{MaxBytes: maxBytes, SegmentBytes: 1 << 10, Clock: core.SystemClock{}})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func appendN(t testing.TB, q *Queue, from, n int) {
	t.Helper()
	for i := from; i < from+n; i++ {
		if err := q.Append("metrics", fmt.Appendf(nil, "%d", i)); err != nil {
			t.Fatal(err)
		}
	}
}

// drain takes everything in batches of budget bytes.
func drain(t testing.TB, q *Queue, budget int) []string {
	t.Helper()
	var out []string
	var last uint64
	for {
		b, err := q.Batch(budget)
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Records) == 0 {
			return out
		}
		for _, r := range b.Records {
			if r.Seq <= last {
				t.Fatalf("record %d follows %d", r.Seq, last)
			}
			last = r.Seq
			out = append(out, string(r.Data))
		}
		if err := q.Ack(last); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOrderAcrossRestarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := open(t, dir, 1<<20)
	appendN(t, q, 1, 100)
	b, _ := q.Batch(20)
	_ = q.Ack(b.Records[len(b.Records)-1].Seq)
	taken := len(b.Records)
	epoch := b.Epoch
	// No Close: as after kill -9.
	q = open(t, dir, 1<<20)
	appendN(t, q, 101, 50)
	if b, _ = q.Batch(1); b.Epoch != epoch {
		t.Fatalf("epoch %s became %s", epoch, b.Epoch)
	}
	rest := drain(t, q, 50)
	if len(rest) != 150-taken || rest[0] != fmt.Sprint(taken+1) || rest[len(rest)-1] != "150" {
		t.Fatalf("%d taken, then %v", taken, rest)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*"+suffix)); len(files) != 0 {
		t.Fatalf("left behind: %v", files)
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	q = open(t, dir, 1<<20)
	appendN(t, q, 151, 1)
	if b, _ = q.Batch(10); b.Records[0].Seq != 151 {
		t.Fatalf("numbers must go on: %+v", b)
	}
}

func TestFullQueueDropsOldestAndCounts(t *testing.T) {
	t.Parallel()
	q := open(t, t.TempDir(), 8<<10)
	appendN(t, q, 1, 1000)
	stats := q.Stats()
	if stats.Bytes > 8<<10 || stats.Dropped == 0 || stats.Records+stats.Dropped != 1000 {
		t.Fatalf("%+v", stats)
	}
	rest := drain(t, q, 1<<20)
	if len(rest) != int(stats.Records) || rest[len(rest)-1] != "1000" || rest[0] != fmt.Sprint(stats.Dropped+1) {
		t.Fatalf("%d records, first %s", len(rest), rest[0])
	}
}

func TestTornEndAndDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q := open(t, dir, 1<<20)
	appendN(t, q, 1, 100)
	files, _ := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if len(files) < 3 {
		t.Fatalf("%d segments", len(files))
	}
	data, _ := os.ReadFile(files[1])
	data[len(data)/2] ^= 0xff
	_ = os.WriteFile(files[1], data, 0o600)
	last := files[len(files)-1]
	info, _ := os.Stat(last)
	_ = os.Truncate(last, info.Size()-3)

	q = open(t, dir, 1<<20)
	appendN(t, q, 101, 1)
	rest := drain(t, q, 100)
	if rest[0] != "1" || rest[len(rest)-1] != "101" || q.Stats().Dropped == 0 || len(rest) < 60 {
		t.Fatalf("%d records, %v; %+v", len(rest), rest, q.Stats())
	}
}

// A process that appends is killed; what it said it had appended is there.
func TestKilledWriter(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestHelperProcess$")
	child.Env = append(os.Environ(), "BUFFER_HELPER="+dir)
	stdout, _ := child.StdoutPipe()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	_, _ = io.CopyN(&said, stdout, 2000)
	_ = child.Process.Kill()
	_, _ = io.Copy(&said, stdout)
	_ = child.Wait()
	lines := strings.Split(said.String(), "\n")
	whole := lines[len(lines)-2]
	rest := drain(t, open(t, dir, 1<<30), 1<<20)
	found := false
	for i, r := range rest {
		if r != fmt.Sprint(i+1) {
			t.Fatalf("record %d holds %s", i+1, r)
		}
		found = found || r == whole
	}
	if !found {
		t.Fatalf("%s was appended, and is lost; last is %s", whole, rest[len(rest)-1])
	}
}

func TestHelperProcess(t *testing.T) {
	dir := os.Getenv("BUFFER_HELPER")
	if dir == "" {
		t.Skip("the child of TestKilledWriter")
	}
	q := open(t, dir, 1<<30)
	for i := 1; ; i++ {
		appendN(t, q, i, 1)
		fmt.Println(i)
	}
}

func FuzzSegment(f *testing.F) {
	good, _ := newEncoder().frame(core.SystemClock{}.Now(), "metrics", []byte("data"))
	f.Add(good)
	f.Add(append(bytes.Clone(good), good[:len(good)-1]...))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := bytes.NewReader(data)
		for {
			body, err := readBody(r)
			if err != nil {
				return
			}
			_, _, _ = decodeBody(body)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	q, _ := Open(b.TempDir(), Options{MaxBytes: 64 << 20, SegmentBytes: 1 << 20, Clock: core.SystemClock{}})
	data := bytes.Repeat([]byte(`{"n":"system_cpu_utilization","l":{"cpu":"0"},"t":1,"v":0.5},`), 300)
	b.ReportAllocs()
	for b.Loop() {
		if err := q.Append("metrics", data); err != nil {
			b.Fatal(err)
		}
	}
}
