package correlation_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
)

// The changes of many situations are asked for together; when there are more
// than one answer holds, none of them is missed.
func TestChangesOfManySituationsAreAskedForTogether(t *testing.T) {
	t.Parallel()
	for _, one := range []struct{ changes, least, most int }{{1, 1, 3}, {10, 50, 60}} { // of each item; answers
		w := newWorld()
		for i := range 50 {
			item := fmt.Sprintf("item%d", i)
			for n := range one.changes {
				w.facts = append(w.facts, correlation.Fact{Entry: fmt.Sprintf("%s-%d", item, n), Item: item, At: w.now.Add(-time.Duration(i+1) * time.Minute), Summary: "Changed"})
			}
			w.engine.Sync(correlation.Alert{ID: "alert" + item, Key: item, Item: item, Title: item, Severity: core.Major, Onset: w.now, Active: true})
		}
		out := w.engine.Settle(w.now.Add(time.Minute))
		if len(out.Changes) != 50 {
			t.Fatalf("%d situations", len(out.Changes))
		}
		for _, c := range out.Changes {
			root := c.Situation.Root()
			if !slices.Contains(root.Changes, root.Item+"-0") {
				t.Errorf("%d changes: %s is blamed without %v", one.changes, root.Item, root.Changes)
			}
		}
		if w.asked < one.least || w.asked > one.most {
			t.Errorf("%d changes: asked %d times", one.changes, w.asked)
		}
	}
}
