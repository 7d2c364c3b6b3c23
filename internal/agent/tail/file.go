package tail

import (
	"io"
	"os"
	"time"
)

const (
	readAtOnce = 128 << 10
	// joinPatience is how long a record that may go on is waited for.
	joinPatience = 2 * time.Second
	// closeAfter is how long a file that has left its place is still read.
	closeAfter = 5 * time.Second
)

// file is one that is followed.
type file struct {
	position
	coding coding
	joiner joiner
	most   int // bytes of a line, and of a record

	f       *os.File
	next    int64     // offset of what is read next
	skip    bool      // what is read next goes on with a line whose beginning was taken
	size    int64     // when it was looked at last
	changed time.Time // when something came last
	gone    time.Time // since when it is not in its place
	fresh   bool      // it was just opened: what it is has been checked

	begun  int   // how many times it began anew
	before int64 // its offset when it last did

	// A copy is not read while its original may still say the same.
	original *file
	since    int // original.begun when it was copied
}

// reset begins anew, because the file does.
func (f *file) reset() {
	f.begun, f.before = f.begun+1, f.Offset
	f.Offset, f.Skip, f.Head, f.HeadIs, f.BackIs = 0, false, 0, "", ""
	f.rewind()
}

// rewind goes back to what was delivered.
func (f *file) rewind() {
	f.next, f.skip = f.Offset, f.Skip
	f.joiner.flush()
}

// look says how much there is to read. A file that was cut off, or cut off and
// written again, begins anew.
func (f *file) look() (behind int64, err error) {
	info, err := f.f.Stat()
	if err != nil {
		return 0, err
	}
	size := info.Size()
	if !f.fresh && size != f.size && f.Offset > 0 {
		same, err := f.continues(f.f, size)
		if err != nil {
			return 0, err
		}
		if !same {
			f.reset()
		}
	}
	if size < f.next { // of a file of which nothing was delivered yet
		f.reset()
	}
	f.fresh, f.size = false, size
	return size - f.next, nil
}

// copied keeps a copy where its original is, and says whether it is still one.
func (f *file) copied() bool {
	if f.original == nil {
		return false
	}
	if f.original.begun == f.since && f.original.f != nil {
		f.Offset, f.Skip = min(f.original.Offset, f.size), f.original.Skip
		f.rewind()
		return true
	}
	if f.original.begun != f.since {
		f.Offset, f.Skip = min(f.original.before, f.size), false
	}
	f.rewind()
	f.original = nil
	return false
}

// found is a record and the file it is of.
type found struct {
	record
	of *file
}

// read returns records of up to about budget bytes. What may still go on is
// held back until nothing more came for a moment, or this is the last look.
func (f *file) read(now time.Time, buf []byte, budget int, last bool) (out []found, err error) {
	for budget > 0 {
		n, err := f.f.ReadAt(buf, f.next)
		if n == 0 {
			if err != nil && err != io.EOF {
				return out, err
			}
			break
		}
		took := f.lines(buf[:n], last, func(r record) bool {
			out = append(out, found{r, f})
			budget -= len(r.text) + 100
			return budget > 0
		})
		f.next += int64(took)
		if took == 0 {
			break
		}
		f.changed = now
	}
	if f.joiner.begun && (last || now.Sub(f.changed) >= joinPatience) {
		if r, ok := f.joiner.flush(); ok {
			out = append(out, found{r, f})
		}
	}
	return out, nil
}

// lines takes whole lines of raw, which begins at next, until take wants no
// more, and returns how many bytes that were. A line that is too long is taken
// before its end is there, and so is one that last says will have none.
func (f *file) lines(raw []byte, last bool, take func(record) bool) (took int) {
	for took < len(raw) {
		rest := raw[took:]
		end := f.coding.end(rest)
		whole, n := end >= 0, end+len(f.coding.newline)
		if !whole {
			end = len(rest) - len(rest)%f.coding.unit
			n = end
		}
		switch {
		case n == 0:
			return took
		case f.skip:
			f.skip = !whole
			took += n
			continue
		case !whole && end <= f.most && !last:
			return took
		}
		kept := min(end, f.most-f.most%f.coding.unit)
		f.skip = !whole && end > f.most
		r := record{text: f.coding.text(rest[:kept]), end: f.next + int64(took+n), skip: f.skip, cut: end > f.most}
		took += n
		if done, ok := f.joiner.add(r); ok && !take(done) {
			return took
		}
	}
	return took
}
