package correlation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"mainstay/internal/events/learning"
)

const (
	alikeTitles  = 0.5 // likeness from which titles speak of the same
	alikeFaults  = 0.5 // and of two alerts of one item
	titlesTried  = 64  // alerts compared with one
	tellingTried = 4   // words of a title that are looked up
)

// groups of alerts without an item, besides those by label.
const (
	keyGroup  = "\x00key\x00"
	wordGroup = "\x00word\x00"
)

// textGroups are the groups in which an alert without an item is found by its
// key and by the words of its title.
func (e *Engine) textGroups(a *Alert) []string {
	if e.settings.Memory == nil {
		return nil
	}
	groups := []string{keyGroup + a.Key}
	for _, w := range learning.Tokens(a.Title) {
		groups = append(groups, wordGroup+w)
	}
	return groups
}

// textLinks adds alerts without an item whose titles share much with that of
// a, and among it something that names what they are about.
func (e *Engine) textLinks(a *Alert, now time.Time, add adder) {
	if e.settings.Memory == nil || a.Item != "" {
		return
	}
	words := e.settings.Memory.Words
	mine := learning.Tokens(a.Title)
	telling := slices.DeleteFunc(slices.Clone(mine), func(w string) bool { return !words.Telling(w) })
	slices.SortStableFunc(telling, func(x, y string) int {
		return cmp.Compare(len(e.groups[wordGroup+x]), len(e.groups[wordGroup+y]))
	})
	tried := map[string]bool{a.ID: true}
	for _, w := range first(telling, tellingTried) {
		group := e.groups[wordGroup+w]
		if len(group) > titlesTried {
			break // the rarest come first
		}
		for _, other := range sortedByOnset(group) {
			if tried[other.ID] || len(tried) > titlesTried || e.barred(a, other, now) {
				continue
			}
			tried[other.ID] = true
			alike, shared := words.Likeness(mine, learning.Tokens(other.Title))
			if alike >= alikeTitles && len(shared) > 0 {
				add(other, reason{text: fmt.Sprintf("%q speaks of the same: %s (titles alike by %.0f %%).", other.Title, strings.Join(shared, ", "), alike*100)})
			}
		}
	}
}
