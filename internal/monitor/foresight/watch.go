package foresight

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"time"

	"mainstay/internal/monitor/anomaly"
	"mainstay/internal/monitor/baseline"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb"
)

// watcher asks the expressions of all Baselines as they fall due.
type watcher struct {
	c    *Component
	docs map[string]*watched // by id of the document
}

// watched is a Baseline with what it knows of its series.
type watched struct {
	doc     *document
	spec    BaselineSpec
	series  map[string]*tracked
	last    time.Time // of the last point that was asked
	learned time.Time // when history was last read for new series
}

// tracked is one series.
type tracked struct {
	labels   metricstore.Labels
	profile  baseline.Profile
	detector anomaly.Detector
	hours    int // of the profile as it is stored
	state    SeriesState
}

// SeriesState is what is known of the newest point of a watched series.
type SeriesState struct {
	At      time.Time          `json:"at" doc:"of the newest point"`
	Value   float64            `json:"value"`
	Low     *float64           `json:"low,omitempty" doc:"lower edge of what is usual at this time; absent while learning"`
	Mid     *float64           `json:"mid,omitempty"`
	High    *float64           `json:"high,omitempty"`
	Score   float64            `json:"score" doc:"how unusual the point is, 0 to 1; from 0.5 on an anomaly"`
	Anomaly *Anomaly           `json:"anomaly,omitempty" doc:"the newest anomaly"`
	Parts   map[string]float64 `json:"parts" doc:"the score of each of value, sustained, level and roughness alone"`
}

// Anomaly explains an unusual point.
type Anomaly struct {
	At       time.Time          `json:"at"`
	Value    float64            `json:"value"`
	Expected float64            `json:"expected" doc:"what the time of day and week let expect"`
	Low      float64            `json:"low" doc:"the value alone is unusual outside of low to high"`
	High     float64            `json:"high"`
	Score    float64            `json:"score"`
	Cause    string             `json:"cause" enum:"value,sustained,level,roughness" doc:"what of it is unusual"`
	Parts    map[string]float64 `json:"parts"`
}

func newWatcher(c *Component) *watcher { return &watcher{c: c, docs: map[string]*watched{}} }

func (w *watcher) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := w.round(ctx); err != nil && ctx.Err() == nil {
			w.c.deps.Log.Warn("foresight: baselines cannot be read", "error", err)
		}
		w.c.pause(ctx, tick)
	}
}

// round does what is due. A Baseline that fails says so and does not hold up others.
func (w *watcher) round(ctx context.Context) error {
	list, err := w.c.store.documents(ctx, w.c.deps.DB, baselineKind)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, d := range list {
		known[d.id] = true
		have := w.docs[d.id]
		if have == nil || have.doc.version != d.version {
			if have, err = w.adopt(ctx, d); err != nil {
				return err
			}
			w.docs[d.id] = have
		}
		at := w.c.deps.Clock.Now().Truncate(have.spec.step())
		if have.spec.Disabled || !at.After(have.last) {
			continue
		}
		if err := w.evaluate(ctx, have, at); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			have.last = at
			err = w.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
				return w.c.store.saveRound(ctx, tx, d.id, Round{Series: len(have.series), Error: err.Error()})
			})
			if err != nil {
				return err
			}
		}
	}
	for id := range w.docs {
		if !known[id] {
			delete(w.docs, id)
		}
	}
	return nil
}

// adopt reads what is stored for a Baseline. A change of what is asked, or how
// often, begins anew.
func (w *watcher) adopt(ctx context.Context, d *document) (*watched, error) {
	x := &watched{doc: d, series: map[string]*tracked{}}
	if err := json.Unmarshal(d.spec, &x.spec); err != nil {
		return nil, err
	}
	if old := w.docs[d.id]; old != nil && old.spec.Expr == x.spec.Expr && old.spec.step() == x.spec.step() {
		x.series, x.last, x.learned = old.series, old.last, old.learned
		return x, nil
	}
	stored, err := w.c.store.series(ctx, d.id)
	if err != nil {
		return nil, err
	}
	for _, s := range stored {
		t := &tracked{labels: metricstore.LabelsOf(s.Labels["__name__"], s.Labels), hours: s.Hours, state: s.State}
		if err := t.profile.UnmarshalBinary(s.profile); err != nil {
			w.c.deps.Log.Warn("foresight: a baseline is learned again", "baseline", d.name, "error", err)
			t.hours = 0
		}
		x.series[s.ID] = t
	}
	return x, nil
}

// evaluate asks for one point of each series, judges and learns it.
func (w *watcher) evaluate(ctx context.Context, x *watched, at time.Time) error {
	if x.learned.IsZero() {
		if err := w.learn(ctx, x, at); err != nil {
			return err
		}
	}
	found, err := w.c.deps.Metrics.Query(ctx, x.spec.Expr, at)
	if err != nil {
		return err
	}
	if at.Sub(x.learned) > time.Hour && x.unknown(found) {
		if err := w.learn(ctx, x, at); err != nil {
			return err
		}
	}
	var samples []metricstore.Sample
	var touched []string
	leftOut := 0
	for _, s := range found.Series {
		id := seriesID(s.Labels)
		t := x.track(id, s.Labels)
		if t == nil {
			leftOut++
			continue
		}
		if p := s.Points[len(s.Points)-1]; !math.IsNaN(p.F) && !math.IsInf(p.F, 0) {
			samples = t.point(samples, x, at, p.F)
			touched = append(touched, id)
		}
	}
	x.last = at
	if err := w.c.deps.Metrics.Append(ctx, samples); err != nil {
		return err
	}
	return w.c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := w.c.store.saveSeries(ctx, tx, x, touched); err != nil {
			return err
		}
		return w.c.store.saveRound(ctx, tx, x.doc.id, Round{Series: len(x.series), LeftOut: leftOut})
	})
}

// learn reads history, a week at a time. Profiles take what they do not know
// yet; detectors, which are not stored, are built anew.
func (w *watcher) learn(ctx context.Context, x *watched, now time.Time) error {
	from := now.Add(-profileMemory)
	fresh := map[string]bool{}
	detectFrom := now.Add(-x.spec.detectorMemory())
	end := now.Add(-x.spec.step()) // the newest point is asked for itself
	for ; !from.After(end); from = from.Add(7 * 24 * time.Hour) {
		to := from.Add(7*24*time.Hour - x.spec.step())
		if to.After(end) {
			to = end
		}
		got, err := w.c.deps.Metrics.QueryRange(ctx, x.spec.Expr, from, to, x.spec.step())
		if err != nil {
			return fmt.Errorf("history: %w", err)
		}
		for _, s := range got.Series {
			id := seriesID(s.Labels)
			if x.series[id] == nil {
				fresh[id] = true
			}
			t := x.track(id, s.Labels)
			if t == nil {
				continue
			}
			for _, p := range s.Points {
				t.profile.Add(p.T/1000, p.F) // what it knows already is left out
				if p.T >= detectFrom.UnixMilli() && (x.learned.IsZero() || fresh[id]) {
					t.detector.Point(p.T/1000, p.F)
				}
			}
		}
	}
	x.learned = now
	return nil
}

// track finds a series, or begins to watch it while there is room.
func (x *watched) track(id string, labels metricstore.Labels) *tracked {
	t := x.series[id]
	if t == nil && len(x.series) < x.spec.most() {
		t = &tracked{labels: labels}
		x.series[id] = t
	}
	return t
}

func (x *watched) unknown(found metricstore.Result) bool {
	for _, s := range found.Series {
		if x.series[seriesID(s.Labels)] == nil && len(x.series) < x.spec.most() {
			return true
		}
	}
	return false
}

// point judges one value and adds what is written of it.
func (t *tracked) point(samples []metricstore.Sample, x *watched, at time.Time, v float64) []metricstore.Sample {
	verdict := t.detector.Point(at.Unix(), v)
	t.state.At, t.state.Value, t.state.Score, t.state.Parts = at, v, verdict.Score, parts(verdict)
	t.state.Low, t.state.Mid, t.state.High = nil, nil, nil
	if verdict.Anomalous() {
		t.state.Anomaly = &Anomaly{At: at, Value: v, Expected: verdict.Expected, Low: verdict.Low, High: verdict.High,
			Score: verdict.Score, Cause: verdict.Cause.String(), Parts: t.state.Parts}
	}
	write := func(name string, value float64) {
		samples = append(samples, metricstore.Sample{Labels: recorded(name, x.doc.name, t.labels), T: at, V: value})
	}
	write(scoreSeries, verdict.Score)
	if band, ok := t.profile.Expect(at.Unix(), x.spec.width()); ok {
		t.state.Low, t.state.Mid, t.state.High = &band.Low, &band.Middle, &band.High
		write(lowSeries, band.Low)
		write(midSeries, band.Middle)
		write(highSeries, band.High)
	}
	t.profile.Add(at.Unix(), v)
	return samples
}

func parts(v anomaly.Verdict) map[string]float64 {
	out := make(map[string]float64, len(v.Parts))
	for i, p := range v.Parts {
		out[anomaly.Cause(i).String()] = p
	}
	return out
}

// recorded are the labels of a series that is written about another: its own,
// which baseline it is of, and its metric's name as the label metric.
func recorded(name, baseline string, of metricstore.Labels) metricstore.Labels {
	m := of.Map()
	if metric := m["__name__"]; metric != "" {
		m["metric"] = metric
	}
	m["baseline"] = baseline
	return metricstore.LabelsOf(name, m)
}

// seriesID names a series by its labels.
func seriesID(labels metricstore.Labels) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(labels.String()))
	return fmt.Sprintf("%016x", h.Sum64())
}
