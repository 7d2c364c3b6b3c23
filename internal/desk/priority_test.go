package desk_test

import (
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/desk"
)

// An incident takes the priority that its situation was given: by the table
// only to become more pressing, by a person either way.
func TestIncidentFollowsTheSituationsPriority(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		say := func(verb string, more data) {
			d := data{"id": "s1", "title": "db is down", "severity": "major", "items": []string{"mail"}}
			for k, v := range more {
				d[k] = v
			}
			w.happens("events.situation."+verb, core.Ref{Kind: "situation", ID: "s1"}, "mail", "The situation "+verb, d)
		}
		changes := 0
		changed := func(more data, priority string, fixed bool) {
			t.Helper()
			say("changed", more)
			changes++
			w.await("desk.incident.changed", changes)
			inc := w.only()
			expect(t, "priority", inc.Priority.String(), priority)
			expect(t, "fixed", inc.PriorityFixed, fixed)
		}
		say("opened", data{"priority": "P2", "impact": "high", "urgency": "medium"})
		w.await("desk.incident.opened", 1)
		inc := w.only()
		expect(t, "priority", inc.Priority.String(), "P2")
		expect(t, "impact", inc.Impact, desk.High)
		changed(data{"priority": "P4", "impact": "low", "urgency": "medium"}, "P2", false)
		changed(data{"priority": "P1", "impact": "high", "urgency": "high"}, "P1", false)
		changed(data{"priority": "P5", "impact": "high", "urgency": "high", "prioritySet": true}, "P5", true)
		changed(data{"priority": "P5", "impact": "high", "urgency": "high", "prioritySet": true}, "P5", true)
		changed(data{"priority": "P3", "impact": "medium", "urgency": "medium", "priorityReleased": true}, "P3", false)
	})
}
