//go:build unix

package tail_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/unicode"

	"mainstay/internal/agent/tail"
	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
)

// world is a server in memory, and a directory of logs.
type world struct {
	t     *testing.T
	dir   string // of logs
	state string
	tail  *tail.Tailer

	mu      sync.Mutex
	records []protocol.LogRecord
	away    bool
	tried   int
	news    chan struct{}
	denied  string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), state: t.TempDir(), news: make(chan struct{}, 1)}
	w.begin()
	t.Cleanup(func() { w.tail.Stop() })
	return w
}

func (w *world) begin() {
	w.tail = tail.Open(w.state, tail.Dependencies{Clock: core.SystemClock{}, Log: slog.New(slog.DiscardHandler), Deliver: w.take,
		File: func(path string) error {
			if w.denied != "" && strings.Contains(path, w.denied) {
				return errors.New("this host does not allow " + path)
			}
			return nil
		}, Journal: func() error { return nil }})
	w.tail.Start(context.Background())
}

// again is a new process that finds what the old one left.
func (w *world) again() {
	w.tail.Stop()
	w.begin()
}

func (w *world) take(_ context.Context, batch protocol.LogBatch) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case w.news <- struct{}{}:
	default:
	}
	w.tried++
	if w.away {
		return 0, errors.New("not connected")
	}
	w.records = append(w.records, batch.Records...)
	return 0, nil
}

func (w *world) lines() (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.records {
		out = append(out, r.M)
	}
	return out
}

// until waits for deliveries until enough.
func (w *world) until(what string, enough func() bool) {
	w.t.Helper()
	limit := time.After(60 * time.Second)
	for !enough() {
		select {
		case <-w.news:
		case <-limit:
			w.t.Fatalf("%s: %q, %+v", what, w.lines(), w.tail.Status())
		case <-time.After(20 * time.Millisecond): // what is waited for may be told by the status
		}
	}
}

// expect waits for these lines, and no others, and forgets them.
func (w *world) expect(what string, want ...string) {
	w.t.Helper()
	w.until(what, func() bool { return len(w.lines()) >= len(want) })
	got := w.lines()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("%s: %q, want %q", what, got, want)
	}
	w.mu.Lock()
	w.records = nil
	w.mu.Unlock()
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

func (w *world) write(name, text string) {
	w.t.Helper()
	f, err := os.OpenFile(w.path(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) do(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) follow(files protocol.LogFiles, past bool) {
	w.t.Helper()
	if files.Paths == nil {
		files.Paths = []string{w.path("*.log*")}
	}
	w.do(w.tail.Follow(protocol.LogSources{Revision: "1", Sources: []protocol.LogSource{{Name: "shop", Files: &files, FromPast: past}}}))
	w.looked(1)
}

// looked waits until each of the sources has had its first look.
func (w *world) looked(sources int) {
	w.t.Helper()
	w.until("the first look", func() bool {
		list, err := filepath.Glob(filepath.Join(w.state, "place-*.json"))
		return err == nil && len(list) == sources
	})
}

func TestFollow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("a.log", "before\n")
	w.follow(protocol.LogFiles{}, false)
	w.write("a.log", "one\ntw")
	w.write("b.log", "other\r\n\n")
	w.expect("what is new", "one", "other")
	w.write("a.log", "o\nthree\n")
	w.expect("a line in two parts", "two", "three")
	w.until("the counts", func() bool {
		s := w.tail.Status().Sources[0]
		return s.Records == 4 && s.Files == 2 && s.Error == "" && !s.Seen.IsZero()
	})
	// A restart begins where the last one stopped.
	w.tail.Stop()
	w.write("a.log", "while it was away\n")
	w.begin()
	w.expect("after a restart", "while it was away")
}

func TestFromThePast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("a.log", "before\n")
	w.write("a.log.2.gz", "not read\n")
	w.follow(protocol.LogFiles{Exclude: []string{"secret*"}}, true)
	w.write("secret.log", "not read\n")
	w.expect("what was there", "before")
	w.write("a.log", "after\n")
	w.expect("what is new", "after")
}

func TestRotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.follow(protocol.LogFiles{}, false)
	w.write("a.log", "one\n")
	w.expect("the first", "one")
	// By name: the old file is read to its end, the new one from its beginning.
	w.do(os.Rename(w.path("a.log"), w.path("a.log.1")))
	w.write("a.log.1", "two\n")
	w.write("a.log", "three\n")
	w.expect("renamed", "two", "three")
	// By copying and cutting off, with something that is only in the copy.
	w.write("a.log", "four\n")
	w.expect("the fourth", "four")
	w.tail.Stop()
	w.write("a.log", "five\n")
	raw, err := os.ReadFile(w.path("a.log"))
	w.do(err)
	w.do(os.WriteFile(w.path("a.log.2"), raw, 0o600))
	w.do(os.Truncate(w.path("a.log"), 0))
	w.write("a.log", "six, which is longer than all that was there before it\n")
	w.begin()
	w.expect("copied while away", "five", "six, which is longer than all that was there before it")
	// The same while it is followed.
	w.write("a.log", "seven\n")
	w.expect("the seventh", "seven")
	raw, err = os.ReadFile(w.path("a.log"))
	w.do(err)
	w.do(os.WriteFile(w.path("a.log.3"), raw, 0o600))
	w.until("the copy", func() bool { return w.tail.Status().Sources[0].Files == 4 })
	w.do(os.Truncate(w.path("a.log"), 0))
	w.write("a.log", "eight\n")
	w.expect("copied", "eight")
	// Renamed away from the patterns: it is read to its end, and let go.
	w.do(os.Rename(w.path("a.log"), w.path("a.old")))
	w.write("a.old", "nine\nten, without an end")
	w.expect("moved away", "nine", "ten, without an end")
	// And it does not come again when it comes back, or after a restart.
	w.do(os.Rename(w.path("a.old"), w.path("a.log")))
	w.again()
	w.write("a.log", " and its end\neleven\n")
	w.expect("back", " and its end", "eleven")
}

func TestRotationWhileTheServerIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.follow(protocol.LogFiles{}, false)
	w.away = true
	var want []string
	for i := range 5 {
		for n := range 100 {
			line := fmt.Sprintf("file %d line %03d", i, n)
			w.write("a.log", line+"\n")
			want = append(want, line)
		}
		w.do(os.Rename(w.path("a.log"), w.path(fmt.Sprintf("a.log.%d", i))))
	}
	w.until("an attempt", func() bool { w.mu.Lock(); defer w.mu.Unlock(); return w.tried > 0 })
	w.until("the trouble", func() bool { return strings.Contains(w.tail.Status().Sources[0].Error, "not connected") })
	w.again() // and the agent is ended meanwhile
	w.mu.Lock()
	w.away = false
	w.mu.Unlock()
	w.expect("everything", want...)
}

func TestMultiline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.follow(protocol.LogFiles{Continue: protocol.JavaContinues}, false)
	w.write("a.log", "ERROR it broke\njava.lang.IllegalStateException: no\n\tat shop.Cart.add(Cart.java:7)\n\tat shop.Main.main(Main.java:3)\nCaused by: java.io.IOException: disk\n\t... 2 more\nINFO next\n")
	w.expect("a stack", "ERROR it broke", "java.lang.IllegalStateException: no\n\tat shop.Cart.add(Cart.java:7)\n\tat shop.Main.main(Main.java:3)\nCaused by: java.io.IOException: disk\n\t... 2 more", "INFO next")
	w.follow(protocol.LogFiles{Start: `^\d{4}-`}, false)
	w.write("a.log", "2026-03-01 begin\nmore\n\nand more\n2026-03-02 next\n")
	w.expect("by its start", "2026-03-01 begin\nmore\n\nand more", "2026-03-02 next")
}

func TestLongLinesAreCutAndCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.follow(protocol.LogFiles{MaxLine: 1000}, false)
	w.write("a.log", strings.Repeat("x", 500_000))
	w.expect("the beginning", strings.Repeat("x", 1000))
	w.again() // the rest is still left out
	w.write("a.log", strings.Repeat("x", 1000)+"\nnext\n")
	w.expect("the next", "next")
	w.write("a.log", strings.Repeat("y", 1500)+"\n")
	w.expect("a whole one", strings.Repeat("y", 1000))
	w.until("the counts", func() bool { s := w.tail.Status().Sources[0]; return s.Cut == 1 && s.Records == 2 })
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var sources []protocol.LogSource
	for _, name := range []string{"latin1", "windows-1252", "utf-16le", "utf-16be", "utf-8"} {
		sources = append(sources, protocol.LogSource{Name: name, Files: &protocol.LogFiles{Paths: []string{w.path(name + ".log")}, Encoding: name}})
	}
	w.do(w.tail.Follow(protocol.LogSources{Sources: sources}))
	w.looked(len(sources))
	encode := func(order unicode.Endianness, text string) string {
		out, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(text)
		w.do(err)
		return out
	}
	w.write("latin1.log", "gr\xfc\xdfe 1\n")
	w.write("windows-1252.log", "\x80 2\n")
	w.write("utf-16le.log", encode(unicode.LittleEndian, "grüße 3\r\nĊ 4\n")) // U+010A has a byte that looks like a newline
	w.write("utf-16be.log", encode(unicode.BigEndian, "grüße 5\nĊ 6\n"))
	w.write("utf-8.log", "\xef\xbb\xbfgrüße 7\nbro\xffken 8\n")
	w.expect("text", "grüße 1", "€ 2", "grüße 3", "Ċ 4", "grüße 5", "Ċ 6", "grüße 7", "bro\uFFFDken 8")
}

func TestWhatTheHostDoesNotAllow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.denied = "private"
	w.write("private", "no\n")
	w.do(os.Symlink(w.path("private"), w.path("a.log")))
	w.do(os.Mkdir(w.path("c.log"), 0o700))
	w.follow(protocol.LogFiles{}, true)
	w.write("b.log", "yes\n")
	w.expect("what it allows", "yes")
	if s := w.tail.Status().Sources[0]; !strings.Contains(s.Error, "does not allow") {
		t.Errorf("%+v", s)
	}
}

func TestSourcesThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.follow(protocol.LogFiles{}, false)
	for _, bad := range []protocol.LogSource{{Name: "x"}, {Name: "x", Files: &protocol.LogFiles{Encoding: "ebcdic"}}, {Name: "x", Files: &protocol.LogFiles{Start: "("}}} {
		if err := w.tail.Follow(protocol.LogSources{Sources: []protocol.LogSource{bad}}); err == nil {
			t.Errorf("%+v is followed", bad)
		}
	}
	w.write("a.log", "the earlier one goes on\n")
	w.expect("the earlier one", "the earlier one goes on")
	w.do(w.tail.Follow(protocol.LogSources{}))
	if s := w.tail.Status(); len(s.Sources) != 0 {
		t.Errorf("%+v", s)
	}
}
