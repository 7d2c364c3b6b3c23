package correlation

import (
	"fmt"
	"slices"
	"strings"

	"mainstay/internal/events/learning"
)

// Twin says that an alert tells, from another source, the fault that another
// one tells already; with SameAs empty, that it no longer does.
type Twin struct{ Alert, SameAs, Why string }

// pairUp looks for an alert of the same item from another source that tells
// the same fault.
func (e *Engine) pairUp(a *Alert) {
	if a.Item == "" || a.SameAs != "" || a.Pinned {
		return
	}
	var first *Alert
	reason := ""
	for _, other := range e.byItem[a.Item] {
		if other == a || other.SameAs != "" || !other.failing() || a.Onset.Sub(other.Onset).Abs() > e.settings.Window ||
			first != nil && !earlier(other, first) {
			continue
		}
		if why := e.sameFault(a, other); why != "" {
			first, reason = other, why
		}
	}
	if first != nil && !e.hasTwins(a) {
		e.twin(a, first.ID, reason)
	}
}

func earlier(a, b *Alert) bool {
	return a.Onset.Before(b.Onset) || a.Onset.Equal(b.Onset) && a.ID < b.ID
}

// hasTwins says that others are told by a already.
func (e *Engine) hasTwins(a *Alert) bool {
	for _, other := range e.byItem[a.Item] {
		if other.SameAs == a.ID {
			return true
		}
	}
	return false
}

func (e *Engine) twin(a *Alert, of, why string) {
	if a.SameAs == of {
		return
	}
	a.SameAs = of
	e.twins[a.ID] = Twin{a.ID, of, why}
}

// sameFault says why two alerts of one item tell the same fault; empty when
// they do not, as far as can be told.
func (e *Engine) sameFault(a, b *Alert) string {
	for _, r := range e.settings.Rules {
		if r.What == SameFault && (r.First(a) && r.Second(b) || r.First(b) && r.Second(a)) {
			return fmt.Sprintf("The rule %q says that both tell the same fault.", r.Name)
		}
	}
	if a.Source == b.Source {
		return ""
	}
	if name := sortName(a); name != "" && strings.EqualFold(name, sortName(b)) {
		return fmt.Sprintf("%s and %s both report %s of %s.", b.Source, a.Source, name, e.graph.Name(a.Item))
	}
	if e.settings.Memory == nil {
		return ""
	}
	about := learning.Tokens(e.graph.Name(a.Item))
	mine, other := without(learning.Tokens(a.Title), about), without(learning.Tokens(b.Title), about)
	alike, _ := e.settings.Memory.Words.Likeness(mine, other)
	if alike < alikeFaults {
		return ""
	}
	return fmt.Sprintf("%s and %s say the same of %s (titles alike by %.0f %%).", b.Source, a.Source, e.graph.Name(a.Item), alike*100)
}

func without(words, these []string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return slices.Contains(these, w) })
}

// untwin lets those that said the same as an alert that is over, or that is
// told no longer, speak for themselves: the first of them for the others.
func (e *Engine) untwin(a *Alert) {
	if a.SameAs != "" {
		e.twin(a, "", "")
		return
	}
	if a.Item == "" || !e.hasTwins(a) {
		return
	}
	var heir *Alert
	for _, other := range sortedByOnset(e.byItem[a.Item]) {
		switch {
		case other.SameAs != a.ID:
		case heir == nil:
			heir = other
			e.twin(other, "", "")
		default:
			e.twin(other, heir.ID, fmt.Sprintf("It says the same as %q.", heir.Title))
		}
	}
}
