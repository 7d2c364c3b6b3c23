package rulebook

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
)

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// estate is 200 rules as a network and server operation has them: by trap, by
// job, by host, by class of item, by words, a few for everything, some that remember.
func estate() Document {
	var list []RuleSpec
	add := func(r RuleSpec) { list = append(list, r) }
	add(RuleSpec{Name: "owner", When: `event.source != "self" && event.item != ""`, Enrich: []string{"owner", "site"}})
	add(RuleSpec{Name: "rack", When: `has(event.labels.host)`, Lookup: []LookupSpec{{Table: "hosts", Key: "event.labels.host"}}, Labels: map[string]string{"rack": "row.rack"}})
	for i := range 60 {
		add(RuleSpec{Name: fmt.Sprintf("trap %d", i), When: fmt.Sprintf(`event.source == "trap" && event.labels.trap == "t%d"`, i),
			Set: &SetSpec{Severity: "major", Title: `event.labels.trap + " on " + event.labels.host`, Key: `event.labels.host + ":" + event.labels.trap`}})
	}
	for i := range 40 {
		add(RuleSpec{Name: fmt.Sprintf("job %d", i), When: fmt.Sprintf(`event.labels.job == "job%d" && event.severity in ["minor", "major", "critical"]`, i),
			Labels: map[string]string{"team": `"team-" + event.labels.job`}, Set: &SetSpec{Team: fmt.Sprintf(`"team%d"`, i%7)}})
	}
	for i := range 30 {
		add(RuleSpec{Name: fmt.Sprintf("quiet %d", i), When: fmt.Sprintf(`event.labels.host == "host%d" && event.title.contains("debug")`, i), Drop: true})
	}
	for i := range 30 {
		add(RuleSpec{Name: fmt.Sprintf("class %d", i), When: fmt.Sprintf(`item.class == "class%d" && item.attributes.env == "prod"`, i), Set: &SetSpec{Severity: "critical"}})
	}
	for i := range 15 {
		add(RuleSpec{Name: fmt.Sprintf("name %d", i), When: fmt.Sprintf(`event.labels.alertname == "Alert%d" && int(event.labels.value) > 90`, i), Set: &SetSpec{Severity: "critical"}})
	}
	for i := range 12 {
		add(RuleSpec{Name: fmt.Sprintf("patience %d", i), When: fmt.Sprintf(`event.source == "syslog" && event.labels.app == "app%d" && event.severity == "minor"`, i), Hold: probe.Duration(time.Minute)})
	}
	add(RuleSpec{Name: "night", When: `event.at.getHours("Europe/Berlin") < 6 && event.severity == "info"`, Drop: true})
	add(RuleSpec{Name: "word", When: `event.title.matches("(?i)test[- ]?alarm")`, Drop: true})
	add(RuleSpec{Name: "prefix", When: `event.key.startsWith("lab:")`, Set: &SetSpec{Severity: "info"}})
	for i := len(list); i < 200; i++ {
		add(RuleSpec{Name: fmt.Sprintf("more %d", i), When: fmt.Sprintf(`event.check == "check%d" || event.check == "probe%d"`, i, i), Set: &SetSpec{Team: `"web"`}})
	}
	return Document{Name: "estate", Spec: Spec{Rules: list}}
}

func estateEvents(now time.Time) []Event {
	list := make([]Event, 0, 1000)
	for i := range 1000 {
		e := Event{Event: core.Event{At: now, Kind: core.Problem, Severity: core.Severity(1 + i%5), Key: fmt.Sprintf("key%d", i), Title: fmt.Sprintf("Something of %d is wrong", i),
			Labels: map[string]string{"host": fmt.Sprintf("host%d", i%300), "env": "prod"}}}
		switch i % 5 {
		case 0:
			e.Source, e.Labels["trap"] = "trap", fmt.Sprintf("t%d", i%80)
		case 1:
			e.Source, e.Labels["job"], e.Labels["alertname"], e.Labels["value"] = "alertmanager", fmt.Sprintf("job%d", i%60), fmt.Sprintf("Alert%d", i%40), fmt.Sprint(i%100)
		case 2:
			e.Source, e.Labels["app"] = "syslog", fmt.Sprintf("app%d", i%50)
		case 3:
			e.Source, e.Check, e.Item = "check", fmt.Sprintf("check%d", 150+i%100), fmt.Sprintf("item%d", i%500)
		default:
			e.Source, e.Item = "webhook:jenkins", fmt.Sprintf("item%d", i%500)
		}
		list = append(list, e)
	}
	return list
}

func estateSet(tb testing.TB) *Set {
	tb.Helper()
	hosts := Table{}
	for i := range 200 {
		hosts[fmt.Sprintf("host%d", i)] = map[string]string{"rack": fmt.Sprint(i / 10)}
	}
	items := map[string]map[string]any{}
	for i := range 500 {
		items[fmt.Sprintf("item%d", i)] = map[string]any{"name": fmt.Sprintf("n%d", i), "class": fmt.Sprintf("class%d", i%60), "owner": "ann", "site": "berlin", "attributes": map[string]any{"env": "prod"}}
	}
	set, err := Compile([]Document{estate()}, Options{Tables: map[string]Table{"hosts": hosts}, Items: func(id string) map[string]any { return items[id] }})
	if err != nil {
		tb.Fatal(err)
	}
	if len(set.Rules()) != 200 {
		tb.Fatal(len(set.Rules()), "rules")
	}
	return set
}

// BenchmarkPipeline lets events pass 200 rules, with those that remember, in
// batches of 500. One operation is one event.
func BenchmarkPipeline(b *testing.B) {
	set := estateSet(b)
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	list := estateEvents(now)
	book := NewBook(func() bool { return true }, func() {})
	matched := 0
	b.ReportAllocs()
	b.ResetTimer()
	began := cpuTime()
	for n := range b.N {
		v := set.Shape(context.Background(), list[n%len(list)], now)
		matched += len(v.Matched)
		m := Machine{Set: set, Book: book, Now: now}
		m.Take(&v, list[n%len(list)].Key)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(b.N)/(cpuTime()-began).Seconds(), "events/cpu-s")
	b.ReportMetric(float64(matched)/float64(b.N), "matches/event")
}
