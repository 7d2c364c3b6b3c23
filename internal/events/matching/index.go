package matching

import (
	"regexp"
	"slices"
	"strings"

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
	order  int
	checks []check
	value  T
}

// check is a matcher made quick: a pattern that is a list of words, such as
// a|b|c, is compared and not run.
type check struct {
	matcher *labels.Matcher
	words   []string
}

func checksOf(matchers labels.Matchers) []check {
	list := make([]check, 0, len(matchers))
	for _, m := range matchers {
		one := check{matcher: m}
		if (m.Type == labels.MatchRegexp || m.Type == labels.MatchNotRegexp) && regexp.QuoteMeta(strings.ReplaceAll(m.Value, "|", "")) == strings.ReplaceAll(m.Value, "|", "") {
			one.words = strings.Split(m.Value, "|")
		}
		list = append(list, one)
	}
	return list
}

func fits(checks []check, set map[string]string) bool {
	for i := range checks {
		c := &checks[i]
		value := set[c.matcher.Name]
		if c.words == nil {
			if !c.matcher.Matches(value) {
				return false
			}
		} else if slices.Contains(c.words, value) != (c.matcher.Type == labels.MatchRegexp) {
			return false
		}
	}
	return true
}

// Len is how many values it holds.
func (x *Index[T]) Len() int { return x.added }

// Add puts a value in.
func (x *Index[T]) Add(matchers labels.Matchers, value T) {
	e := entry[T]{x.added, checksOf(matchers), value}
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
	var few [8]entry[T] // most sets fit few: no memory is needed for them
	hits := few[:0]
	for _, e := range x.rest {
		if fits(e.checks, set) {
			hits = append(hits, e)
		}
	}
	for name, byValue := range x.named {
		value, ok := set[name]
		if !ok {
			continue
		}
		for _, e := range byValue[value] {
			if fits(e.checks, set) {
				hits = append(hits, e)
			}
		}
	}
	if len(hits) == 0 {
		return nil
	}
	if len(hits) > 1 {
		slices.SortFunc(hits, func(a, b entry[T]) int { return a.order - b.order })
	}
	values := make([]T, len(hits))
	for i, e := range hits {
		values[i] = e.value
	}
	return values
}
