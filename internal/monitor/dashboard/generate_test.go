package dashboard

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/metricstore"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestEveryLayoutMakesWhatIsValid(t *testing.T) {
	t.Parallel()
	layouts, err := readLayouts(layoutText)
	if err != nil {
		t.Fatal(err)
	}
	variables := []Variable{{Name: "item", Kind: OfText}, {Name: "parent", Kind: OfText}, {Name: "part", Kind: OfText}}
	for _, l := range layouts {
		for _, wish := range l.Panels {
			if len(wish.Choices) == 0 {
				t.Errorf("%s, %s: no choice", l.Class, wish.Title)
			}
			for i, choice := range wish.Choices {
				only := wish
				only.Choices = []curatedChoice{choice}
				p, needs, ok := only.panel(set(choice.Needs))
				if !ok || len(needs) == 0 {
					t.Fatalf("%s, %s: choice %d is never taken", l.Class, wish.Title, i)
				}
				if err := (Spec{Title: "t", Variables: variables, Panels: []Panel{p}}).Validate("d"); err != nil {
					t.Errorf("%s, %s, choice %d: %v", l.Class, wish.Title, i, err)
				}
				for _, target := range p.Targets {
					if !strings.Contains(target.Query, `item="$item"`) && !strings.Contains(target.Query, `item="$parent"`) {
						t.Errorf("%s, %s: %s is not about the item", l.Class, wish.Title, target.Query)
					}
					for _, metric := range needs {
						if len(p.Targets) == 1 && !strings.Contains(target.Query, metric) {
							t.Errorf("%s, %s: %s is needed and not shown", l.Class, wish.Title, metric)
						}
					}
				}
			}
		}
	}
}

func TestADashboardIsMadeOfWhatIsMeasured(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.measure("system_cpu_utilization item h1 mode idle", "system_network_io_bytes_total item h1 interface eth0 direction receive", "fan_speed item h1 fan 1", "jobs_done_total item h1",
		"reply_seconds_bucket item h1 le 1", "reply_seconds_sum item h1", "reply_seconds_count item h1", "wait_seconds_sum item h1", "wait_seconds_count item h1", "mainstay_agent_queue_records item h1", "fan_speed item h2 fan 1")
	w.metrics.Describe(metricstore.Metadata{Metric: "fan_speed", Type: "gauge", Help: "How fast fans turn."})
	got := w.call(user("kim", auth.Operator, ""), "GET", "/dashboard-classes/host?item=h1", "", nil, http.StatusOK)
	if got["name"] != "web1" || got["class"] != "virtual_machine" {
		t.Errorf("%v", got)
	}
	spec, err := w.c.Generate(t.Context(), w.items["h1"])
	if err != nil {
		t.Fatal(err)
	}
	if err := spec.Validate("d"); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, p := range spec.Panels {
		line := p.Type + " " + p.Title
		if len(p.Targets) > 0 {
			line += ": " + p.Targets[0].Query + " " + p.Unit
		}
		seen = append(seen, line)
	}
	compare(t, "panel", seen, `
stat Processor: 1 - max(system_cpu_utilization{item="$item",mode="idle"}) ratio
timeseries Where the processor's time goes: sum by (mode) (system_cpu_utilization{item="$item",mode!="idle"}) ratio
row Network
timeseries Network traffic: sum by (interface, direction, network_interface_name, network_io_direction) (rate(system_network_io_bytes_total{item="$item"}[$__rate_interval])) bytes/s
row Everything else that is measured
timeseries Fan speed: fan_speed{item="$item"} count
timeseries Jobs done: rate(jobs_done_total{item="$item"}[$__rate_interval]) per second
heatmap Reply: sum by (le) (rate(reply_seconds_bucket{item="$item"}[$__rate_interval])) seconds
timeseries Wait, mean: rate(wait_seconds_sum{item="$item"}[$__rate_interval]) / rate(wait_seconds_count{item="$item"}[$__rate_interval]) seconds
timeseries Mainstay agent queue records: mainstay_agent_queue_records{item="$item"} count`)
	if i := slices.IndexFunc(spec.Panels, func(p Panel) bool { return p.Title == "Fan speed" }); spec.Panels[i].Description != "How fast fans turn." {
		t.Errorf("%+v", spec.Panels[i])
	}
	for i, p := range spec.Panels {
		for _, q := range spec.Panels[:i] {
			if p.At.X < q.At.X+q.At.W && q.At.X < p.At.X+p.At.W && p.At.Y < q.At.Y+q.At.H && q.At.Y < p.At.Y+p.At.H {
				t.Errorf("%s lies on %s", p.Title, q.Title)
			}
		}
	}
}

func TestAPartIsMeasuredThroughItsParent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.measure("system_network_io_bytes_total item h1 interface eth0 direction receive", "mainstay_check_up item h1-eth0 check ping")
	spec, err := w.c.Generate(t.Context(), w.items["h1-eth0"])
	if err != nil {
		t.Fatal(err)
	}
	if err := spec.Validate("d"); err != nil {
		t.Fatal(err)
	}
	if len(spec.Panels) != 3 || spec.Panels[0].Title != "Traffic" || spec.Panels[2].Targets[0].Query != `mainstay_check_up{item="$item"}` {
		t.Errorf("%+v", spec.Panels)
	}
	if v := spec.Variables; v[1].Options[0] != "h1" || v[2].Options[0] != `e"0` {
		t.Errorf("%+v", v)
	}
}

func TestGeneratedDashboardsKeepItemsOfOtherTeams(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	li := user("li", auth.Operator, "red")
	w.call(li, "GET", "/dashboard-classes/host?item=h1", "", nil, http.StatusNotFound)
	if got := w.call(li, "GET", "/dashboard-classes/virtual_machine", "", nil, http.StatusOK); got["item"] != "h2" {
		t.Errorf("%v", got)
	}
	if got := w.call(li, "GET", "/dashboard-items?selector=class=virtual_machine", "", nil, http.StatusOK)["items"].([]any); len(got) != 1 || got[0].(object)["name"] != "web2" {
		t.Errorf("%v", got)
	}
	w.call(li, "GET", "/dashboard-classes/printer", "", nil, http.StatusNotFound)
	w.call(li, "GET", "/dashboard-items?selector=nonsense", "", nil, http.StatusUnprocessableEntity)
}
