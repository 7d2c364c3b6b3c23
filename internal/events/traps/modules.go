package traps

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/traps/mib"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// The bounds of MIB files, those of the directory and those that people added.
const (
	mostAdded    = 500
	mostTotal    = 64 << 20 // bytes of each of the two
	mostProblems = 1000     // that are shown
	mibName      = "may have letters, digits, '.', '-' and '_', at most 100"
)

// modules are the MIB files that are in force.
type modules struct {
	set      *mib.Set
	files    []MIBFile
	problems []mib.Problem
	stamp    uint64 // of what they were read from, 0 when something could not be read
}

// MIBFile is a file with MIB modules.
type MIBFile struct {
	Name     string       `json:"name"`
	Added    bool         `json:"added" doc:"By a person; the others are in the directory that the configuration names (traps.mibs)"`
	AddedAt  time.Time    `json:"addedAt,omitzero"`
	AddedBy  string       `json:"addedBy,omitempty"`
	Bytes    int          `json:"bytes"`
	Modules  []mib.Module `json:"modules" nullable:"false"`
	Problems int          `json:"problems" doc:"Of what could not be read or resolved"`

	text    []byte
	changed time.Time // of one in the directory
}

// loadModules reads the MIB files again, if they are others than before: by
// their names, sizes and times of change, so that looking costs little. What
// could not be read in the directory is tried each time.
func (c *Component) loadModules(ctx context.Context) error {
	stamp := fnv.New64a()
	if err := c.stampAdded(ctx, stamp); err != nil {
		return err
	}
	found, problems := c.inDirectory()
	for _, f := range found {
		fmt.Fprintf(stamp, "%s %d %d\n", f.Name, f.Bytes, f.changed.UnixNano())
	}
	for _, p := range problems {
		fmt.Fprintln(stamp, p)
	}
	if known := c.modules.Load(); known != nil && known.stamp == stamp.Sum64() {
		return nil
	}
	files, err := c.added(ctx)
	if err != nil {
		return err
	}
	m := &modules{stamp: stamp.Sum64()}
	for _, f := range found {
		if f.text, err = os.ReadFile(f.Name); err != nil {
			problems, m.stamp = append(problems, mib.Problem{File: f.Name, Line: 1, Text: err.Error()}), 0
			continue
		}
		f.Bytes = len(f.text)
		files = append(files, f) // a module that people added goes before one of the directory
	}
	m.set, m.problems = compiled(files)
	m.problems = append(problems, m.problems...)
	count := map[string]int{}
	for _, p := range m.problems {
		count[p.File]++
	}
	for _, f := range files {
		f.Problems, f.Modules = count[f.Name], []mib.Module{}
		for _, one := range m.set.Modules() {
			if one.File == f.Name {
				f.Modules = append(f.Modules, one)
			}
		}
		f.text = nil
		m.files = append(m.files, f)
	}
	slices.SortFunc(m.files, func(a, b MIBFile) int { return strings.Compare(a.Name, b.Name) })
	m.problems = m.problems[:min(len(m.problems), mostProblems)]
	c.modules.Store(m)
	if len(m.problems) > 0 {
		c.deps.Log.Warn("MIB files have problems; what could be read is in force", "problems", len(m.problems), "first", m.problems[0].String())
	}
	return nil
}

func compiled(files []MIBFile) (*mib.Set, []mib.Problem) {
	list := make([]mib.File, 0, len(files))
	for _, f := range files {
		list = append(list, mib.File{Name: f.Name, Text: f.text})
	}
	return mib.Compile(list)
}

// stampAdded writes what tells one state of the added files from another.
func (c *Component) stampAdded(ctx context.Context, to io.Writer) error {
	type row struct {
		name       string
		length, at int64
	}
	rows, err := c.deps.DB.Query(ctx, "SELECT name, LENGTH(body), added_at FROM traps_mib ORDER BY name")
	all, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (r row, err error) {
		err = rows.Scan(&r.name, &r.length, &r.at)
		return r, err
	})
	for _, r := range all {
		fmt.Fprintln(to, r.name, r.length, r.at)
	}
	return err
}

func (c *Component) added(ctx context.Context) ([]MIBFile, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT name, body, added_at, added_by FROM traps_mib ORDER BY name")
	return sqldb.Collect(rows, err, func(rows *sqldb.Rows) (f MIBFile, err error) {
		var body string
		var at int64
		err = rows.Scan(&f.Name, &body, &at, &f.AddedBy)
		f.Added, f.AddedAt, f.Bytes, f.text = true, core.FromMicros(at), len(body), []byte(body)
		return f, err
	})
}

// inDirectory finds the files of the directory and of those below it, as
// collections of MIB files have one for each vendor. What begins with a dot is
// left out; links to files are followed, links to directories are not.
func (c *Component) inDirectory() (files []MIBFile, problems []mib.Problem) {
	if c.cfg.MIBs == "" {
		return nil, nil
	}
	total := 0
	dir := os.DirFS(c.cfg.MIBs)
	_ = fs.WalkDir(dir, ".", func(name string, e fs.DirEntry, err error) error {
		path := filepath.Join(c.cfg.MIBs, name)
		fail := func(text string) { problems = append(problems, mib.Problem{File: path, Line: 1, Text: text}) }
		hidden := name != "." && strings.HasPrefix(filepath.Base(name), ".")
		switch {
		case err != nil:
			fail("it cannot be read: " + err.Error())
			return nil
		case e.IsDir() && hidden:
			return fs.SkipDir
		case e.IsDir() || hidden:
			return nil
		}
		info, err := fs.Stat(dir, name) // of what a link leads to
		if err != nil || !info.Mode().IsRegular() {
			return nil
		}
		switch total += int(min(info.Size(), mib.MostBytes+1)); {
		case info.Size() > mib.MostBytes:
			fail(fmt.Sprintf("the file has %d bytes, and at most %d are read", info.Size(), mib.MostBytes))
			return nil
		case total > mostTotal:
			fail(fmt.Sprintf("the directory holds more than the %d bytes that are read", mostTotal))
			return fs.SkipAll
		}
		files = append(files, MIBFile{Name: path, Bytes: int(info.Size()), changed: info.ModTime()})
		return nil
	})
	return files, problems
}

// Added is what became of a file that was added.
type Added struct {
	Modules  []mib.Module  `json:"modules" nullable:"false" doc:"What the file holds"`
	Problems []mib.Problem `json:"problems" nullable:"false" doc:"What of it could not be read or resolved; all else is in force"`
}

// addModules keeps a file. One that holds nothing that can be read is refused.
func (c *Component) addModules(ctx context.Context, name string, text []byte) (out Added, err error) {
	if err := permitAll(ctx); err != nil {
		return out, err
	}
	if name == "" || len(name) > 100 || strings.HasPrefix(name, ".") || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != "" {
		return out, core.Invalid("name", mibName)
	}
	text = []byte(strings.ReplaceAll(strings.ToValidUTF8(string(text), "?"), "\x00", ""))
	set, problems := mib.Compile([]mib.File{{Name: name, Text: text}})
	if len(set.Modules()) == 0 {
		var bad []core.Detail
		for _, p := range problems[:min(len(problems), 20)] {
			bad = append(bad, core.Detail{Field: fmt.Sprintf("%s:%d", p.File, p.Line), Rule: p.Text})
		}
		return out, core.InvalidAll(bad)
	}
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		var files, total int64
		if err := tx.QueryRow(ctx, "SELECT COUNT(*), COALESCE(SUM(LENGTH(body)), 0) FROM traps_mib WHERE name <> $1", name).Scan(&files, &total); err != nil {
			return err
		}
		if files >= mostAdded || total+int64(len(text)) > mostTotal {
			return core.Errorf(core.CodeConflict, "at most %d MIB files with %d bytes are kept; put more into the directory of the configuration (traps.mibs)", mostAdded, mostTotal)
		}
		if _, err := tx.Exec(ctx, "INSERT INTO traps_mib (name, body, added_at, added_by) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE SET body = excluded.body, added_at = excluded.added_at, added_by = excluded.added_by",
			name, string(text), core.Micros(c.deps.Clock.Now()), actor(ctx).Name); err != nil {
			return err
		}
		return c.noteModules(ctx, tx, name, "added")
	})
	if err != nil {
		return out, err
	}
	if err := c.loadModules(ctx); err != nil {
		return out, err
	}
	out = Added{Modules: []mib.Module{}, Problems: []mib.Problem{}}
	m := c.modules.Load()
	for _, f := range m.files {
		if f.Added && f.Name == name {
			out.Modules = f.Modules
		}
	}
	for _, p := range m.problems {
		if p.File == name {
			out.Problems = append(out.Problems, p)
		}
	}
	return out, nil
}

func (c *Component) removeModules(ctx context.Context, name string) error {
	if err := permitAll(ctx); err != nil {
		return err
	}
	if err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Affected(tx.Exec(ctx, "DELETE FROM traps_mib WHERE name = $1", name))
		if err != nil {
			return err
		}
		if n == 0 {
			return core.NotFound("MIB file", name)
		}
		return c.noteModules(ctx, tx, name, "removed")
	}); err != nil {
		return err
	}
	return c.loadModules(ctx)
}

func actor(ctx context.Context) ledger.Actor {
	if p := auth.From(ctx); p != nil {
		return ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	return ledger.System("events")
}

func (c *Component) noteModules(ctx context.Context, tx *sqldb.Tx, name, verb string) error {
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor(ctx), Module: "events", Type: "events.mib." + verb,
		Subject: core.Ref{Kind: "mib", ID: name}, Summary: "The MIB file " + name + " was " + verb})
	return err
}
