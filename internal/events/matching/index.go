package matching

import (
	"slices"

	"github.com/prometheus/alertmanager/pkg/labels"
)

// Fits says whether labels fit all matchers.
func Fits(matchers labels.Matchers, set map[string]string) bool {
	for _, m := range matchers {
		if !m.Matches(set[m.Name]) {
			return false
		}
	}
	return true
}

// Index holds values by their matchers. It may be read by many at once, as
// long as nothing is added.
type Index[T any] struct {
	named map[string]map[string][]entry[T] // by name and value of one equality matcher
	rest  []entry[T]                       // those without one
	added int
}

type entry[T any] struct {
	order    int
	matchers labels.Matchers
	value    T
}

// Len is how many values it holds.
func (x *Index[T]) Len() int { return x.added }

// Add puts a value in.
func (x *Index[T]) Add(matchers labels.Matchers, value T) {
	e := entry[T]{x.added, matchers, value}
	x.added++
	var best *labels.Matcher
	for _, m := range matchers {
		if m.Type != labels.MatchEqual || m.Value == "" {
			continue // a label that is absent fits too: there is nothing to look it up by
		}
		if best == nil || len(x.named[m.Name][m.Value]) < len(x.named[best.Name][best.Value]) {
			best = m
		}
	}
	if best == nil {
		x.rest = append(x.rest, e)
		return
	}
	if x.named == nil {
		x.named = map[string]map[string][]entry[T]{}
	}
	if x.named[best.Name] == nil {
		x.named[best.Name] = map[string][]entry[T]{}
	}
	x.named[best.Name][best.Value] = append(x.named[best.Name][best.Value], e)
}

// Find returns the values whose matchers the labels fit, in the order in which
// they were added.
func (x *Index[T]) Find(set map[string]string) []T {
	var hits []entry[T]
	look := func(list []entry[T]) {
		for _, e := range list {
			if Fits(e.matchers, set) {
				hits = append(hits, e)
			}
		}
	}
	look(x.rest)
	for name, byValue := range x.named {
		if value, ok := set[name]; ok {
			look(byValue[value])
		}
	}
	if len(hits) == 0 {
		return nil
	}
	slices.SortFunc(hits, func(a, b entry[T]) int { return a.order - b.order })
	values := make([]T, len(hits))
	for i, e := range hits {
		values[i] = e.value
	}
	return values
}
