package correlation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
)

// What a rule says of the alerts it is about.
type What string

// What rules may say.
const (
	Together  What = "together" // they are one situation
	Never     What = "never"    // they never are
	SameFault What = "same"     // of one item, they tell the same fault
)

// Items is how the items of two alerts have to be related for a rule to hold.
type Items string

// The relations of items.
const (
	AnyItems       Items = "any"
	SameItem       Items = "same"
	ConnectedItems Items = "connected" // one needs the other, directly or through one more
)

// Rule is what people say of alerts that fit it.
type Rule struct {
	Name          string
	What          What
	First, Second func(*Alert) bool
	Within        time.Duration // zero for the joining window
	Labels        []string      // that have to have the same value, and one at all
	Items         Items
	Cause         string // "first" or "second" is the root cause; empty when it is not said
}

// side is a rule that an alert fits, and where.
type side struct {
	rule   int
	second bool
	values string // of the labels that have to be the same
}

func (s side) group() string {
	return fmt.Sprintf("\x00rule\x00%d\x00%t\x00%s", s.rule, s.second, s.values)
}

func (s side) other() side { return side{s.rule, !s.second, s.values} }

// sidesOf works out which rules an alert takes part in.
func (e *Engine) sidesOf(a *Alert) []side {
	var sides []side
	for i := range e.settings.Rules {
		r := &e.settings.Rules[i]
		if r.What == SameFault {
			continue
		}
		values, ok := valuesOf(a, r.Labels)
		if !ok {
			continue
		}
		if r.First(a) {
			sides = append(sides, side{i, false, values})
		}
		if r.Second(a) {
			sides = append(sides, side{i, true, values})
		}
	}
	return sides
}

func valuesOf(a *Alert, labels []string) (string, bool) {
	var all strings.Builder
	for _, label := range labels {
		v := a.Labels[label]
		if v == "" {
			return "", false
		}
		all.WriteString(v)
		all.WriteByte(0)
	}
	return all.String(), true
}

// ruledTried bounds the alerts on the other side of a rule that are looked at.
const ruledTried = 1000

// ruledLinks adds what the rules of people put together with a.
func (e *Engine) ruledLinks(a *Alert, add adder) {
	for _, s := range a.sides {
		r := &e.settings.Rules[s.rule]
		if r.What != Together {
			continue
		}
		for _, other := range first(sortedByOnset(e.ruled[s.other().group()]), ruledTried) {
			if other != a && e.closeAs(r, a, other) {
				add(other, reason{text: fmt.Sprintf("The rule %q puts it together with %q.", r.Name, other.Title)})
			}
		}
	}
}

// closeAs says that two alerts are as close as a rule wants them.
func (e *Engine) closeAs(r *Rule, a, b *Alert) bool {
	if a.Onset.Sub(b.Onset).Abs() > r.within(e.settings.Window) {
		return false
	}
	switch r.Items {
	case SameItem:
		return a.Item != "" && a.Item == b.Item
	case ConnectedItems:
		return a.Item != "" && b.Item != "" &&
			(a.Item == b.Item || slices.Contains(e.walked[a.Item], b.Item) || slices.Contains(e.walked[b.Item], a.Item))
	}
	return true
}

func (r *Rule) within(window time.Duration) time.Duration {
	if r.Within > 0 {
		return r.Within
	}
	return window
}

// forbidden names a rule that keeps a out of a situation.
func (e *Engine) forbidden(a *Alert, s *Situation) string {
	for _, mine := range a.sides {
		r := &e.settings.Rules[mine.rule]
		if r.What != Never {
			continue
		}
		for _, other := range s.Alerts {
			if other != a && other.failing() && slices.Contains(other.sides, mine.other()) && e.closeAs(r, a, other) {
				return r.Name
			}
		}
	}
	return ""
}

// forbids says that a rule keeps two situations apart.
func (e *Engine) forbids(s, t *Situation) bool {
	for _, a := range s.Alerts {
		if len(a.sides) > 0 && a.failing() && e.forbidden(a, t) != "" {
			return true
		}
	}
	return false
}

// ruledCause puts the cause in front that a rule of people names.
func (e *Engine) ruledCause(s *Situation, candidates []Candidate) []Candidate {
	if len(e.settings.Rules) == 0 {
		return candidates
	}
	for _, cause := range sortedByOnset(s.Alerts) {
		for _, mine := range cause.sides {
			r := &e.settings.Rules[mine.rule]
			if r.What != Together || r.Cause == "" || (r.Cause == "second") != mine.second || !cause.Active {
				continue
			}
			for _, other := range s.Alerts {
				if other == cause || !slices.Contains(other.sides, mine.other()) || !e.closeAs(r, cause, other) {
					continue
				}
				return ruledFirst(e, cause, r, candidates)
			}
		}
	}
	return candidates
}

func ruledFirst(e *Engine, cause *Alert, r *Rule, candidates []Candidate) []Candidate {
	named := Candidate{Item: cause.Item, Alert: cause.ID, Name: cause.Title, onset: cause.Onset}
	if cause.Item != "" {
		named.Name = e.graph.Name(cause.Item)
	}
	at := slices.IndexFunc(candidates, named.Same)
	if at < 0 {
		candidates = append(candidates, named)
		at = len(candidates) - 1
	}
	candidates = toFront(candidates, at)
	c := &candidates[0]
	c.leaf, c.Confidence = true, max(c.Confidence, ruledConfidence)
	text := fmt.Sprintf("The rule %q names it as the cause.", r.Name)
	c.Reasons = slices.Insert(c.Reasons, 0, Reason{text, []core.Ref{{Kind: "alert", ID: cause.ID}}})
	return candidates
}

// ruledConfidence is what is given to a cause that a rule names.
const ruledConfidence = 0.9
