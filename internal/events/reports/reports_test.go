package reports

import (
	"strings"
	"testing"
	"time"
)

func TestSpansAreOfTheNearestRank(t *testing.T) {
	t.Parallel()
	var list []time.Duration
	for n := range 100 {
		list = append(list, time.Duration(100-n)*time.Second)
	}
	if s := SpansOf(list); s != (Spans{100, 50.5, 50, 90, 95}) {
		t.Fatalf("%+v", s)
	}
	if s := SpansOf([]time.Duration{7 * time.Second}); s != (Spans{1, 7, 7, 7, 7}) {
		t.Fatalf("%+v", s)
	}
	if s := SpansOf(nil); s != (Spans{}) {
		t.Fatalf("%+v", s)
	}
}

func TestWhatIsWrongWithAnAlert(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		of   Talker
		want string
	}{
		{"too few to say", Talker{Alerts: 4, Episodes: 4}, ""},
		{"opens again and again", Talker{Alerts: 4, Episodes: 40}, Flapping},
		{"flaps now", Talker{Alerts: 6, Episodes: 6, Flapping: 1}, Flapping},
		{"one that flaps", Talker{Alerts: 1, Episodes: 3, Flapping: 1}, Flapping},
		{"mostly over at once", Talker{Alerts: 10, Episodes: 10, Short: 7}, Brief},
		{"nobody cares", Talker{Alerts: 40, Episodes: 40, Acted: 2}, NeverActed},
		{"somebody does", Talker{Alerts: 40, Episodes: 40, Acted: 3}, Loud},
		{"people want to know", Talker{Alerts: 40, Episodes: 40, Acted: 20}, ""},
		{"people act, and it flaps", Talker{Alerts: 40, Episodes: 40, Acted: 40, Flapping: 1}, Flapping},
		{"it came once", Talker{Alerts: 1, Episodes: 1}, ""},
	} {
		if got := c.of.Problem(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestNoiseIsRankedByWhatNobodyNeeded(t *testing.T) {
	t.Parallel()
	list := Noisiest([]*Talker{
		{Key: "once", Alerts: 1, Episodes: 1},
		{Key: "wanted", Alerts: 90, Episodes: 90, Acted: 60},
		{Key: "some", Alerts: 60, Episodes: 60, Acted: 20},
		{Key: "never", Alerts: 50, Episodes: 50, Alone: 10},
		{Key: "alone", Alerts: 50, Episodes: 50, Alone: 50},
		{Key: "flaps", Alerts: 2, Episodes: 45},
	})
	var got []string
	for _, t := range list {
		got = append(got, t.Key)
	}
	if s := strings.Join(got, " "); s != "alone never flaps some" {
		t.Error(s)
	}
}

func TestTheShortestWaitThatHelpsIsProposed(t *testing.T) {
	t.Parallel()
	talker := Talker{Alerts: 10, Episodes: 10, Short: 8, Source: "rule"}
	for n := range 10 { // 30 s, 1 min 30 s ... 9 min 30 s
		talker.Lengths = append(talker.Lengths, 30*time.Second+time.Duration(n)*time.Minute)
	}
	list := talker.Propose(time.Time{})
	if len(list) != 1 || list[0].Spared != 10 || !strings.HasPrefix(list[0].Text, "Wait 10m before it alerts: 10 of 10") || !strings.HasSuffix(list[0].Text, "for: 10m.") {
		t.Fatalf("%+v", list)
	}
	for n := range talker.Lengths { // all of them last longer than anybody would wait
		talker.Lengths[n] = time.Hour
	}
	if list := talker.Propose(time.Time{}); len(list) != 0 {
		t.Fatalf("%+v", list)
	}
}
