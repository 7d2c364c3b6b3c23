package routing

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"mainstay/internal/core/coretest"
	"mainstay/internal/events/inhibition"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

const several = `{"route": {"receiver": "all", "group_by": ["site"], "group_wait": "30s", "group_interval": "2m", "repeat_interval": "20m", "routes": [
		{"matchers": ["alertname=~\"A.*\""], "receiver": "first", "group_by": ["..."], "group_wait": "10s", "continue": true},
		{"matchers": ["site=\"x\""], "receiver": "quiet", "mute_time_intervals": ["early"]}]},
	"receivers": [{"name": "all", "webhook_configs": [{"url": "$URL/a"}, {"url": "$URL/b", "send_resolved": false}]}, {"name": "first", "webhook_configs": [{"url": "$URL"}]}, {"name": "quiet", "webhook_configs": [{"url": "$URL"}]}],
	"time_intervals": [{"name": "early", "time_intervals": [{"times": [{"start_time": "03:10", "end_time": "03:25"}]}]}]}`

// TestARehearsalTellsAsTheRouter gives both the same alerts, which come, change,
// end and run out at random, and compares who was told how often.
func TestARehearsalTellsAsTheRouter(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.SQLite(t))
	h.apply(several)
	rehearsal := h.plan(several).Rehearse(nil)
	random := rand.New(rand.NewPCG(7, 11))
	alive := map[string]*Alert{}
	told := map[string]int64{}
	for range 60 * 6 {
		for range random.IntN(3) {
			a := h.alert([]string{"A1", "A2", "B1", "B2", "C1"}[random.IntN(5)], []string{"x", "y"}[random.IntN(2)])
			if known := alive[a.Key]; known != nil && random.IntN(2) == 0 {
				a = h.resolved(known)
				delete(alive, a.Key)
			} else {
				if random.IntN(4) == 0 {
					a.EndsAt, a.Cleared = h.clock.Now().Add(time.Duration(1+random.IntN(40))*10*time.Second), true // nobody is asked whether it goes on
				}
				a.Labels["n"], a.Fingerprint = fmt.Sprint(random.IntN(2)), a.Key+fmt.Sprint(random.IntN(2))
				alive[a.Key] = a
			}
			h.router.Put(a)
			rehearsal.Put(a, h.clock.Now())
		}
		h.pass(10 * time.Second)
		rehearsal.Pass(h.clock.Now())
		for len(h.heard) > 0 {
			<-h.heard
		}
		for _, one := range h.take() {
			told[one.receiver]++
		}
		if !maps.Equal(told, rehearsal.Sent) {
			t.Fatalf("at %v the router told %v, the rehearsal %v", h.clock.Now(), told, rehearsal.Sent)
		}
	}
	if told["all"] < 10 || told["first"] < 10 || told["quiet"] < 5 || !rehearsal.Whole() {
		t.Errorf("%v: that is no comparison", told)
	}
}

// What is inhibited is not told, and a rehearsal that has too much to do says so.
func TestARehearsalInhibitsAndHasBounds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
	h := &house{t: t, clock: coretest.NewClock(now), url: "http://127.0.0.1:1"}
	rule, err := CompileInhibition(InhibitRule{SourceMatchers: []string{`alertname="A"`}, TargetMatchers: []string{`alertname="B"`}, Equal: []string{"site"}})
	if err != nil {
		t.Fatal(err)
	}
	r := h.plan(simple).Rehearse([]inhibition.Rule{rule})
	r.Put(h.alert("A", "x"), now)
	r.Put(h.alert("B", "x"), now)
	r.Put(h.alert("B", "y"), now)
	r.Pass(now.Add(time.Minute))
	if r.Sent["team"] != 2 || !r.Whole() {
		t.Errorf("told %v", r.Sent)
	}
	h.clock.Advance(2 * time.Minute)
	r.Put(h.resolved(h.alert("A", "x")), h.clock.Now())
	r.Pass(h.clock.Now().Add(5 * time.Minute))
	if r.Sent["team"] != 3 { // B at x, which is news now that A is over
		t.Errorf("told %v", r.Sent)
	}
	r.flushes = rehearsedFlushes
	r.Pass(h.clock.Now().Add(24 * time.Hour))
	if r.Whole() || r.Sent["team"] != 3 {
		t.Errorf("told %v, all of it: %v", r.Sent, r.Whole())
	}
}
