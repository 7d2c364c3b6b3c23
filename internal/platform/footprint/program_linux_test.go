package footprint

import (
	"bufio"
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

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
	if want := []mapping{{0x400000, 0x2000000}, {0x4000000, 0x5000000}}; !slices.Equal(got, want) {
		t.Errorf("%x, not %x", got, want)
	}
}
