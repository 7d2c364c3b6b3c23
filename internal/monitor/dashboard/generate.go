package dashboard

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"mainstay/internal/platform/metricstore"
)

// mostRest bounds how many panels a generated dashboard has beside the curated ones.
const mostRest = 48

// measuredWithin is how far back a series may end and still count as measured.
const measuredWithin = "1h"

// Generate makes the dashboard of an item: what the layout of its class says,
// as far as it is measured, and then whatever else is.
func (c *Component) Generate(ctx context.Context, item Item) (Spec, error) {
	l := layoutOf(c.layouts, item.Classes)
	subject, part := item.ID, l.Through == "parent" && item.Parent != ""
	if part {
		subject = item.Parent
	}
	names, err := c.measured(ctx, subject)
	if err != nil {
		return Spec{}, err
	}
	own := names
	if part {
		if own, err = c.measured(ctx, item.ID); err != nil {
			return Spec{}, err
		}
	}
	described, err := c.deps.Metrics.Metadata(ctx)
	if err != nil {
		described = nil // it can be drawn by the names alone
	}
	spec := Spec{Title: item.Name, Description: "What is measured of this " + strings.ReplaceAll(item.Class, "_", " ") + ".", Tags: []string{item.Class}, From: "now-3h", To: "now",
		Variables: []Variable{{Name: "item", Label: "Item", Kind: OfGraph, Selector: "class=" + item.Class, Default: []string{item.ID}}}}
	if part {
		spec.Variables = append(spec.Variables, Variable{Name: "parent", Kind: OfConstant, Options: []string{item.Parent}, Hidden: true},
			Variable{Name: "part", Kind: OfConstant, Options: []string{item.Name}, Hidden: true})
	}
	var g grid
	used := map[string]bool{}
	section := ""
	for _, wish := range l.Panels {
		p, needs, ok := wish.panel(set(names))
		if !ok {
			continue
		}
		if wish.Section != "" && wish.Section != section {
			section = wish.Section
			g.row(section, false)
		}
		for _, n := range needs {
			used[n] = true
		}
		g.add(p)
	}
	rest := leftOver(own, used)
	if len(rest) > 0 && len(g.panels) > 0 {
		g.row("Everything else that is measured", true)
	}
	for _, r := range rest[:min(len(rest), mostRest)] {
		g.add(r.panel(described))
	}
	spec.Panels = g.panels
	return spec, nil
}

// quoted is a text as it stands between the quotes of a matcher.
func quoted(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text)
}

func set(names []string) map[string]bool {
	out := make(map[string]bool, len(names))
	for _, n := range names {
		out[n] = true
	}
	return out
}

// measured lists the metrics that an item has series of, sorted.
func (c *Component) measured(ctx context.Context, item string) ([]string, error) {
	expr := fmt.Sprintf(`group by (__name__) (last_over_time({item="%s"}[%s]))`, quoted(item), measuredWithin)
	result, err := c.deps.Metrics.Query(ctx, expr, c.deps.Clock.Now())
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(result.Series))
	for _, s := range result.Series {
		if name := s.Labels.Get("__name__"); name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// family is one metric that no curated panel shows; a histogram is one.
type family struct {
	name      string
	histogram bool // classic: with _bucket
	summary   bool // _sum and _count without buckets
}

// leftOver lists what is measured and not used, histograms and summaries as one each.
func leftOver(names []string, used map[string]bool) []family {
	have := set(names)
	seen := map[string]bool{}
	var out []family
	for _, n := range names {
		f := family{name: n}
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			base, ok := strings.CutSuffix(n, suffix)
			if ok && (have[base+"_bucket"] || have[base+"_sum"] && have[base+"_count"]) {
				f = family{base, have[base+"_bucket"], !have[base+"_bucket"]}
			}
		}
		if used[n] || used[f.name] || seen[f.name] {
			continue
		}
		seen[f.name] = true
		out = append(out, f)
	}
	// Mainstay's own figures come last.
	rank := func(f family) int {
		if strings.HasPrefix(f.name, "mainstay_") {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(out, func(a, b family) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}

// panel draws a metric by what it is said to be, and else by the conventions of names.
func (f family) panel(described map[string]metricstore.Metadata) Panel {
	about := described[f.name]
	p := Panel{Type: TimeSeries, Title: titleOf(f.name), Description: about.Help, Unit: unitOf(f.name, about.Unit), At: Place{W: 8, H: 7}}
	series := f.name + `{item="$item"}`
	switch {
	case f.histogram:
		p.Type = Heatmap
		p.Targets = []Target{{Query: `sum by (le) (rate(` + f.name + `_bucket{item="$item"}[$__rate_interval]))`}}
	case f.summary:
		p.Title += ", mean"
		p.Targets = []Target{{Query: `rate(` + f.name + `_sum{item="$item"}[$__rate_interval]) / rate(` + f.name + `_count{item="$item"}[$__rate_interval])`}}
	case about.Type == "histogram":
		p.Type = Heatmap
		p.Targets = []Target{{Query: `sum(rate(` + series + `[$__rate_interval]))`}}
	case about.Type == "counter" || strings.HasSuffix(f.name, "_total"):
		p.Unit = rated(p.Unit)
		p.Targets = []Target{{Query: `rate(` + series + `[$__rate_interval])`}}
	default:
		p.Targets = []Target{{Query: series}}
	}
	if p.Unit == "ratio" {
		zero, one := 0.0, 1.0
		p.Min, p.Max = &zero, &one
	}
	return p
}

// titleOf is a metric's name as a person says it.
func titleOf(metric string) string {
	for _, suffix := range []string{"_total", "_bytes", "_seconds", "_ratio", "_utilization", "_percent", "_celsius"} {
		metric = strings.TrimSuffix(metric, suffix)
	}
	words := strings.ReplaceAll(metric, "_", " ")
	return strings.ToUpper(words[:min(1, len(words))]) + words[min(1, len(words)):]
}

// unitOf is the unit that is declared, or that the name announces.
func unitOf(metric, declared string) string {
	name := strings.TrimSuffix(metric, "_total")
	for _, u := range []struct{ suffix, unit string }{
		{"bytes_per_second", "bytes/s"}, {"bits_per_second", "bits/s"}, {"bytes", "bytes"}, {"percent", "percent"}, {"ratio", "ratio"}, {"utilization", "ratio"},
		{"milliseconds", "milliseconds"}, {"seconds", "seconds"}, {"celsius", "celsius"},
	} {
		if declared == u.suffix || name == u.suffix || strings.HasSuffix(name, "_"+u.suffix) {
			return u.unit
		}
	}
	return "count"
}

// rated is the unit of a counter's rate.
func rated(unit string) string {
	switch unit {
	case "bytes":
		return "bytes/s"
	case "seconds":
		return "ratio" // seconds of each second
	case "count":
		return "per second"
	}
	return unit
}

// grid places panels from left to right, one shelf below the other.
type grid struct {
	panels        []Panel
	x, y, highest int
}

func (g *grid) row(title string, collapsed bool) {
	g.wrap()
	g.panels = append(g.panels, Panel{Type: Row, Title: title, Collapsed: collapsed, At: Place{Y: g.y, W: Columns, H: 1}})
	g.y++
}

func (g *grid) wrap() {
	if g.x > 0 {
		g.x, g.y, g.highest = 0, g.y+g.highest, 0
	}
}

func (g *grid) add(p Panel) {
	if g.x+p.At.W > Columns {
		g.wrap()
	}
	p.At.X, p.At.Y = g.x, g.y
	g.x += p.At.W
	g.highest = max(g.highest, p.At.H)
	g.panels = append(g.panels, p)
}
