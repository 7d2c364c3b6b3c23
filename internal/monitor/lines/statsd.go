package lines

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/prometheus/model/labels"
)

// buckets of timers in seconds, as Prometheus' client libraries have them.
func buckets() []float64 {
	return []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, math.Inf(1)}
}

// maxMembers bounds the distinct members of a set that are counted between two flushes.
const maxMembers = 100_000

// sums adds up what StatsD sends. Counters and timers only ever grow, as
// Prometheus expects: their rate is what StatsD would have shown. A set is the
// number of its distinct members since the last flush.
type sums struct {
	most int
	keep time.Duration

	mu      sync.Mutex
	series  map[string]*sum
	refused int64 // observations of series that were too many
	bad     int64 // lines that cannot be read
	taken   int64 // observations
}

type sum struct {
	kind    byte
	name    string
	tags    map[string]string
	last    time.Time
	value   float64 // of a counter or gauge; the sum of a timer
	count   float64
	buckets []float64
	members map[uint64]struct{}
}

func newSums(most int, keep time.Duration) *sums {
	return &sums{most: most, keep: keep, series: map[string]*sum{}}
}

// add takes a packet: lines that are separated by line breaks.
func (s *sums) add(r *reader, packet string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for text := range strings.SplitSeq(packet, "\n") {
		list, ok := r.read(text)
		if !ok {
			s.bad++
		}
		for i := range list {
			s.observe(&list[i], now)
		}
	}
}

func (s *sums) observe(o *observation, now time.Time) {
	if math.IsNaN(o.value) || math.IsInf(o.value, 0) {
		s.bad++
		return
	}
	key := keyOf(o)
	m := s.series[key]
	if m == nil {
		if len(s.series) >= s.most {
			s.refused++
			return
		}
		m = &sum{kind: o.kind, name: o.name, tags: maps.Clone(o.tags)}
		s.series[key] = m
	}
	m.last = now
	s.taken++
	switch o.kind {
	case 'c':
		m.value += max(o.value, 0)
	case 'g':
		if o.relative {
			m.value += o.value
		} else {
			m.value = o.value
		}
	case 's':
		if m.members == nil {
			m.members = map[uint64]struct{}{}
		}
		if len(m.members) < maxMembers {
			m.members[xxhash.Sum64String(o.member)] = struct{}{}
		}
	default:
		m.value += o.value
		m.count++
		if m.buckets == nil {
			m.buckets = make([]float64, len(buckets()))
		}
		for i, most := range buckets() {
			if o.value <= most {
				m.buckets[i]++
			}
		}
	}
}

func keyOf(o *observation) string {
	var b strings.Builder
	b.WriteByte(o.kind)
	b.WriteString(o.name)
	for _, name := range slices.Sorted(maps.Keys(o.tags)) {
		b.WriteByte(0xff)
		b.WriteString(name)
		b.WriteByte(0xfe)
		b.WriteString(o.tags[name])
	}
	return b.String()
}

// flush gives every series as it stands and forgets those that nothing was sent of.
func (s *sums) flush(now time.Time) []point {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []point
	for key, m := range s.series {
		if now.Sub(m.last) > s.keep {
			delete(s.series, key)
			continue
		}
		out = append(out, m.points(now)...)
	}
	return out
}

func (m *sum) points(now time.Time) []point {
	series := func(metric string, pairs ...string) labels.Labels {
		t := newTags()
		for name, value := range m.tags {
			t.set(name, value)
		}
		for i := 0; i+1 < len(pairs); i += 2 {
			t.b.Set(pairs[i], pairs[i+1])
		}
		return t.named(metric)
	}
	name := metricName(m.name)
	switch m.kind {
	case 'c':
		if !strings.HasSuffix(name, "_total") {
			name += "_total"
		}
		return []point{{series(name), now, m.value}}
	case 'g':
		return []point{{series(name), now, m.value}}
	case 's':
		n := float64(len(m.members))
		m.members = nil
		return []point{{series(name), now, n}}
	}
	out := []point{{series(name + "_sum"), now, m.value}, {series(name + "_count"), now, m.count}}
	for i, most := range buckets() {
		out = append(out, point{series(name+"_bucket", "le", strconv.FormatFloat(most, 'g', -1, 64)), now, m.buckets[i]})
	}
	return out
}
