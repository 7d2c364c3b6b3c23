package footprint

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"mainstay/internal/core/coretest"
)

// TestTrimUnmapsTheProgram reads all of the program's code, trims, and finds
// less of it mapped; what is called afterwards still works.
func TestTrimUnmapsTheProgram(t *testing.T) {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	before := mapped(t, program)
	clock, done := coretest.NewClock(time.Now()), make(chan error, 1)
	go func() { done <- TrimLater(context.Background(), clock) }()
	for {
		clock.Advance(time.Second)
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		default:
			continue
		}
		break
	}
	if after := mapped(t, program); after >= before || before == 0 {
		t.Errorf("%d kB of the program are mapped after, %d before", after, before)
	}
}

// TestLoosenPartsWhatIsCachedInLargePieces maps a file that was written at one
// go, as a linker writes one. Afterwards a touched page brings no more with it
// than the kernel maps of a file that is cached page by page.
func TestLoosenPartsWhatIsCachedInLargePieces(t *testing.T) {
	t.Parallel()
	path, text := filepath.Join(t.TempDir(), "program"), make([]byte, 16<<20)
	for i := range text {
		text[i] = byte(i >> 8)
	}
	if err := os.WriteFile(path, text, 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	view, err := unix.Mmap(int(file.Fd()), 0, len(text), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(view)
	start := uintptr(unsafe.Pointer(unsafe.SliceData(view)))
	m := mapping{start, start + uintptr(len(view)), 0}
	l, err := newLoosener(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	before := large(t, l, m)
	if err := l.loosen(m); errors.Is(err, unix.EINVAL) {
		t.Skipf("this kernel cannot: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	after := large(t, l, m)
	t.Logf("of %d pages, %d brought more than %d kB with them before, %d do after", len(text)/stride, before, around>>10, after)
	if after != 0 {
		t.Errorf("%d pages bring more than %d kB with them, %d did before", after, around>>10, before)
	}
	if !bytes.Equal(view, text) {
		t.Error("the file reads differently")
	}
}

func TestLoosenThisProgram(t *testing.T) {
	if err := Loosen(); err != nil && !errors.Is(err, unix.EINVAL) {
		t.Error(err)
	}
}

// large counts the pages, one of each stride, with which more is mapped than
// the kernel maps around a single page.
func large(t *testing.T, l *loosener, m mapping) (count int) {
	t.Helper()
	for at := m.start; at < m.end; at += stride {
		if err := advise(m.start, m.end-m.start, unix.MADV_DONTNEED); err != nil {
			t.Fatal(err)
		}
		if err := advise(at, l.page, unix.MADV_POPULATE_READ); err != nil {
			t.Fatal(err)
		}
		n, err := l.mapped(at, min(at+widest, m.end))
		if err != nil {
			t.Fatal(err)
		}
		if n > around {
			count++
		}
	}
	return count
}

// mapped is how many kB of a file's read-only mappings are resident.
func mapped(t *testing.T, path string) int {
	t.Helper()
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	total, ours := 0, false
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) == 6 && fields[5] == path {
			ours = !strings.Contains(fields[1], "w")
		} else if ours && fields[0] == "Rss:" {
			n, _ := strconv.Atoi(fields[1])
			total, ours = total+n, false
		}
	}
	return total
}

func TestOnlyCleanMappingsOfTheProgram(t *testing.T) {
	t.Parallel()
	got := clean(strings.NewReader(`00400000-02000000 r-xp 00000000 fe:00 1 /usr/bin/mainstay
Rss: 100 kB
Anonymous: 0 kB
02000000-03000000 r--p 01c00000 fe:00 1 /usr/bin/mainstay
Anonymous:            8 kB
03000000-03100000 rw-p 02c00000 fe:00 1 /usr/bin/mainstay
Anonymous:            0 kB
04000000-05000000 r--p 02c00000 fe:00 1 /usr/bin/mainstay
Anonymous:            0 kB
7f0000000000-7f0000001000 r-xp 00000000 fe:00 2 /usr/lib/libc.so.6
Anonymous:            0 kB
7f0000002000-7f0000003000 rw-p 00000000 00:00 0
Anonymous:            4 kB
`), "/usr/bin/mainstay")
	if want := []mapping{{0x400000, 0x2000000, 0}, {0x4000000, 0x5000000, 0x2c00000}}; !slices.Equal(got, want) {
		t.Errorf("%x, not %x", got, want)
	}
}
