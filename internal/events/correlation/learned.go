package correlation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mainstay/internal/events/learning"
)

const (
	partnersTried = 16  // learned partners of one alert that are looked for
	nearTried     = 200 // failing items around one that are compared by sort
	decisionPairs = 16  // things on each side that one decision of a person speaks of
)

// ThingOf names what an alert is about in the memory: its item, or itself.
func ThingOf(a *Alert) string {
	if a.Item != "" {
		return "item/" + a.Item
	}
	return "alert/" + a.Key
}

// kindOf names the sort of an alert: the class of its item, its source, and
// what it is called there; never which item it is.
func (e *Engine) kindOf(a *Alert) (kind, title string) {
	class := "?"
	if a.Item != "" {
		class = e.graph.Class(a.Item)
	}
	name := sortName(a)
	if name == "" {
		var words []string
		about := ""
		if a.Item != "" {
			about = strings.ToLower(e.graph.Name(a.Item))
		}
		for _, w := range learning.Tokens(a.Title) {
			if w != about && !strings.ContainsAny(w, "0123456789") {
				words = append(words, w)
			}
		}
		name = strings.Join(words, " ")
	}
	return class + "|" + a.Source + "|" + name, name + " (" + class + ", " + a.Source + ")"
}

// sortName is what the source calls alerts of this sort; empty when it does not say.
func sortName(a *Alert) string {
	for _, label := range []string{"alertname", "problem", "rule", "check"} {
		if v := a.Labels[label]; v != "" {
			return v
		}
	}
	return ""
}

// remember lets the memory know which alerts began, once they have their place:
// what is used to place one is what was seen before it.
func (e *Engine) remember() {
	for i := range e.begun {
		a := &e.begun[i]
		title := a.Title
		if a.Item != "" {
			title = e.graph.Name(a.Item)
		}
		if e.settings.Memory.Things.Arrive(ThingOf(a), title, a.Onset) {
			e.settings.Memory.Words.Learn(learning.Tokens(a.Title), a.Onset)
		}
	}
	e.begun = e.begun[:0]
}

// over lets the memory know which sorts of alerts were in one situation. What
// was put there because of memory itself teaches nothing new.
func (e *Engine) over(s *Situation, now time.Time) {
	if e.settings.Memory == nil {
		return
	}
	kinds := map[string]string{}
	for _, a := range s.Alerts {
		if !a.remembered {
			kind, title := e.kindOf(a)
			kinds[kind] = title
		}
	}
	if len(kinds) > 0 {
		e.settings.Memory.Kinds.Case(kinds, now)
	}
}

// rememberedLinks adds what strongly comes together with a, wherever it is.
func (e *Engine) rememberedLinks(a *Alert, now time.Time, add adder) {
	if e.settings.Memory == nil || !e.settings.Memory.Things.Known(ThingOf(a)) {
		return
	}
	for _, s := range first(e.settings.Memory.Things.Partners(ThingOf(a), now), partnersTried) {
		if !s.Strong() {
			continue
		}
		other, title := s.A, s.TitleA
		if other == ThingOf(a) {
			other, title = s.B, s.TitleB
		}
		for _, found := range e.ofThing(other) {
			add(found, reason{fmt.Sprintf("It and %s %s.", title, s.Words()), true})
		}
	}
}

// ofThing lists the active alerts about a thing.
func (e *Engine) ofThing(thing string) []*Alert {
	kind, id, _ := strings.Cut(thing, "/")
	if kind == "item" {
		return sortedByOnset(e.byItem[id])
	}
	return sortedByOnset(e.groups[keyGroup+id])
}

// weakLinks adds, for an alert that belongs nowhere yet, what less than proof
// speaks for: things that came together before and are near in the topology,
// and sorts of alerts that are used to be in one situation and are near.
func (e *Engine) weakLinks(a *Alert, now time.Time, add adder) {
	if e.settings.Memory == nil || a.Item == "" {
		return
	}
	things, kinds := e.settings.Memory.Things, e.settings.Memory.Kinds
	kind, title := e.kindOf(a)
	if !things.Known(ThingOf(a)) && !kinds.Known(kind) {
		return
	}
	for _, item := range e.near(a.Item) {
		for _, other := range sortedByOnset(e.byItem[item]) {
			if s, ok := things.Strength(ThingOf(a), ThingOf(other), now); ok && s.Evidence() {
				add(other, reason{fmt.Sprintf("%s and %s need the same, and %s.", e.graph.Name(a.Item), e.graph.Name(item), s.Words()), true})
			}
			otherKind, otherTitle := e.kindOf(other)
			if s, ok := kinds.Strength(kind, otherKind, now); ok && s.Evidence() {
				add(other, reason{fmt.Sprintf("%s and %s need the same, and alerts like %q and %q %s.",
					e.graph.Name(a.Item), e.graph.Name(item), title, otherTitle, s.Words()), true})
			}
		}
	}
}

// near lists failing items that need something that item needs as well.
func (e *Engine) near(item string) []string {
	var found []string
	tried := 0
	for _, below := range first(e.walked[item], nearTried) {
		for other := range e.reach[below] {
			if tried++; tried > nearTried {
				slices.Sort(found)
				return found
			}
			if other != item && !slices.Contains(found, other) && e.itemFails(other) {
				found = append(found, other)
			}
		}
	}
	slices.Sort(found)
	return found
}

// decided lets the memory know what a person put together or apart.
func (e *Engine) decided(together bool, these, those []*Alert, now time.Time) {
	if e.settings.Memory == nil {
		return
	}
	seen := map[[2]string]bool{}
	say := func(book *learning.Book, x, y string) {
		if x == y || seen[[2]string{x, y}] || seen[[2]string{y, x}] {
			return
		}
		seen[[2]string{x, y}] = true
		if together {
			book.Together(x, y, now)
		} else {
			book.Apart(x, y, now)
		}
	}
	for _, a := range first(these, decisionPairs) {
		for _, b := range first(those, decisionPairs) {
			if a == b {
				continue
			}
			say(e.settings.Memory.Things, ThingOf(a), ThingOf(b))
			kindA, _ := e.kindOf(a)
			kindB, _ := e.kindOf(b)
			say(e.settings.Memory.Kinds, kindA, kindB)
		}
	}
}

// barred says that a person had the pair of two alerts ignored.
func (e *Engine) barred(a, b *Alert, now time.Time) bool {
	if e.settings.Memory == nil {
		return false
	}
	s, ok := e.settings.Memory.Things.Strength(ThingOf(a), ThingOf(b), now)
	return ok && s.Barred != ""
}

func first[T any](list []T, n int) []T { return list[:min(len(list), n)] }
