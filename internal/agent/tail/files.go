package tail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"mainstay/internal/platform/agents/protocol"
)

// ghostsMost is how many files that are not there any more are remembered.
const ghostsMost = 500

// files are those of one source.
type files struct {
	*source
	open   []*file
	ghosts []position // that are not open
	buf    []byte
	first  bool // the first look at a source that is new
}

func newFiles(s *source) *files {
	return &files{source: s, ghosts: s.place.Files, buf: make([]byte, max(readAtOnce, 2*s.most())), first: !s.place.Known}
}

// follow reads until ctx ends.
func (w *files) follow(ctx context.Context) {
	defer func() {
		for _, f := range w.open {
			_ = f.f.Close()
		}
	}()
	for ctx.Err() == nil {
		err := w.scan()
		records, failed := w.read()
		w.say(0, cmp.Or(err, failed))
		if len(records) == 0 {
			w.leave()
			w.pause(ctx, lookEvery)
			continue
		}
		if w.hand(ctx, records) != nil {
			return
		}
	}
}

// scan finds files, and what became of those that are known. What is wrong with
// one does not keep the others from being followed.
func (w *files) scan() error {
	now := w.deps.Clock.Now()
	paths, failed := w.paths()
	here := map[*file]bool{}
	for _, path := range paths {
		f, err := w.find(path)
		if err != nil {
			failed = cmp.Or(failed, err)
			continue
		}
		if f != nil {
			f.gone = time.Time{}
			here[f] = true
		}
	}
	for _, f := range w.open {
		if !here[f] && f.gone.IsZero() {
			f.gone = now
		}
	}
	if w.first || !w.place.Known {
		w.first, w.place.Known = false, true
		failed = cmp.Or(failed, w.keep())
	}
	return failed
}

// paths are the files that patterns name, without symbolic links, and without
// those that the host does not allow.
func (w *files) paths() (out []string, failed error) {
	seen := map[string]bool{}
	for _, pattern := range w.spec.Files.Paths {
		list, err := filepath.Glob(pattern)
		if err != nil {
			failed = cmp.Or(failed, fmt.Errorf("%s: %w", pattern, err))
		}
		for _, path := range list {
			if w.excludes(path) {
				continue
			}
			path, err := filepath.EvalSymlinks(path)
			if err != nil {
				if !errors.Is(err, fs.ErrNotExist) {
					failed = cmp.Or(failed, err)
				}
				continue
			}
			if path, err = filepath.Abs(path); err != nil || seen[path] {
				continue
			}
			seen[path] = true
			if err := w.deps.File(path); err != nil {
				failed = cmp.Or(failed, err)
				continue
			}
			out = append(out, path)
		}
	}
	slices.Sort(out)
	if len(out) > maxFiles {
		failed = cmp.Or(failed, fmt.Errorf("%d files are more than the %d that a source may have; the others are not followed", len(out), maxFiles))
		out = out[:maxFiles]
	}
	return out, failed
}

func (w *files) excludes(path string) bool {
	for _, pattern := range append([]string{"*.gz", "*.bz2", "*.xz", "*.zst", "*.zip"}, w.spec.Files.Exclude...) {
		whole, _ := filepath.Match(pattern, path)
		base, _ := filepath.Match(pattern, filepath.Base(path))
		if whole || base {
			return true
		}
	}
	return false
}

// find is the file at path: one that is open, one that was read before, or a
// new one.
func (w *files) find(path string) (*file, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return nil, err
	}
	device, inode := identityOf(info)
	for _, f := range w.open {
		if open, err := f.f.Stat(); err == nil && os.SameFile(open, info) {
			f.Path = path
			return f, nil
		}
	}
	opened, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err = opened.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, opened.Close())
	}
	f := &file{f: opened, coding: w.coding, most: w.most(), joiner: joiner{start: w.start, goOn: w.goOn, most: w.most()}, fresh: true, size: info.Size(), changed: w.deps.Clock.Now()}
	f.Path, f.Device, f.Inode = path, device, inode
	if err := w.resume(f); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	f.rewind()
	w.open = append(w.open, f)
	return f, nil
}

// resume finds how far the file was read.
func (w *files) resume(f *file) error {
	best := -1
	for i := range w.ghosts {
		g := &w.ghosts[i]
		itself := g.Inode == f.Inode && g.Device == f.Device
		if best >= 0 && !itself {
			continue
		}
		same, err := g.continues(f.f, f.size)
		if err != nil {
			return err
		}
		if same && (itself || g.Head > 0) {
			best = i
			if itself {
				break
			}
		}
	}
	if best >= 0 {
		g := w.ghosts[best]
		f.Offset, f.Skip, f.Head, f.HeadIs, f.BackIs = g.Offset, g.Skip, g.Head, g.HeadIs, g.BackIs
		w.ghosts = slices.Delete(w.ghosts, best, best+1)
		return nil
	}
	for _, o := range w.open {
		if o.Head == 0 || o.original != nil {
			continue
		}
		if same, err := o.continues(f.f, f.size); err != nil || same {
			f.original, f.since = o, o.begun
			f.Offset, f.Skip = o.Offset, o.Skip
			return errors.Join(err, f.mark(f.f))
		}
	}
	// Nobody read it before. What was written before the source was declared is
	// only wanted if it says so.
	if w.first && !w.spec.FromPast {
		f.Offset = f.size
	}
	return f.mark(f.f)
}

// read takes what is new of each file in turn.
func (w *files) read() (out []found, failed error) {
	now, budget, behind := w.deps.Clock.Now(), batchBytes, int64(0)
	for _, f := range w.open {
		if _, err := f.look(); err != nil {
			failed = cmp.Or(failed, err)
			continue
		}
		if f.copied() {
			continue
		}
		behind += f.size - f.Offset
		if budget <= 0 || len(out) >= batchMost {
			continue
		}
		last := !f.gone.IsZero() && now.Sub(f.gone) >= closeAfter
		records, err := f.read(now, w.buf, min(budget, batchBytes/2), last)
		failed = cmp.Or(failed, err)
		for _, r := range records {
			budget -= len(r.text) + 100
		}
		out = append(out, records...)
	}
	if len(w.open) > 1 { // the next time another one is first
		w.open = append(w.open[1:len(w.open):len(w.open)], w.open[0])
	}
	w.holds(len(w.open), behind)
	return out, failed
}

// hand delivers records and writes down how far that came.
func (w *files) hand(ctx context.Context, list []found) error {
	now := w.deps.Clock.Now()
	records := make([]protocol.LogRecord, len(list))
	for i, r := range list {
		fields := map[string]string{"log.file.path": r.of.Path}
		if r.cut {
			fields["truncated"] = "true"
		}
		at := stampOf(r.text, now, time.Local)
		if at.IsZero() {
			at = now.Add(time.Duration(i) * time.Microsecond)
		}
		records[i] = protocol.LogRecord{T: at.UnixMicro(), M: r.text, Fields: fields}
	}
	if err := w.deliver(ctx, records); err != nil {
		return err
	}
	touched := map[*file]bool{}
	for _, r := range list {
		r.of.Offset, r.of.Skip = r.end, r.skip
		touched[r.of] = true
	}
	for f := range touched {
		if err := f.mark(f.f); err != nil {
			w.say(0, err)
		}
	}
	if err := w.keep(); err != nil {
		w.say(0, err)
	}
	return nil
}

// leave closes files that have left their place and were read to their end.
func (w *files) leave() {
	now, before := w.deps.Clock.Now(), len(w.open)
	w.open = slices.DeleteFunc(w.open, func(f *file) bool {
		if f.gone.IsZero() || now.Sub(f.gone) < closeAfter || f.next < f.size {
			return false
		}
		_ = f.f.Close()
		f.f = nil
		w.ghosts = append(w.ghosts, f.position)
		return true
	})
	if len(w.open) < before {
		if err := w.keep(); err != nil {
			w.say(0, err)
		}
	}
}

// keep writes down how far everything came.
func (w *files) keep() error {
	if n := len(w.ghosts) - ghostsMost; n > 0 {
		w.ghosts = slices.Delete(w.ghosts, 0, n)
	}
	w.place.Files = slices.Clone(w.ghosts)
	for _, f := range w.open {
		w.place.Files = append(w.place.Files, f.position)
	}
	return writeFile(w.path, w.place)
}
