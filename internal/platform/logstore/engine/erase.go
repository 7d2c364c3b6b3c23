package engine

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logger"
	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"

	"mainstay/internal/platform/logstore"
)

// The engine has no way to delete records: its parts are never changed. It
// keeps each day (UTC) in a directory of its own, though, so a day is erased
// from by writing it again without the records, beside it, and putting the new
// one in its place.
const (
	partitions = "partitions" // the engine's directory of days
	dayName    = "20060102"   // their names
	workDir    = "erasing"    // beside the data: the day that is written again, and the one it replaces
	newDay     = "new"
	oldDay     = "old"
)

// preciseTime is a moment as the engine takes it literally.
const preciseTime = "2006-01-02T15:04:05.000000000Z"

// forever keeps the storage from refusing, or dropping, records for their age.
const forever = 100 * 365 * 24 * time.Hour

// Erase removes what the file that cfg.Erase names asks for, while no engine
// runs on the data, and writes to out what it did. A kill in the middle leaves
// every day either as it was or without what was to go.
func Erase(ctx context.Context, cfg logstore.ChildConfig, out io.Writer) error {
	text, err := os.ReadFile(cfg.Erase)
	if err != nil {
		return err
	}
	var asked []logstore.Erasure
	if err := json.Unmarshal(text, &asked); err != nil {
		return err
	}
	if err := flag.CommandLine.Parse(nil); err != nil {
		return err
	}
	if err := flag.CommandLine.Set("memory.allowedBytes", strconv.FormatInt(cfg.Memory/2, 10)); err != nil {
		return err
	}
	if err := flag.CommandLine.Set("loggerFormat", "json"); err != nil {
		return err
	}
	debug.SetMemoryLimit(cfg.Memory)
	logger.InitNoLogFlags()
	e := eraser{dir: filepath.Clean(cfg.Dir), work: filepath.Join(filepath.Dir(filepath.Clean(cfg.Dir)), workDir)}
	if err := e.recover(); err != nil {
		return err
	}
	if e.filter, err = filterOf(asked); err != nil {
		return err
	}
	result, err := e.run(ctx, asked)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}

// filterOf is LogsQL that matches what any of the erasures ask for.
func filterOf(asked []logstore.Erasure) (string, error) {
	var parts []string
	for _, e := range asked {
		filter, err := logstorage.ParseFilter(orAll(e.Filter))
		if err != nil {
			return "", err
		}
		q, err := logstorage.ParseQuery(filter.String())
		if err != nil {
			return "", err
		}
		only, err := logstorage.ParseFilter(datasetFilter(e.Datasets))
		if err != nil {
			return "", err
		}
		q.AddExtraFilters(only)
		parts = append(parts, "(("+q.String()+") _time:["+e.Start.UTC().Format(preciseTime)+","+e.End.UTC().Format(preciseTime)+"])")
	}
	return strings.Join(parts, " or "), nil
}

func orAll(filter string) string {
	if strings.TrimSpace(filter) == "" {
		return "*"
	}
	return filter
}

// datasetFilter matches records of these datasets; all when it is nil.
func datasetFilter(names []string) string {
	if names == nil {
		return "*"
	}
	quoted := make([]string, 0, len(names))
	for _, n := range names {
		if n == logstore.Default {
			n = ""
		}
		quoted = append(quoted, strconv.Quote(n))
	}
	return logstore.DatasetField + ":in(" + strings.Join(quoted, ",") + ")"
}

type eraser struct {
	dir, work, filter string
}

// recover finishes, or takes back, what a kill interrupted: a day that is away
// is put in its place again, the new one if it was complete.
func (e eraser) recover() error {
	days, err := os.ReadDir(filepath.Join(e.work, oldDay))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, day := range days {
		place := filepath.Join(e.dir, partitions, day.Name())
		if _, err := os.Stat(place); err == nil {
			continue // the new one is in its place
		}
		// The old one was moved away only once the new one was complete, or empty.
		next := filepath.Join(e.work, newDay, partitions, day.Name())
		if _, err := os.Stat(next); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.Rename(next, place); err != nil {
			return err
		}
	}
	return os.RemoveAll(e.work)
}

func (e eraser) run(ctx context.Context, asked []logstore.Erasure) (logstore.Erased, error) {
	var result logstore.Erased
	names, err := os.ReadDir(filepath.Join(e.dir, partitions))
	if errors.Is(err, fs.ErrNotExist) {
		return result, nil
	}
	if err != nil {
		return result, err
	}
	var changed []string
	source := open(e.dir)
	for _, entry := range names {
		day, err := time.Parse(dayName, entry.Name())
		if err != nil || !slices.ContainsFunc(asked, func(a logstore.Erasure) bool {
			return a.Start.Before(day.Add(24*time.Hour)) && !a.End.Before(day)
		}) {
			continue
		}
		erased, kept, err := e.rewrite(ctx, source, day)
		if err != nil {
			source.MustClose()
			return result, errors.Join(fmt.Errorf("%s: %w", entry.Name(), err), os.RemoveAll(e.work))
		}
		if erased > 0 {
			changed = append(changed, entry.Name())
			result.Records += erased
			result.Kept += kept
		}
	}
	source.MustClose()
	result.Days = len(changed)
	for _, day := range changed {
		if err := e.replace(day); err != nil {
			return result, err
		}
	}
	return result, os.RemoveAll(e.work)
}

func open(dir string) *logstorage.Storage {
	return logstorage.MustOpenStorage(dir, &logstorage.StorageConfig{Retention: forever, FutureRetention: forever, FlushInterval: time.Second})
}

// rewrite writes a day again without what is erased, unless that is nothing.
func (e eraser) rewrite(ctx context.Context, source *logstorage.Storage, day time.Time) (erased, kept int64, err error) {
	within := " _time:[" + day.Format(preciseTime) + "," + day.Add(24*time.Hour-1).Format(preciseTime) + "]"
	if erased, err = count(ctx, source, "("+e.filter+")"+within); err != nil || erased == 0 {
		return 0, 0, err
	}
	all, err := count(ctx, source, "*"+within)
	if err != nil {
		return 0, 0, err
	}
	q, err := logstorage.ParseQuery("!(" + e.filter + ")" + within)
	if err != nil {
		return 0, 0, err
	}
	if all > erased {
		target := open(filepath.Join(e.work, newDay))
		kept, err = copyRows(ctx, source, target, q)
		target.MustClose()
		if err != nil {
			return 0, 0, err
		}
	}
	if kept != all-erased {
		return 0, 0, fmt.Errorf("of %d records %d are to go and %d would stay: nothing is changed", all, erased, kept)
	}
	return erased, kept, nil
}

func count(ctx context.Context, s *logstorage.Storage, filter string) (n int64, err error) {
	q, err := logstorage.ParseQuery(filter + " | stats count() as n")
	if err != nil {
		return 0, err
	}
	var mu sync.Mutex
	err = s.RunQuery(ctx, []logstorage.TenantID{{}}, q, func(_ uint, block *logstorage.DataBlock) {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range block.Columns {
			for _, v := range c.Values {
				got, _ := strconv.ParseInt(v, 10, 64)
				n += got
			}
		}
	})
	return n, err
}

// copyRows adds the rows of a query to another storage, and says how many.
func copyRows(ctx context.Context, from, to *logstorage.Storage, q *logstorage.Query) (n int64, err error) {
	rows := logstorage.GetLogRows([]string{logstore.ItemField, logstore.AppField, logstore.DatasetField}, nil, nil, nil, "")
	defer logstorage.PutLogRows(rows)
	var mu sync.Mutex
	var bad error
	flush := func() {
		if rows.RowsCount() > 0 {
			n += int64(rows.RowsCount())
			to.MustAddRows(rows)
			rows.ResetKeepSettings()
		}
	}
	var fields []logstorage.Field
	var at []int64
	err = from.RunQuery(ctx, []logstorage.TenantID{{}}, q, func(_ uint, block *logstorage.DataBlock) {
		mu.Lock()
		defer mu.Unlock()
		times, ok := block.GetTimestamps(at[:0])
		if !ok {
			if block.RowsCount() > 0 {
				bad = errors.New("rows without a time")
			}
			return
		}
		at = times
		for i, t := range times {
			fields = fields[:0]
			for _, c := range block.Columns {
				switch c.Name {
				case logstore.TimeField, logstore.StreamField, "_stream_id":
				default:
					if c.Values[i] != "" {
						fields = append(fields, logstorage.Field{Name: c.Name, Value: c.Values[i]})
					}
				}
			}
			rows.MustAdd(logstorage.TenantID{}, t, fields, nil)
			if rows.NeedFlush() {
				flush()
			}
		}
	})
	flush()
	return n, errors.Join(err, bad)
}

// replace puts the new day in the place of the old one, or nothing when there
// is no new one.
func (e eraser) replace(day string) error {
	place, old := filepath.Join(e.dir, partitions, day), filepath.Join(e.work, oldDay, day)
	if err := os.MkdirAll(filepath.Dir(old), 0o700); err != nil {
		return err
	}
	if err := os.Rename(place, old); err != nil {
		return err
	}
	next := filepath.Join(e.work, newDay, partitions, day)
	if err := os.Rename(next, place); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, os.Rename(old, place))
	}
	return errors.Join(syncDir(filepath.Dir(place)), os.RemoveAll(old))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
