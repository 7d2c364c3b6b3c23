package footprint

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// around is the most that a fault maps around itself of a file that is
	// cached page by page: the kernel's default of fault_around_bytes.
	around = 64 << 10
	// stride is how far apart the cache is looked at where it holds single pages.
	stride = 256 << 10
	// widest is the largest piece that the page cache makes.
	widest = 2 << 20
)

// loosenProgram parts what the page cache holds of the program's file into
// single pages. madvise(2) says of MADV_COLD only that a page is needed less;
// on a page within a larger piece of the cache, Linux splits the piece first,
// unless another process maps it. What is not cached is not read.
func loosenProgram() error {
	program, all, err := ofProgram()
	if err != nil {
		return err
	}
	l, err := newLoosener(program)
	if err != nil {
		return err
	}
	defer l.close()
	for _, m := range all {
		if err := l.loosen(m); err != nil {
			return err
		}
	}
	return nil
}

type loosener struct {
	file, pages *os.File
	page        uintptr
	entries     []byte // of pagemap
	synced      bool
}

func newLoosener(path string) (*loosener, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	pages, err := os.Open("/proc/self/pagemap")
	if err != nil {
		file.Close()
		return nil, err
	}
	page := os.Getpagesize()
	return &loosener{file: file, pages: pages, page: uintptr(page), entries: make([]byte, 8*widest/page)}, nil
}

func (l *loosener) close() {
	l.file.Close()
	l.pages.Close()
}

func (l *loosener) loosen(m mapping) error {
	if err := advise(m.start, m.end-m.start, unix.MADV_DONTNEED); err != nil {
		return err
	}
	one := [][]byte{make([]byte, 1)}
	for at := m.start; at < m.end; {
		if n, err := unix.Preadv2(int(l.file.Fd()), one, int64(m.offset+at-m.start), unix.RWF_NOWAIT); n != 1 || err != nil {
			at += stride
			continue
		}
		if err := advise(at, l.page, unix.MADV_POPULATE_READ); err != nil {
			return err
		}
		mapped, err := l.mapped(at, min(at+widest, m.end))
		if err != nil {
			return err
		}
		if mapped <= around {
			at += stride
			continue
		}
		if err := l.part(at, mapped); err != nil {
			return err
		}
		at += mapped
	}
	return nil
}

// part splits the piece of which length bytes from at on are mapped. The pages
// of a file that was written just now must be on the disk before they part.
func (l *loosener) part(at, length uintptr) error {
	for {
		if err := advise(at, l.page, unix.MADV_COLD); err != nil {
			return err
		}
		left, err := l.mapped(at, at+length)
		if err != nil || left <= around || l.synced {
			return err
		}
		l.synced = true
		if err := l.file.Sync(); err != nil {
			return err
		}
	}
}

// mapped is how many bytes from at on are mapped, without a gap.
func (l *loosener) mapped(at, end uintptr) (uintptr, error) {
	n, err := l.pages.ReadAt(l.entries[:8*((end-at)/l.page)], int64(8*(at/l.page)))
	if err != nil {
		return 0, err
	}
	for i := range n / 8 {
		if entry := binary.NativeEndian.Uint64(l.entries[8*i:]); entry>>63 == 0 { // proc_pid_pagemap(5): present
			return uintptr(i) * l.page, nil
		}
	}
	return uintptr(n/8) * l.page, nil
}

// unmapProgram drops the pages of the program file from this process: those of
// code and constants, none of which was written to. madvise(2) keeps the
// mapping; a page that is touched again comes from the page cache.
func unmapProgram() error {
	_, all, err := ofProgram()
	if err != nil {
		return err
	}
	for _, m := range all {
		if err := advise(m.start, m.end-m.start, unix.MADV_DONTNEED); err != nil {
			return err
		}
	}
	return nil
}

func advise(at, length uintptr, advice int) error {
	if _, _, errno := unix.Syscall(unix.SYS_MADVISE, at, length, uintptr(advice)); errno != 0 {
		return fmt.Errorf("madvise: %w", errno)
	}
	return nil
}

// ofProgram finds the program's file and its clean mappings in this process.
func ofProgram() (program string, all []mapping, err error) {
	if program, err = os.Readlink("/proc/self/exe"); err != nil {
		return "", nil, err
	}
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		return "", nil, err
	}
	defer file.Close()
	return program, clean(file, program), nil
}

type mapping struct{ start, end, offset uintptr }

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
			offset, err3 := strconv.ParseUint(fields[2], 16, 64)
			at = mapping{uintptr(start), uintptr(end), uintptr(offset)}
			readOnly := fields[1] == "r-xp" || fields[1] == "r--p"
			ours = err1 == nil && err2 == nil && err3 == nil && start < end && readOnly && len(fields) == 6 && fields[5] == path
		case ours && len(fields) == 3 && fields[0] == "Anonymous:":
			if fields[1] == "0" {
				all = append(all, at)
			}
			ours = false
		}
	}
	return all
}
