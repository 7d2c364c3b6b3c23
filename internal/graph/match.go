package graph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mainstay/internal/graph/classes"
)

// identity is one normalised identifier.
type identity struct{ kind, value string }

// known maps kinds of identifiers to the values an item has.
type known map[string][]string

func (k known) add(i identity) {
	if !slices.Contains(k[i.kind], i.value) {
		k[i.kind] = append(k[i.kind], i.value)
	}
}

func (k known) size() (n int) {
	for _, values := range k {
		n += len(values)
	}
	return n
}

// candidate is an item that shares an identifier with a report.
type candidate struct {
	id    string
	known known
}

// verdict says which item a report is about.
type verdict struct {
	winner string
	rule   string // that decided, for people
	// rivals match as well: by the same rule (a tie, when there is no winner) or a later one.
	rivals []string
	// conflicts share a strong identifier but a stronger one differs.
	conflicts []conflict
}

type conflict struct{ item, shared, differs string }

// agreement is how one rule sees two sets of identifiers.
type agreement int

const (
	silent agreement = iota // one side lacks what the rule needs
	equal
	different
)

// matcher decides by the ordered rules of a class.
type matcher struct {
	rules     []classes.Rule
	catalogue *classes.Catalogue
}

// decide picks the candidate that the reported identifiers belong to. The
// first rule that can compare decides, strong rules before weak ones; a
// candidate that a strong rule tells apart is never chosen.
func (m matcher) decide(mine known, candidates []candidate) verdict {
	type match struct {
		candidate
		rule  int
		score []int
	}
	var v verdict
	var matches []match
	for _, c := range candidates {
		rule, fight := m.compare(mine, c)
		if fight != nil {
			v.conflicts = append(v.conflicts, *fight)
		}
		if rule >= 0 {
			matches = append(matches, match{c, rule, m.score(mine, c.known)})
		}
	}
	if len(matches) == 0 {
		return v
	}
	slices.SortFunc(matches, func(a, b match) int {
		return cmp.Or(m.order(a.rule, b.rule), slices.Compare(b.score, a.score), cmp.Compare(a.id, b.id))
	})
	best := matches[0]
	v.rule = describe(m.rules[best.rule])
	tie := false
	for _, other := range matches[1:] {
		same := other.rule == best.rule && slices.Equal(other.score, best.score)
		tie = tie || same
		if same || m.rules[other.rule].Strong {
			v.rivals = append(v.rivals, other.id)
		}
	}
	if tie {
		v.rivals = append(v.rivals, best.id)
		return v
	}
	v.winner = best.id
	return v
}

// order puts strong rules before weak ones, then earlier before later ones.
func (m matcher) order(a, b int) int {
	if m.rules[a].Strong != m.rules[b].Strong {
		if m.rules[a].Strong {
			return -1
		}
		return 1
	}
	return cmp.Compare(a, b)
}

// compare returns the rule by which a candidate matches, or -1.
func (m matcher) compare(mine known, c candidate) (rule int, fight *conflict) {
	decided, differs := -1, -1
	for i, r := range m.rules {
		if !r.Strong {
			continue
		}
		switch m.agree(r, mine, c.known) {
		case equal:
			if differs >= 0 {
				if !m.multiple(r) {
					return -1, &conflict{c.id, describe(r), describe(m.rules[differs])}
				}
			} else if decided < 0 {
				decided = i
			}
		case different:
			if decided < 0 && differs < 0 {
				differs = i
			}
		}
	}
	if decided >= 0 || differs >= 0 {
		return decided, nil
	}
	for i, r := range m.rules {
		if r.Strong {
			continue
		}
		switch m.agree(r, mine, c.known) {
		case equal:
			return i, nil
		case different:
			return -1, nil
		}
	}
	return -1, nil
}

func (m matcher) agree(r classes.Rule, mine, theirs known) agreement {
	for _, kind := range r.Kinds {
		if len(mine[kind]) == 0 || len(theirs[kind]) == 0 {
			return silent
		}
	}
	if r.Within != "" && len(mine[r.Within]) > 0 && len(theirs[r.Within]) > 0 && shared(mine[r.Within], theirs[r.Within]) == 0 {
		return silent
	}
	for _, kind := range r.Kinds {
		if shared(mine[kind], theirs[kind]) == 0 {
			if k, _ := m.catalogue.Identifier(kind); k.Partial {
				return silent
			}
			return different
		}
	}
	return equal
}

// score tells how much two sets have in common, rule by rule, to choose among
// candidates that match by the same rule.
func (m matcher) score(mine, theirs known) []int {
	score := make([]int, len(m.rules))
	for i, r := range m.rules {
		if m.agree(r, mine, theirs) == equal {
			for _, kind := range r.Kinds {
				score[i] += shared(mine[kind], theirs[kind])
			}
		}
	}
	return score
}

func (m matcher) multiple(r classes.Rule) bool {
	return slices.ContainsFunc(r.Kinds, func(kind string) bool {
		k, _ := m.catalogue.Identifier(kind)
		return k.Multiple
	})
}

func shared(a, b []string) (n int) {
	for _, v := range a {
		if slices.Contains(b, v) {
			n++
		}
	}
	return n
}

func describe(r classes.Rule) string {
	s := strings.Join(r.Kinds, " and ")
	if r.Within != "" {
		s += fmt.Sprintf(" (within %s)", r.Within)
	}
	return s
}
