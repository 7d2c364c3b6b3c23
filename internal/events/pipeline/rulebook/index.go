package rulebook

import (
	"math/bits"
	"slices"
	"strings"

	"mainstay/internal/platform/expression"
)

// set of rules, by their place.
type ruleSet []uint64

func newRuleSet(n int) ruleSet        { return make(ruleSet, (n+63)/64) }
func (s ruleSet) add(i int)           { s[i/64] |= 1 << (i % 64) }
func (s ruleSet) fill(other ruleSet)  { copy(s, other) }
func (s ruleSet) union(other ruleSet) { each(s, other, func(a, b uint64) uint64 { return a | b }) }

func each(s, other ruleSet, do func(a, b uint64) uint64) {
	for i := range s {
		s[i] = do(s[i], other[i])
	}
}

// next is the first rule at or after i, -1 for none.
func (s ruleSet) next(i int) int {
	for w := i / 64; w < len(s); w++ {
		word := s[w]
		if w == i/64 {
			word &= ^uint64(0) << (i % 64)
		}
		if word != 0 {
			return w*64 + bits.TrailingZeros64(word)
		}
	}
	return -1
}

// index finds the rules whose conditions may hold for an event: for each place
// that conditions compare with texts, which rules a value leaves possible.
type index struct {
	all    ruleSet
	places []place
}

type place struct {
	path   string
	group  string // "event", "labels", "annotations", "item"
	name   string
	values map[string]ruleSet // rules that ask for the value, and those that do not care
	free   ruleSet            // rules that do not care
}

// mostPlaces bounds what is looked at for each event.
const mostPlaces = 16

func newIndex(rules []*Rule) *index {
	x := &index{all: newRuleSet(len(rules))}
	asked := map[string]int{} // rules by path
	for i, r := range rules {
		x.all.add(i)
		seen := map[string]bool{}
		for _, q := range requires(r) {
			if _, _, ok := whereIs(q.Path); ok && !seen[q.Path] {
				seen[q.Path] = true
				asked[q.Path]++
			}
		}
	}
	paths := make([]string, 0, len(asked))
	for path := range asked {
		paths = append(paths, path)
	}
	slices.SortFunc(paths, func(a, b string) int {
		if asked[a] != asked[b] {
			return asked[b] - asked[a]
		}
		return strings.Compare(a, b)
	})
	for _, path := range paths[:min(len(paths), mostPlaces)] {
		x.places = append(x.places, newPlace(path, rules))
	}
	return x
}

func newPlace(path string, rules []*Rule) place {
	p := place{path: path, values: map[string]ruleSet{}, free: newRuleSet(len(rules))}
	p.group, p.name, _ = whereIs(path)
	for i, r := range rules {
		cares := false
		for _, q := range requires(r) {
			if q.Path != path {
				continue
			}
			cares = true
			for _, value := range q.Values {
				if p.values[value] == nil {
					p.values[value] = newRuleSet(len(rules))
				}
				p.values[value].add(i)
			}
		}
		if !cares {
			p.free.add(i)
		}
	}
	for _, set := range p.values {
		set.union(p.free)
	}
	return p
}

func requires(r *Rule) []expression.Requirement {
	if r.when == nil {
		return nil
	}
	return r.when.Requires()
}

// whereIs tells where the text of a path is found; false for what is no text
// of its own, such as a row's.
func whereIs(path string) (group, name string, ok bool) {
	first, rest, _ := strings.Cut(path, ".")
	switch {
	case first == "item" && rest != "" && !strings.Contains(rest, "."):
		return "item", rest, true
	case first != "event":
		return "", "", false
	}
	for _, group := range []string{"labels", "annotations"} {
		if name, ok := strings.CutPrefix(rest, group+"."); ok && name != "" {
			return group, name, true
		}
	}
	switch rest {
	case "source", "kind", "severity", "key", "title", "description", "item", "check", "url", "team":
		return "event", rest, true
	}
	return "", "", false
}

// candidates are the rules that may match, in into.
func (x *index) candidates(s *shaping, into ruleSet) {
	into.fill(x.all)
	for i := range x.places {
		p := &x.places[i]
		keep := p.free
		if value, ok := s.textAt(p.group, p.name); ok {
			if set := p.values[value]; set != nil {
				keep = set
			}
		}
		for w := range into {
			into[w] &= keep[w]
		}
	}
}
