package mining

import (
	"context"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/logstore"
)

// Field is the field of a record that has the id of its pattern.
const Field = "pattern"

// Bucket is what counts are kept by.
const Bucket = 5 * time.Minute

// batch is how many records are mined in one turn.
const batch = 256

// skew is how far a record's time may be from now to be counted there.
const skew = 24 * time.Hour

// Tap is a Writer that mines what is written through it to next.
func (c *Component) Tap(next Writer) Writer {
	if !c.cfg.Enabled {
		return next
	}
	return tap{c, next}
}

type tap struct {
	c    *Component
	next Writer
}

func (t tap) Write(ctx context.Context, records []logstore.Record) (int, error) {
	return t.next.Write(ctx, t.c.mark(records))
}

// mark returns the records with their patterns; the caller's are not changed.
func (c *Component) mark(records []logstore.Record) []logstore.Record {
	out := slices.Clone(records)
	now := c.deps.Clock.Now()
	for part := range slices.Chunk(out, batch) {
		if !c.lockSoon() {
			c.skipped.Add(int64(len(part)))
			continue
		}
		for i := range part {
			c.mine(&part[i], now)
		}
		c.unlock()
		c.mined.Add(int64(len(part)))
	}
	return out
}

// mine needs the turn.
func (c *Component) mine(r *logstore.Record, now time.Time) {
	at := r.Time
	if at.IsZero() || at.Before(now.Add(-skew)) || at.After(now.Add(time.Hour)) {
		at = now
	}
	id, _ := c.miner.Mine(r.Message, core.Micros(at))
	if id == "" {
		return
	}
	r.Fields = append(r.Fields[:len(r.Fields):len(r.Fields)], logstore.Field{Name: Field, Value: id})
	c.dirty[id] = true
	key := cell{core.Micros(at.Truncate(Bucket)), id, r.App, stored(r.Dataset)}
	if _, ok := c.pending[key]; !ok && len(c.pending) >= c.cfg.Pending {
		c.uncounted.Add(1)
		return
	}
	c.pending[key]++
}

// stored is a dataset's name as counts have it.
func stored(dataset string) string {
	if dataset == logstore.Default {
		return ""
	}
	return dataset
}
