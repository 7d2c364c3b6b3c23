package querycache

import (
	"container/list"
	"context"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/util/annotations"
)

// Request is a range query in milliseconds. Expr is the expression in its
// canonical form with whatever else changes its value.
type Request struct {
	Expr             string
	Metrics          []string // as Cacheable gives them
	Start, End, Step int64
}

// Answer is a matrix sorted by labels and what there is to say about it.
type Answer struct {
	Matrix promql.Matrix
	Notes  annotations.Annotations
}

// Evaluate answers a part of a request. The matrix is the cache's to keep.
type Evaluate func(ctx context.Context, start, end int64) (Answer, error)

// Cache of answers. It is safe for concurrent use.
type Cache struct {
	journal *Journal
	max     int64

	mu      sync.Mutex
	bytes   int64
	entries map[string]*entry
	recent  *list.List // of *entry; the front was used last

	queries *prometheus.CounterVec
	steps   *prometheus.CounterVec
}

// entry is the answer to one expression, step and phase. turn lets one query
// at a time in; mu of the cache guards the bytes and the place in the list.
type entry struct {
	key   string
	turn  chan struct{}
	place *list.Element
	bytes int64

	filled   bool
	seq      uint64
	from, to int64
	answer   Answer
}

// New holds at most maxBytes of answers.
func New(journal *Journal, maxBytes int64, registry prometheus.Registerer) *Cache {
	c := &Cache{
		journal: journal, max: maxBytes, entries: map[string]*entry{}, recent: list.New(),
		queries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mainstay_query_cache_queries_total", Help: "Range queries by how much of them was remembered: hit, part, miss.",
		}, []string{"result"}),
		steps: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mainstay_query_cache_steps_total", Help: "Steps of range queries, remembered or evaluated.",
		}, []string{"source"}),
	}
	held := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "mainstay_query_cache_bytes", Help: "Memory of the remembered answers.",
	}, func() float64 { return float64(c.Bytes()) })
	if registry != nil {
		registry.MustRegister(c.queries, c.steps, held)
	}
	return c
}

// Bytes is the memory of the remembered answers.
func (c *Cache) Bytes() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes
}

// Range answers a request, evaluating what is not remembered. The steps are
// start, start+step ... as far as they are not after end.
func (c *Cache) Range(ctx context.Context, r Request, evaluate Evaluate) (Answer, error) {
	end := r.Start + (r.End-r.Start)/r.Step*r.Step
	e := c.entry(r.Expr + "\x00" + strconv.FormatInt(r.Step, 36) + "\x00" + strconv.FormatInt(mod(r.Start, r.Step), 36))
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}

	seq := c.journal.Seq()
	good := c.good(e, r)
	if !e.filled || good < e.from || r.Start > good+r.Step || end < e.from-r.Step {
		return c.miss(ctx, e, r.Start, end, r.Step, seq, evaluate)
	}
	// The window slides: it keeps the length of the longest asked for.
	from, to := min(r.Start, e.from), max(end, good)
	from = max(from, to-max(e.to-e.from, end-r.Start))
	whole, notes, fresh := e.answer.Matrix, copied(e.answer.Notes), int64(0)
	add := func(start, end int64) (promql.Matrix, error) {
		a, err := evaluate(ctx, start, end)
		notes.Merge(a.Notes)
		fresh += (end-start)/r.Step + 1
		return a.Matrix, err
	}
	switch {
	case end > good:
		after, err := add(good+r.Step, end)
		if err != nil {
			return Answer{}, err
		}
		whole = extend(whole, good, after)
	case good < e.to:
		whole = cut(whole, e.from, good)
	}
	if r.Start < e.from {
		before, err := add(r.Start, e.from-r.Step)
		if err != nil {
			return Answer{}, err
		}
		whole = Join(before, whole)
	}
	c.count(fresh, (end-r.Start)/r.Step+1)
	kept, shown := windows(whole, from, r.Start, end)
	c.keep(e, seq, from, to, Answer{Matrix: kept, Notes: notes})
	return Answer{Matrix: shown, Notes: copied(notes)}, nil
}

func (c *Cache) miss(ctx context.Context, e *entry, start, end, step int64, seq uint64, evaluate Evaluate) (Answer, error) {
	a, err := evaluate(ctx, start, end)
	if err != nil {
		return Answer{}, err
	}
	c.count((end-start)/step+1, (end-start)/step+1)
	c.keep(e, seq, start, end, Answer{Matrix: a.Matrix, Notes: copied(a.Notes)})
	return Answer{Matrix: cut(a.Matrix, start, end), Notes: a.Notes}, nil
}

// copied notes are the cache's alone: those of an answer are added to by who gets it.
func copied(notes annotations.Annotations) annotations.Annotations {
	out := annotations.New()
	return out.Merge(notes)
}

// good is the last step of e that nothing was written to since.
func (c *Cache) good(e *entry, r Request) int64 {
	if !e.filled {
		return 0
	}
	touched := c.journal.Since(e.seq, r.Metrics)
	if touched > e.to {
		return e.to
	}
	if touched <= e.from {
		return e.from - r.Step
	}
	// The steps are e.from + k*step; the last one before touched.
	return touched - 1 - mod(touched-1-e.from, r.Step)
}

func (c *Cache) count(fresh, all int64) {
	result := "part"
	switch {
	case fresh == 0:
		result = "hit"
	case fresh >= all:
		result = "miss"
	}
	c.queries.WithLabelValues(result).Inc()
	c.steps.WithLabelValues("evaluated").Add(float64(fresh))
	c.steps.WithLabelValues("remembered").Add(float64(max(all-fresh, 0)))
}

// entry finds or makes the entry of a key and calls it used.
func (c *Cache) entry(key string) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	if e == nil {
		e = &entry{key: key, turn: make(chan struct{}, 1), bytes: int64(len(key)) + 256}
		e.place = c.recent.PushFront(e)
		c.entries[key] = e
		c.bytes += e.bytes
		c.evict(e)
		return e
	}
	c.recent.MoveToFront(e.place)
	return e
}

// keep stores an answer; one that is too large by itself is not kept.
func (c *Cache) keep(e *entry, seq uint64, from, to int64, a Answer) {
	bytes := size(a.Matrix) + int64(len(e.key)) + 256
	e.filled, e.seq, e.from, e.to, e.answer = true, seq, from, to, a
	if bytes > c.max/2 {
		e.filled, e.answer, bytes = false, Answer{}, int64(len(e.key))+256
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[e.key] != e {
		return // evicted in between
	}
	c.bytes += bytes - e.bytes
	e.bytes = bytes
	c.evict(e)
}

// evict makes room, sparing one entry. Who still holds an evicted entry
// finishes with it alone.
func (c *Cache) evict(spare *entry) {
	for at := c.recent.Back(); at != nil && c.bytes > c.max; {
		e := at.Value.(*entry)
		at = at.Prev()
		if e == spare {
			continue
		}
		c.recent.Remove(e.place)
		delete(c.entries, e.key)
		c.bytes -= e.bytes
	}
}

// mod is never negative.
func mod(a, b int64) int64 {
	if m := a % b; m < 0 {
		return m + b
	} else {
		return m
	}
}
