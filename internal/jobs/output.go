package jobs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/secrets"
	"mainstay/internal/platform/sqldb"
)

const (
	outputPause  = 150 * time.Millisecond // between writes of what an attempt prints
	outputRow    = 16 << 10               // bytes of one row
	outputBuffer = 1 << 20                // bytes held in memory; then the sender waits
	outputTail   = 16 << 10               // bytes of the end that are kept of an output beyond its limit
)

// Chunk is a stored piece of output. Seq orders all output of a run.
type Chunk struct {
	Seq     int64     `json:"seq"`
	Step    string    `json:"step"`
	Attempt int       `json:"attempt"`
	Stream  string    `json:"stream"` // stdout, stderr, or note: said by Mainstay itself
	At      time.Time `json:"at"`
	Text    string    `json:"text"`

	position int64
}

// outputWriter stores what one attempt prints: redacted, in rows, within the
// limit of its run. write may wait for the store.
type outputWriter struct {
	c      *Component
	run    string
	step   *StepRun
	mask   *secrets.Redactor
	resume int64

	mu       sync.Mutex
	room     *sync.Cond
	streams  map[string]*scrubber
	rows     []Chunk // not yet stored
	size     int     // bytes in rows
	position int64
	tail     []Chunk // the end of what does not fit
	tailSize int
	lost     int64
	full     bool
	closed   bool

	stop chan struct{}
	done chan struct{}
	err  error
}

func (c *Component) openOutput(ctx context.Context, run string, s *StepRun) (*outputWriter, error) {
	mask, err := c.redactor(ctx)
	if err != nil {
		return nil, err
	}
	w := &outputWriter{c: c, run: run, step: s, mask: mask, streams: map[string]*scrubber{}, stop: make(chan struct{}), done: make(chan struct{})}
	w.room = sync.NewCond(&w.mu)
	err = c.deps.DB.QueryRow(ctx, "SELECT COALESCE(MAX(position), 0) FROM jobs_output WHERE run = $1 AND step = $2 AND attempt = $3",
		run, s.ID, s.Attempt).Scan(&w.resume)
	if err != nil {
		return nil, err
	}
	w.position = w.resume
	go w.flushLoop(context.WithoutCancel(ctx))
	return w, nil
}

// write takes a piece of output. Pieces that are stored already are ignored.
func (w *outputWriter) write(o Output) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.Position != 0 && o.Position <= w.position {
		return
	}
	w.position = max(w.position, o.Position)
	r := w.streams[o.Stream]
	if r == nil {
		r = newScrubber(w.mask)
		w.streams[o.Stream] = r
	}
	w.add(o.Stream, r.write(o.Data))
	for w.size > outputBuffer && !w.closed {
		w.room.Wait()
	}
}

// note adds a line of Mainstay's own.
func (w *outputWriter) note(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.add("note", clean([]byte(w.mask.String(text))))
}

// add appends text to the rows; the caller holds mu.
func (w *outputWriter) add(stream string, text []byte) {
	now := w.c.deps.Clock.Now()
	for len(text) > 0 {
		n := cutRow(text)
		w.rows = append(w.rows, Chunk{Step: w.step.ID, Attempt: w.step.Attempt, Stream: stream, At: now, Text: string(text[:n]), position: w.position})
		w.size += n
		text = text[n:]
	}
}

// cutRow is how much of the text goes into one row: no character is split.
func cutRow(text []byte) int {
	if len(text) <= outputRow {
		return len(text)
	}
	n := outputRow
	return n - incomplete(text[:n])
}

func (w *outputWriter) flushLoop(ctx context.Context) {
	defer close(w.done)
	for {
		timer := w.c.deps.Clock.NewTimer(outputPause)
		select {
		case <-w.stop:
			timer.Stop()
			w.err = w.flush(ctx)
			return
		case <-timer.C():
			if err := w.flush(ctx); err != nil {
				w.c.deps.Log.Warn("jobs: output is not stored yet", "run", w.run, "error", err)
			}
		}
	}
}

// flush stores what has come in. Rows beyond the limit only leave their end.
func (w *outputWriter) flush(ctx context.Context) error {
	w.mu.Lock()
	rows := w.rows
	full := w.full
	w.mu.Unlock()
	if len(rows) == 0 {
		return nil
	}
	if !full {
		var err error
		if full, err = w.c.appendOutput(ctx, w.run, rows); err != nil {
			return err
		}
	} else {
		w.keepTail(rows)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.full = full
	w.rows = w.rows[len(rows):]
	w.size = 0
	for _, row := range w.rows {
		w.size += len(row.Text)
	}
	w.room.Broadcast()
	return nil
}

// keepTail holds the last rows of an output that is over its limit.
func (w *outputWriter) keepTail(rows []Chunk) {
	for _, row := range rows {
		w.tail = append(w.tail, row)
		w.tailSize += len(row.Text)
	}
	for len(w.tail) > 1 && w.tailSize-len(w.tail[0].Text) >= outputTail {
		w.lost += int64(len(w.tail[0].Text))
		w.tailSize -= len(w.tail[0].Text)
		w.tail = w.tail[1:]
	}
}

// close stores the rest. lost are bytes that the agent did not keep.
func (w *outputWriter) close(ctx context.Context, lost int64) error {
	w.mu.Lock()
	w.closed = true
	for _, stream := range []string{"stdout", "stderr", "note"} {
		if r := w.streams[stream]; r != nil {
			w.add(stream, r.flush())
		}
	}
	w.room.Broadcast()
	w.mu.Unlock()
	close(w.stop)
	<-w.done
	if w.err != nil {
		return w.err
	}
	var rest []Chunk
	if w.lost += lost; w.lost > 0 {
		rest = append(rest, Chunk{Step: w.step.ID, Attempt: w.step.Attempt, Stream: "note", At: w.c.deps.Clock.Now(), position: w.position,
			Text: fmt.Sprintf("\n[%d bytes of output were not kept]\n", w.lost)})
	}
	rest = append(rest, w.tail...)
	if len(rest) == 0 {
		return nil
	}
	_, err := w.c.appendOutput(context.WithoutCancel(ctx), w.run, rest)
	return err
}

// appendOutput stores rows under the run's next numbers; full says that the
// run has used up its limit.
func (c *Component) appendOutput(ctx context.Context, run string, rows []Chunk) (full bool, err error) {
	size := 0
	for _, row := range rows {
		size += len(row.Text)
	}
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		var last, total int64
		// The run's row is locked by it, so numbers become visible in order.
		err := tx.QueryRow(ctx, `UPDATE jobs_run SET output_seq = output_seq + $1, output_bytes = output_bytes + $2 WHERE id = $3
			RETURNING output_seq, output_bytes`, len(rows), size, run).Scan(&last, &total)
		if err != nil {
			return err
		}
		full = total >= c.cfg.OutputLimit
		values := make([][]any, len(rows))
		for i, row := range rows {
			values[i] = []any{run, last - int64(len(rows)-1-i), row.Step, row.Attempt, row.Stream, row.position, core.Micros(row.At), row.Text}
		}
		tx.OnCommit(func() { c.signals.notify(run) })
		return sqldb.Insert(ctx, tx, "INSERT INTO jobs_output (run, seq, step, attempt, stream, position, at, data) VALUES", 8, values, "")
	})
	return full, err
}

// Output returns what a run has printed after a number, oldest first.
func (c *Component) Output(ctx context.Context, run string, after int64, limit int) ([]Chunk, error) {
	rows, err := c.deps.DB.Query(ctx, `SELECT seq, step, attempt, stream, at, data FROM jobs_output
		WHERE run = $1 AND seq > $2 ORDER BY seq LIMIT $3`, run, after, limit)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (k Chunk, err error) {
		var at int64
		err = r.Scan(&k.Seq, &k.Step, &k.Attempt, &k.Stream, &at, &k.Text)
		k.At = core.FromMicros(at)
		return k, err
	})
}
