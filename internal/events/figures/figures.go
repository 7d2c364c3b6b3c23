package figures

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"mainstay/internal/events/rootcause"
	"mainstay/internal/platform/metricstore"
)

const (
	history     = 24 * time.Hour // of normal operation
	historyStep = 10 * time.Minute
	before      = 15 * time.Minute // just before the onset
	recentStep  = time.Minute
	since       = 30 * time.Minute // after the onset that is looked at, at most
	itemsMost   = 100
	seriesMost  = 20 // of one item and one kind of figure
)

// Store answers PromQL.
type Store interface {
	Query(ctx context.Context, expr string, at time.Time) (metricstore.Result, error)
	QueryRange(ctx context.Context, expr string, start, end time.Time, step time.Duration) (metricstore.Result, error)
}

// Reader reads signals of items.
type Reader struct{ store Store }

// New returns a Reader.
func New(store Store) *Reader { return &Reader{store} }

// Signals returns the signals of the first hundred of items around an onset.
func (r *Reader) Signals(ctx context.Context, items []string, onset, until time.Time) (map[string][]rootcause.Signal, error) {
	if len(items) == 0 {
		return nil, nil
	}
	matcher := matcherOf("item", items[:min(len(items), itemsMost)])
	if end := onset.Add(since); until.After(end) {
		until = end
	}
	checks, err := r.checks(ctx, matcher, onset, maxTime(onset, until))
	if err != nil {
		return nil, fmt.Errorf("checks: %w", err)
	}
	out := map[string][]rootcause.Signal{}
	for _, q := range queries() {
		if strings.Contains(q.expr, "$checks") && checks == "" {
			continue
		}
		q.expr = strings.NewReplacer("$items", matcher, "$checks", checks).Replace(q.expr)
		if err := r.read(ctx, q, onset, until, out); err != nil {
			return nil, fmt.Errorf("%s: %w", q.name, err)
		}
	}
	return out, nil
}

func matcherOf(label string, values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = regexp.QuoteMeta(value)
	}
	return fmt.Sprintf("%s=~%q", label, strings.Join(quoted, "|"))
}

// checks is the matcher of the checks that are looked at, "" for none. They are
// chosen at one moment: what is read over a day is then as little as is used,
// however many checks an item has.
func (r *Reader) checks(ctx context.Context, items string, onset, until time.Time) (string, error) {
	within := fmt.Sprintf("%ds", int((until.Sub(onset)+before)/time.Second))
	found, err := r.store.Query(ctx, strings.NewReplacer("$items", items, "$most", fmt.Sprint(seriesMost), "$within", within).Replace(worst), until)
	if err != nil || len(found.Series) == 0 {
		return "", err
	}
	names := make([]string, len(found.Series))
	for i, s := range found.Series {
		names[i] = s.Labels.Get("check")
	}
	slices.Sort(names)
	return matcherOf("check", slices.Compact(names)), nil
}

// series is one signal in the making.
type series struct {
	item   string
	signal rootcause.Signal
}

// read adds the signals of one query to out.
func (r *Reader) read(ctx context.Context, q query, onset, until time.Time, out map[string][]rootcause.Signal) error {
	normal, err := r.store.QueryRange(ctx, q.expr, onset.Add(-history), onset.Add(-before), historyStep)
	if err != nil {
		return err
	}
	recent, err := r.store.QueryRange(ctx, q.expr, onset.Add(-before), maxTime(onset, until), recentStep)
	if err != nil {
		return err
	}
	found := map[string]*series{}
	of := func(s metricstore.Series) *series {
		key := s.Labels.Get("item") + "\x00" + s.Labels.Get(q.by)
		if found[key] == nil {
			found[key] = &series{s.Labels.Get("item"), rootcause.Signal{Kind: q.kind, Name: strings.ReplaceAll(q.name, "$label", s.Labels.Get(q.by)), Unit: q.unit}}
		}
		return found[key]
	}
	for _, s := range normal.Series {
		of(s).signal.Normal = onGrid(s.Points, onset.Add(-history), onset.Add(-before), historyStep)
	}
	for _, s := range recent.Series {
		values := onGrid(s.Points, onset.Add(-before), maxTime(onset, until), recentStep)
		// The minute of the onset may hold some of both; it counts as since.
		at := min(int(before/recentStep), len(values))
		one := of(s)
		one.signal.Before, one.signal.During = values[:at], values[at:]
	}
	keys := make([]string, 0, len(found))
	for key := range found {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	taken := map[string]int{}
	for _, key := range keys {
		if s := found[key]; taken[s.item] < seriesMost {
			taken[s.item]++
			out[s.item] = append(out[s.item], s.signal)
		}
	}
	return nil
}

// onGrid puts points where they belong in time, NaN where there is none.
func onGrid(points []metricstore.Point, start, end time.Time, step time.Duration) []float64 {
	values := make([]float64, int(end.Sub(start)/step)+1)
	for i := range values {
		values[i] = math.NaN()
	}
	for _, p := range points {
		if i := int((time.UnixMilli(p.T).Sub(start) + step/2) / step); i >= 0 && i < len(values) {
			values[i] = p.F
		}
	}
	return values
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
