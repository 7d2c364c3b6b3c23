package footprint

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// unmapProgram drops the pages of the program file from this process: those of
// code and constants, none of which was written to. madvise(2) keeps the
// mapping; a page that is touched again comes from the page cache.
func unmapProgram() error {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		return err
	}
	defer file.Close()
	for _, m := range clean(file, program) {
		if _, _, errno := unix.Syscall(unix.SYS_MADVISE, m.start, m.end-m.start, unix.MADV_DONTNEED); errno != 0 {
			return fmt.Errorf("madvise: %w", errno)
		}
	}
	return nil
}

type mapping struct{ start, end uintptr }

// clean reads smaps, proc_pid_smaps(5): the mappings of a file that cannot be
// written to and have no page of their own (those of a relocated program do).
func clean(smaps io.Reader, path string) []mapping {
	var all []mapping
	var at mapping
	ours := false
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) >= 5 && strings.Contains(fields[0], "-") && !strings.HasSuffix(fields[0], ":"):
			from, to, _ := strings.Cut(fields[0], "-")
			start, err1 := strconv.ParseUint(from, 16, 64)
			end, err2 := strconv.ParseUint(to, 16, 64)
			at = mapping{uintptr(start), uintptr(end)}
			readOnly := fields[1] == "r-xp" || fields[1] == "r--p"
			ours = err1 == nil && err2 == nil && start < end && readOnly && len(fields) == 6 && fields[5] == path
		case ours && len(fields) == 3 && fields[0] == "Anonymous:":
			if fields[1] == "0" {
				all = append(all, at)
			}
			ours = false
		}
	}
	return all
}
