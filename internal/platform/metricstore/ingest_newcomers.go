package metricstore

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"mainstay/internal/core"
)

const (
	// maxSources bounds how many sources have a budget of their own.
	maxSources = 1024
	// allSources is how many times the budget of one source all of them share.
	allSources = 5
	// calm is how long a source must keep within its budget before its alert clears.
	calm = 5 * time.Minute
	// tallied and talliedValues bound what is remembered of refused series.
	tallied, talliedValues = 32, 1024
)

// errTooMany refuses a new series. To senders it is a sample out of bounds:
// sending it again is of no use.
var errTooMany = fmt.Errorf("too many new series: %w", storage.ErrOutOfBounds)

// newcomers bounds how fast series that the engine does not know may appear,
// for each source and for all, and how many there may be at all. A series costs
// memory for hours: without a bound one label that takes a new value with each
// request ends the process. Samples of known series are never refused.
type newcomers struct {
	cfg    Configuration
	active func() uint64
	guard  *guard

	mu      sync.Mutex
	all     budget
	sources map[string]*newSource
	refused int64
}

// budget is a token bucket.
type budget struct {
	left float64
	at   time.Time
}

func (b *budget) take(now time.Time, burst, perMinute float64) bool {
	if b.at.IsZero() {
		b.left = burst
	} else if passed := now.Sub(b.at); passed > 0 { // a clock that jumps back gives nothing
		b.left = min(burst, b.left+perMinute*passed.Minutes())
	}
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// newSource is one source of series.
type newSource struct {
	budget  budget
	refused int64
	last    time.Time // when a series was refused last
	told    string    // the title of the alert that is open
	full    bool      // the last was refused because of the limit of active series
	tally   tally
}

func newNewcomers(cfg Configuration, active func() uint64, g *guard) *newcomers {
	return &newcomers{cfg: cfg, active: active, guard: g, sources: map[string]*newSource{}}
}

// admit decides about a series that the engine does not know.
func (n *newcomers) admit(source string, ls labels.Labels, now time.Time) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.source(source, ls)
	burst, perMinute := float64(n.cfg.NewSeriesBurst), float64(n.cfg.NewSeriesPerMinute)
	full := n.cfg.MaxSeries > 0 && n.active() >= uint64(n.cfg.MaxSeries)
	if !full && (burst == 0 || s.budget.take(now, burst, perMinute) && n.all.take(now, allSources*burst, allSources*perMinute)) {
		return nil
	}
	n.refused++
	s.refused++
	s.last, s.full = now, full
	s.tally.add(ls)
	return errTooMany
}

// source is the budget that a series counts against: that of its job.
func (n *newcomers) source(source string, ls labels.Labels) *newSource {
	key := source
	if job := ls.Get("job"); job != "" {
		key += " " + job
	}
	if s := n.sources[key]; s != nil {
		return s
	}
	if len(n.sources) >= maxSources {
		key = source
		if s := n.sources[key]; s != nil {
			return s
		}
	}
	s := &newSource{}
	n.sources[key] = s
	return s
}

// look tells what began and what ended since it was called last.
func (n *newcomers) look(now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(n.sources)) {
		s := n.sources[key]
		switch quiet := now.Sub(s.last); {
		case s.refused == 0:
			if now.Sub(s.budget.at) > time.Hour {
				delete(n.sources, key)
			}
		case quiet >= calm:
			n.raise(key, core.Cleared, core.Clear, "Series are taken again: "+key, "")
			delete(n.sources, key)
		default:
			title, why := n.explain(key, s)
			if title != s.told {
				s.told = title
				n.guard.deps.Log.Error("metric store: new series are refused", "source", key, "why", title)
				n.raise(key, core.Problem, core.Major, title, why)
			}
		}
	}
}

func (n *newcomers) raise(key string, kind core.EventKind, severity core.Severity, title, description string) {
	n.guard.queue(core.Event{ID: n.guard.ids.New(), At: n.guard.deps.Clock.Now(), Source: "metricstore", Kind: kind, Severity: severity,
		Key: "metricstore:series:" + key, Title: title, Description: description, Labels: map[string]string{"source": key}})
}

// explain names what explodes: the metric most refused, and of its labels the
// one with most values.
func (n *newcomers) explain(key string, s *newSource) (title, description string) {
	metric, label, values := s.tally.worst()
	title = fmt.Sprintf("New series of %s are refused: label %s of %s takes too many values", key, label, metric)
	if label == "" {
		title = fmt.Sprintf("New series of %s are refused: there are too many of %s", key, metric)
	}
	rule := fmt.Sprintf("A source may begin %d series at once and %d a minute.", n.cfg.NewSeriesBurst, n.cfg.NewSeriesPerMinute)
	if s.full {
		rule = fmt.Sprintf("There are %d active series, as many as metrics.maxSeries allows.", n.cfg.MaxSeries)
	}
	description = rule + " Series that were known before are stored as ever."
	if label != "" {
		description += fmt.Sprintf(" Among the refused series of %s, label %s has at least %d values. Leave the label out at the source, or drop it with metric_relabel_configs.", metric, label, values)
	}
	return title, description
}

// tally finds the metric and the label that explode among refused series, in
// bounded memory.
type tally struct {
	metrics map[string]*metricTally
}

type metricTally struct {
	refused int64
	values  map[string]map[uint64]struct{} // hashes of values by label
}

func (t *tally) add(ls labels.Labels) {
	name := ls.Get(labels.MetricName)
	m := t.metrics[name]
	if m == nil {
		if t.metrics == nil {
			t.metrics = map[string]*metricTally{}
		}
		if len(t.metrics) >= tallied {
			return
		}
		m = &metricTally{values: map[string]map[uint64]struct{}{}}
		t.metrics[name] = m
	}
	m.refused++
	ls.Range(func(l labels.Label) {
		if l.Name == labels.MetricName {
			return
		}
		seen := m.values[l.Name]
		if seen == nil {
			if len(m.values) >= tallied {
				return
			}
			seen = map[uint64]struct{}{}
			m.values[l.Name] = seen
		}
		if len(seen) < talliedValues {
			seen[xxhash.Sum64String(l.Value)] = struct{}{}
		}
	})
}

// worst is the metric most refused and its label with most values; no label
// when none stands out.
func (t *tally) worst() (metric, label string, values int) {
	names := slices.Collect(maps.Keys(t.metrics))
	if len(names) == 0 {
		return "", "", 0
	}
	metric = slices.MinFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(t.metrics[b].refused, t.metrics[a].refused), cmp.Compare(a, b))
	})
	for _, l := range slices.Sorted(maps.Keys(t.metrics[metric].values)) {
		if n := len(t.metrics[metric].values[l]); n > values {
			label, values = l, n
		}
	}
	if values < 2 {
		label = ""
	}
	return metric, label, values
}

func (n *newcomers) total() int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.refused
}
