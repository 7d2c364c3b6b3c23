package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/rules"
	"mainstay/internal/monitor/vote"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
)

const (
	// writeQueue is how many outcomes may wait for the store: at ten thousand checks
	// every 30 s, what comes in 24 s. A store that is busy with something else, or
	// whose disk is, so does not hold up the next checks.
	writeQueue = 8192
	writeBatch = 1024
	writeRetry = time.Second
)

// outcome is an execution on its way into the store.
type outcome struct {
	target *target
	check  *Check
	result Result
	found  probe.State
	state  State
	change Change
	labels targetLabels
	event  *core.Event
	ping   *ping // what came from outside and is taken in with it
	await  bool  // somebody waits until it is stored
	silent bool  // only the state is new: there is no result
	stored chan struct{}

	screenshot []byte
}

// writer stores outcomes, many in one transaction. When the store does not
// take them it tries again; once writeQueue of them wait the workers wait too: no
// result is dropped.
type writer struct {
	c      *Component
	outbox *outbox
	queue  chan *outcome
	kept   map[string]int // results since the last pruning, by target

	missed atomic.Int64 // intervals that passed while a target still ran or waited
	lost   atomic.Int64 // samples the metric store did not take
	done   atomic.Int64
}

func newWriter(c *Component, out *outbox) *writer {
	return &writer{c: c, outbox: out, queue: make(chan *outcome, writeQueue), kept: map[string]int{}}
}

func (w *writer) put(ctx context.Context, o *outcome) error {
	select {
	case w.queue <- o:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run stores until ctx ends, and then what is left in the queue.
func (w *writer) run(ctx context.Context) {
	for {
		select {
		case first := <-w.queue:
			w.store(ctx, w.collect(ctx, first))
		case <-ctx.Done():
			for {
				select {
				case o := <-w.queue:
					w.store(ctx, w.drain([]*outcome{o}))
				default:
					return
				}
			}
		}
	}
}

// collect waits a moment for more outcomes.
func (w *writer) collect(ctx context.Context, first *outcome) []*outcome {
	batch := []*outcome{first}
	// A hard change, or somebody who waits, should not be held up.
	if first.event != nil || first.await {
		return w.drain(batch)
	}
	timer := time.NewTimer(w.c.cfg.Flush)
	defer timer.Stop()
	for len(batch) < writeBatch {
		select {
		case o := <-w.queue:
			batch = append(batch, o)
			if o.event != nil || o.await {
				return w.drain(batch)
			}
		case <-timer.C:
			return batch
		case <-ctx.Done():
			return batch
		}
	}
	return batch
}

// drain adds what is there already.
func (w *writer) drain(batch []*outcome) []*outcome {
	for len(batch) < writeBatch {
		select {
		case o := <-w.queue:
			batch = append(batch, o)
		default:
			return batch
		}
	}
	return batch
}

// store writes a batch; it gives up only when the process ends.
func (w *writer) store(ctx context.Context, batch []*outcome) {
	for {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		err := w.write(limited, batch)
		cancel()
		if err == nil {
			break
		}
		w.c.deps.Log.Error("monitor: results are not stored yet", "results", len(batch), "error", err)
		if ctx.Err() != nil {
			return
		}
		select {
		case <-time.After(writeRetry):
		case <-ctx.Done():
		}
	}
	w.done.Add(int64(len(batch)))
	for _, o := range batch {
		close(o.stored)
		if o.event != nil {
			w.outbox.nudge()
		}
	}
	w.measure(ctx, batch)
}

// write is one transaction: states, results, ledger entries and events.
func (w *writer) write(ctx context.Context, batch []*outcome) error {
	var prune []string
	err := w.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		prune = prune[:0]
		var results [][]any
		for _, o := range batch {
			alive, err := w.update(ctx, tx, o)
			if err != nil {
				return err
			}
			if err := w.c.store.takePing(ctx, tx, o.ping); err != nil {
				return err
			}
			if !alive || o.silent {
				continue // the check was deleted or disabled meanwhile
			}
			row, err := resultRow(&o.result)
			if err != nil {
				return err
			}
			results = append(results, row)
			if err := w.announce(ctx, tx, o); err != nil {
				return err
			}
			if o.result.Screenshot {
				if err := w.c.store.saveScreenshot(ctx, tx, o); err != nil {
					return err
				}
			}
			if w.kept[o.target.id]+1 >= max(w.c.cfg.KeepResults/2, 1) {
				prune = append(prune, o.target.id)
			}
		}
		if err := sqldb.Insert(ctx, tx, "INSERT INTO monitor_result (target, at, status, hard, attempt, duration, output, detail, metrics, votes) VALUES", 10, results, "ON CONFLICT (target, at) DO NOTHING"); err != nil {
			return err
		}
		return w.prune(ctx, tx, prune)
	})
	if err != nil {
		return err
	}
	for _, o := range batch {
		w.kept[o.target.id]++
	}
	for _, id := range prune {
		delete(w.kept, id)
	}
	return nil
}

func (w *writer) update(ctx context.Context, tx *sqldb.Tx, o *outcome) (alive bool, err error) {
	state, err := json.Marshal(o.state)
	if err != nil {
		return false, err
	}
	if o.silent {
		n, err := sqldb.Affected(tx.Exec(ctx, "UPDATE monitor_target SET state = $2 WHERE id = $1", o.target.id, string(state)))
		return n > 0, err
	}
	n, err := sqldb.Affected(tx.Exec(ctx, `UPDATE monitor_target SET status = $2, hard = $3, severity = $4, since = $5, checked_at = $6, duration = $7, output = $8, state = $9
		WHERE id = $1 AND NOT disabled AND EXISTS (SELECT 1 FROM monitor_check WHERE id = $10 AND NOT disabled)`,
		o.target.id, string(o.state.Show()), o.state.Hard, int64(o.check.Spec.severity(o.state.Confirmed)), core.Micros(o.state.Since),
		core.Micros(o.result.At), o.result.Duration.Std().Microseconds(), o.result.Output, string(state), o.check.ID))
	return n > 0, err
}

// announce writes the ledger entry of a hard change and puts the event into the outbox.
func (w *writer) announce(ctx context.Context, tx *sqldb.Tx, o *outcome) error {
	cause := ""
	if o.change.Hard {
		data, err := json.Marshal(changeData{
			ID: o.target.id, Check: o.check.ID, Name: o.check.Name, Item: o.result.Item, From: o.change.From, To: o.change.To,
			Severity: o.check.Spec.severity(o.state.Confirmed), Output: o.result.Output, At: o.result.At, Flapping: o.state.Flapping,
		})
		if err != nil {
			return err
		}
		cause, err = w.c.deps.Ledger.Append(ctx, tx, ledger.Entry{
			At: o.result.At, Actor: ledger.System("monitor"), Module: "monitor", Type: "monitor.check.changed",
			Subject: core.Ref{Kind: "check", ID: o.target.id}, Item: o.result.Item, Team: o.check.Spec.Team,
			Summary: fmt.Sprintf("%s went from %s to %s: %s", o.check.Name, o.change.From, o.change.To, o.result.Output), Data: data,
		})
		if err != nil {
			return err
		}
	}
	if o.event == nil {
		return nil
	}
	event := *o.event
	event.Cause = cause
	return w.c.store.enqueue(ctx, tx, event)
}

// changeData is the data of monitor.check.changed.
type changeData struct {
	ID       string        `json:"id"`    // of the target, as in the event's key
	Check    string        `json:"check"` // id of the declared check
	Name     string        `json:"name"`
	Item     string        `json:"item,omitempty"`
	From     Status        `json:"from"`
	To       Status        `json:"to"`
	Severity core.Severity `json:"severity"`
	Output   string        `json:"output"`
	At       time.Time     `json:"at"`
	Flapping bool          `json:"flapping,omitempty"`
}

func resultRow(r *Result) ([]any, error) {
	metrics := "[]"
	if len(r.Metrics) > 0 {
		raw, err := json.Marshal(r.Metrics)
		if err != nil {
			return nil, err
		}
		metrics = string(raw)
	}
	votes := ""
	if len(r.Votes) > 0 {
		raw, err := json.Marshal(r.Votes)
		if err != nil {
			return nil, err
		}
		votes = string(raw)
	}
	return []any{r.Target, core.Micros(r.At), string(r.Status), r.Hard, r.Attempt, r.Duration.Std().Microseconds(), r.Output, r.Detail, metrics, votes}, nil
}

// prune keeps the newest results of some targets.
func (w *writer) prune(ctx context.Context, tx *sqldb.Tx, targets []string) error {
	for _, id := range targets {
		if _, err := tx.Exec(ctx, `DELETE FROM monitor_screenshot WHERE target = $1 AND at <= COALESCE((SELECT at FROM monitor_result WHERE target = $1 ORDER BY at DESC LIMIT 1 OFFSET $2), -1)`, id, w.c.cfg.KeepResults); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM monitor_result WHERE target = $1 AND at <= COALESCE((SELECT at FROM monitor_result WHERE target = $1 ORDER BY at DESC LIMIT 1 OFFSET $2), -1)`, id, w.c.cfg.KeepResults); err != nil {
			return err
		}
	}
	return nil
}

// measure writes the samples of a batch. Metrics are evidence: what the store
// refuses is counted and gone, and the results stay.
func (w *writer) measure(ctx context.Context, batch []*outcome) {
	if w.c.deps.Metrics == nil {
		return
	}
	samples := make([]metricstore.Sample, 0, 4*len(batch)+3)
	for _, o := range batch {
		if o.silent {
			continue
		}
		up := 0.0
		if o.found == probe.OK || o.found == probe.Warning {
			up = 1
		}
		at := o.result.At
		samples = append(samples, metricstore.Sample{Labels: o.labels.up, T: at, V: up},
			metricstore.Sample{Labels: o.labels.duration, T: at, V: o.result.Duration.Std().Seconds()})
		for _, v := range o.result.Votes {
			samples = append(samples, placeSamples(v, o.result.Item, o.check.Name, at)...)
		}
		for _, m := range o.result.Metrics {
			samples = append(samples, metricstore.Sample{Labels: o.target.series(o.labels, o.result.Item, o.check.Name, m), T: at, V: m.Value})
		}
	}
	if err := w.c.deps.Metrics.Append(context.WithoutCancel(ctx), samples); err != nil {
		w.lost.Add(int64(len(samples)))
		if core.CodeOf(err) != core.CodeUnavailable && core.CodeOf(err) != core.CodeInvalid {
			w.c.deps.Log.Warn("monitor: samples are not stored", "error", err)
		}
	}
}

// series returns the labels of a figure, made once.
func (t *target) series(labels targetLabels, item, check string, m probe.Metric) metricstore.Labels {
	key := m.Name + "\x00" + m.Unit
	t.mu.Lock()
	defer t.mu.Unlock()
	l, ok := labels.perf[key]
	if !ok {
		l = metricstore.NewLabels("mainstay_check_perfdata", "item", item, "check", check, "metric", m.Name, "unit", m.Unit)
		if len(labels.perf) < 1024 {
			labels.perf[key] = l
		}
	}
	return l
}

// placeSamples are what one location found. One that is away measured nothing.
func placeSamples(v vote.Vote, item, check string, at time.Time) []metricstore.Sample {
	if v.Away {
		return nil
	}
	up := 0.0
	if v.State == probe.OK || v.State == probe.Warning {
		up = 1
	}
	return []metricstore.Sample{
		{Labels: metricstore.NewLabels("mainstay_check_location_up", "item", item, "check", check, "location", v.Place), T: at, V: up},
		{Labels: metricstore.NewLabels("mainstay_check_location_duration_seconds", "item", item, "check", check, "location", v.Place), T: at, V: v.Duration.Std().Seconds()},
	}
}

func describeMetrics(m Metrics) {
	if m == nil {
		return
	}
	m.Describe(
		metricstore.Metadata{Metric: "mainstay_check_up", Type: "gauge", Help: "Whether the check's last run found the item working (1: ok or warning)."},
		metricstore.Metadata{Metric: "mainstay_check_duration_seconds", Type: "gauge", Help: "How long the check's last run took.", Unit: "seconds"},
		metricstore.Metadata{Metric: "mainstay_check_location_up", Type: "gauge", Help: "Whether one location's last run of the check found the item working."},
		metricstore.Metadata{Metric: "mainstay_check_location_duration_seconds", Type: "gauge", Help: "How long one location's last run of the check took.", Unit: "seconds"},
		metricstore.Metadata{Metric: "mainstay_check_perfdata", Type: "gauge", Help: "What the check measured; metric names the figure, unit its base unit."},
		metricstore.Metadata{Metric: rules.AlertsSeries, Type: "gauge", Help: "1 for every alert of a metric rule; alertstate is pending or firing."},
		metricstore.Metadata{Metric: rules.ForStateSeries, Type: "gauge", Help: "Since when an alert of a metric rule is there.", Unit: "seconds"},
	)
}
