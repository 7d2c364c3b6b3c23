package inhibition

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"mainstay/internal/events/matching"
)

func parse(t testing.TB, text string) labels.Matchers {
	t.Helper()
	ms, err := matching.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return ms
}

func TestASourceInhibitsWhileItIsActive(t *testing.T) {
	t.Parallel()
	e := New([]Rule{{Name: "site", Source: parse(t, `alertname="SiteDown"`), Target: parse(t, `severity=~"minor|warning"`), Equal: []string{"site"}}})
	now := time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
	target := map[string]string{"alertname": "Slow", "severity": "minor", "site": "a"}
	if _, _, held := e.By(target, now); held {
		t.Fatal("held back by nothing")
	}
	if !e.Put("down", map[string]string{"alertname": "SiteDown", "severity": "critical", "site": "a"}, now.Add(time.Minute)) {
		t.Fatal("a source changes verdicts")
	}
	if id, rule, held := e.By(target, now); !held || id != "down" || rule != "site" {
		t.Fatal(id, rule, held)
	}
	for what, set := range map[string]map[string]string{
		"another site":     {"alertname": "Slow", "severity": "minor", "site": "b"},
		"no target":        {"alertname": "Slow", "severity": "critical", "site": "a"},
		"no site at all":   {"alertname": "Slow", "severity": "minor"},
		"the source alone": {"alertname": "SiteDown", "severity": "critical", "site": "a"},
	} {
		if _, _, held := e.By(set, now); held {
			t.Error(what)
		}
	}
	if _, _, held := e.By(target, now.Add(time.Minute)); held {
		t.Fatal("the source has run out")
	}
	if e.Put("down", map[string]string{"alertname": "SiteDown", "severity": "critical", "site": "a"}, now.Add(time.Hour)) {
		t.Fatal("a source that only lasts longer changes no verdict")
	}
	if !e.Drop("down") || e.Drop("down") {
		t.Fatal("dropped once")
	}
	if _, _, held := e.By(target, now); held {
		t.Fatal("the source is over")
	}
}

// TestAnAlertOfBothSides is Alertmanager's rule that two of them do not
// silence each other.
func TestAnAlertOfBothSides(t *testing.T) {
	t.Parallel()
	e := New([]Rule{{Source: parse(t, `kind=~"a|b"`), Target: parse(t, `kind=~"b|c"`)}})
	now := time.Now()
	e.Put("b", map[string]string{"kind": "b"}, time.Time{})
	if _, _, held := e.By(map[string]string{"kind": "b", "n": "2"}, now); held {
		t.Error("b holds back another b")
	}
	if _, _, held := e.By(map[string]string{"kind": "c"}, now); !held {
		t.Error("b does not hold back c")
	}
	e.Put("a", map[string]string{"kind": "a"}, time.Time{})
	if id, _, held := e.By(map[string]string{"kind": "b"}, now); !held || id != "a" {
		t.Error("a does not hold back b")
	}
}

// TestTheIndexDecidesAsTryingAllWould compares with every rule against every alert.
func TestTheIndexDecidesAsTryingAllWould(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	pick := func(n int) string { return fmt.Sprint(random.IntN(n)) }
	var rules []Rule
	for i := range 60 {
		source := `name="` + pick(8) + `"`
		if i%3 == 0 {
			source = `{name=~"` + pick(8) + `|` + pick(8) + `",kind!="` + pick(3) + `"}`
		}
		rules = append(rules, Rule{Source: parse(t, source), Target: parse(t, `kind="`+pick(3)+`"`), Equal: []string{"site", "rack"}[:random.IntN(3)]})
	}
	e := New(rules)
	now := time.Now()
	alerts := map[string]map[string]string{}
	held := 0
	for step := range 4000 {
		id := "a" + pick(60)
		if random.IntN(3) == 0 {
			delete(alerts, id)
			e.Drop(id)
		} else {
			alerts[id] = map[string]string{"name": pick(8), "kind": pick(3), "site": pick(4), "rack": pick(3)}
			e.Put(id, alerts[id], time.Time{})
		}
		set := map[string]string{"name": pick(8), "kind": pick(3), "site": pick(4), "rack": pick(3)}
		want := false
		for _, r := range rules {
			for _, a := range alerts {
				same := true
				for _, name := range r.Equal {
					same = same && a[name] == set[name]
				}
				both := matching.Fits(r.Source, set) && matching.Fits(r.Target, a)
				if same && !both && matching.Fits(r.Source, a) && matching.Fits(r.Target, set) {
					want = true
				}
			}
		}
		if _, _, got := e.By(set, now); got != want {
			t.Fatalf("step %d: %v is %v", step, set, got)
		}
		if want {
			held++
		}
	}
	if held == 0 || held == 4000 {
		t.Fatalf("%d verdicts: the test shows nothing", held)
	}
}
