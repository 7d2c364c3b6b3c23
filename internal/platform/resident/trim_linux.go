package resident

import (
	"bufio"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/unix"
)

// mapping is one range of /proc/self/smaps.
type mapping struct {
	from, to uintptr
	clean    bool // of the program file, not writable, and never written to
}

// Trim gives back free heap and the clean pages of the program file. Call it
// once, when the start is over. A failure costs nothing but the memory.
func Trim() error {
	debug.FreeOSMemory()
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	smaps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return err
	}
	defer smaps.Close()
	var found []mapping
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		found = readLine(found, lines.Text(), program)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	for _, m := range found {
		if !m.clean {
			continue
		}
		// A private mapping of a file without a page of its own: DONTNEED drops
		// the page table entries alone (madvise(2)).
		if _, _, errno := unix.Syscall(unix.SYS_MADVISE, m.from, m.to-m.from, unix.MADV_DONTNEED); errno != 0 {
			return fmt.Errorf("resident: madvise: %w", errno)
		}
	}
	return nil
}

// readLine adds a mapping at its first line, and takes back that it is clean
// where a later line says so: what the dynamic linker relocated and then made
// read-only (RELRO) has pages of its own, which DONTNEED would lose.
func readLine(found []mapping, line, program string) []mapping {
	fields := strings.Fields(line)
	if len(fields) >= 2 && len(found) > 0 && (fields[0] == "Anonymous:" || fields[0] == "Swap:" || fields[0] == "Private_Dirty:") {
		if fields[1] != "0" {
			found[len(found)-1].clean = false
		}
		return found
	}
	var m mapping
	if len(fields) < 5 || len(fields[1]) != 4 {
		return found
	}
	if n, err := fmt.Sscanf(fields[0], "%x-%x", &m.from, &m.to); n != 2 || err != nil || m.from >= m.to {
		return found
	}
	m.clean = len(fields) > 5 && strings.Join(fields[5:], " ") == program && fields[1][0] == 'r' && fields[1][1] == '-' && fields[1][3] == 'p'
	return append(found, m)
}
