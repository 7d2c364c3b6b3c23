package dashboard

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// typeOf is the type of panel that shows what one of Grafana's does, and what
// is different.
func typeOf(kind string, p loose) (as, difference string) {
	switch kind {
	case "graph", "timeseries", "trend":
		return TimeSeries, ""
	case "singlestat":
		if p.flag("gauge", "show") {
			return Gauge, ""
		}
		return StatPanel, ""
	case "stat":
		return StatPanel, ""
	case "gauge":
		return Gauge, ""
	case "bargauge":
		return Bar, ""
	case "barchart":
		return Bar, "its bars are the newest values of the series"
	case "piechart", "grafana-piechart-panel":
		return TopList, "shares are shown as a top list"
	case "table", "table-old":
		return Table, ""
	case "heatmap":
		return Heatmap, ""
	case "state-timeline", "status-history":
		return StateTimeline, ""
	case "text":
		return Text, ""
	}
	return "", ""
}

// panel takes one over, if there is a panel here that shows the like.
func (c *converter) panel(p loose) (Panel, bool) {
	kind := p.text("type")
	where := "panel " + cmp.Or(cut(p.text("title"), 200), "without a title")
	as, difference := typeOf(kind, p)
	switch {
	case p.has("libraryPanel") && kind == "":
		c.note(where, "library panel", "its definition is not part of the export")
		return Panel{}, false
	case as == "":
		c.note(where, cmp.Or(cut(kind, 60), "panel without a type"), "there is no such panel here")
		return Panel{}, false
	}
	if difference != "" {
		c.note(where, kind, difference)
	}
	out := Panel{Type: as, Title: cut(p.text("title"), 200), Description: cut(p.text("description"), 4000), At: Place{
		X: p.whole(0, Columns-1, 0, "gridPos", "x"), Y: p.whole(0, 100_000, 0, "gridPos", "y"), W: p.whole(1, Columns, 12, "gridPos", "w"), H: p.whole(1, 100, 8, "gridPos", "h")}}
	out.At.W = min(out.At.W, Columns-out.At.X)
	out.Repeat = c.repeat(p.text("repeat"), where)
	if as == Text {
		out.Text = cut(cmp.Or(p.text("options", "content"), p.text("content")), 40_000)
		if mode := cmp.Or(p.text("options", "mode"), p.text("mode")); mode == "html" {
			c.note(where, "HTML", "what Markdown cannot say is left out when it is shown")
		}
		return out, true
	}
	if out.Targets = c.targets(p, where); len(out.Targets) == 0 {
		c.note(where, kind, "it has no expression for Prometheus")
		return Panel{}, false
	}
	c.looks(p, &out, kind, where)
	if len(p.list("transformations")) > 0 {
		c.note(where, "transformations", "results are shown as they come")
	}
	for _, shift := range []string{"timeFrom", "timeShift"} {
		if p.text(shift) != "" {
			c.note(where, shift, "all panels have the dashboard's time range")
		}
	}
	for _, l := range p.list("links") {
		link := Link{Title: cut(cmp.Or(l.text("title"), "Link"), 200), To: l.text("url")}
		if linkAddress.MatchString(link.To) && len(link.To) <= 2000 && len(out.Links) < 20 {
			out.Links = append(out.Links, link)
		} else {
			c.note(where, "link", "it does not lead to an address")
		}
	}
	return out, true
}

// otherSource says which source a reference names, if it is not Prometheus. A
// name alone does not tell: such a panel is taken.
func (c *converter) otherSource(ref loose) string {
	if kind := ref.text("type"); kind != "" && kind != "prometheus" && kind != "mixed" && ref.text("uid") != "-- Mixed --" {
		return kind
	}
	if ref.text() == "-- Grafana --" || ref.text() == "-- Dashboard --" {
		return ref.text()
	}
	return ""
}

func (c *converter) targets(p loose, where string) []Target {
	var out []Target
	for _, t := range p.list("targets") {
		source := c.otherSource(p.get("datasource"))
		if t.has("datasource") {
			source = c.otherSource(t.get("datasource"))
		}
		switch expr := t.text("expr"); {
		case source != "":
			c.note(where, "query "+cut(t.text("refId"), 20), "it asks "+cut(source, 60)+", not Prometheus")
		case strings.TrimSpace(expr) == "":
			c.note(where, "query "+cut(t.text("refId"), 20), "it has no expression")
		case len(out) == 20:
			c.note(where, "query "+cut(t.text("refId"), 20), "there are too many")
		default:
			legend := t.text("legendFormat")
			if legend == "__auto" {
				legend = ""
			}
			out = append(out, Target{Query: expr, Legend: cut(legend, 400), Instant: t.flag("instant") && !t.flag("range"), Hidden: t.flag("hide")})
		}
	}
	return out
}

// looks takes over how values are shown.
func (c *converter) looks(p loose, out *Panel, kind, where string) {
	field := p.get("fieldConfig", "defaults")
	out.Unit = c.unit(cmp.Or(field.text("unit"), p.text("format")), where)
	out.Min, out.Max = field.number("min"), field.number("max")
	if d := cmp.Or(field.number("decimals"), p.number("decimals")); d != nil && *d >= 0 && *d <= 9 {
		n := int(*d)
		out.Decimals = &n
	}
	switch kind {
	case "graph":
		c.oldGraph(p, out, where)
	case "singlestat":
		c.oldStat(p, out, where)
	case "heatmap":
		if p.flag("options", "calculate") || p.text("dataFormat") == "timeseries" {
			c.note(where, "buckets", "a heatmap here shows histograms, and does not count series into buckets")
		}
	}
	c.newThresholds(field.get("thresholds"), out, where)
	c.mappings(field, p, out, where)
	c.draw(field.get("custom"), out)
	c.legend(p.get("options", "legend"), out)
	if calcs := p.texts("options", "reduceOptions", "calcs"); len(calcs) > 0 {
		if out.Reduce = calcOf(calcs[0]); out.Reduce == "" {
			c.note(where, "calculation "+cut(calcs[0], 40), "the newest value is shown")
		}
	}
	if out.Type == StatPanel && p.text("options", "graphMode") == "area" {
		out.Spark = true
	}
	c.overrides(p, out, where)
	if out.Min != nil && out.Max != nil && *out.Min >= *out.Max {
		out.Min, out.Max = nil, nil
	}
}

// calcOf is Grafana's name of a calculation as it is called here.
func calcOf(name string) string {
	switch name {
	case "last", "lastNotNull", "current":
		return "last"
	case "first", "firstNotNull":
		return "first"
	case "mean", "avg":
		return "avg"
	case "min", "max", "count":
		return name
	case "sum", "total":
		return "sum"
	}
	return ""
}

func (c *converter) draw(custom loose, out *Panel) {
	if out.Type != TimeSeries || custom.v == nil {
		return
	}
	d := Draw{}
	switch style := custom.text("drawStyle"); {
	case style == "bars", style == "points":
		d.Style = style
	case custom.number("fillOpacity") != nil && *custom.number("fillOpacity") > 0:
		d.Style = "area"
	}
	if mode := custom.text("stacking", "mode"); mode == "normal" || mode == "percent" {
		d.Stack = mode
	}
	d.Step = strings.HasPrefix(custom.text("lineInterpolation"), "step")
	d.Join = custom.flag("spanNulls") || custom.number("spanNulls") != nil
	if d != (Draw{}) {
		out.Draw = &d
	}
}

func (c *converter) legend(l loose, out *Panel) {
	if out.Type != TimeSeries || l.v == nil {
		return
	}
	legend := &Legend{}
	switch {
	case l.text("displayMode") == "hidden" || l.has("showLegend") && !l.flag("showLegend"):
		legend.As = "none"
	case l.text("displayMode") == "table":
		legend.As = "table"
	}
	for _, calc := range l.texts("calcs") {
		if name := calcOf(calc); name != "" && !slices.Contains(legend.Calcs, name) {
			legend.Calcs = append(legend.Calcs, name)
		}
	}
	if legend.As != "" || len(legend.Calcs) > 0 {
		out.Legend = legend
	}
}

// overrides takes over which series are against the axis at the right; what
// else is set for single series is told.
func (c *converter) overrides(p loose, out *Panel, where string) {
	lost := map[string]bool{}
	for _, o := range p.list("fieldConfig", "overrides") {
		match := ""
		switch o.text("matcher", "id") {
		case "byName":
			match = "^" + quoteRegexp(o.text("matcher", "options")) + "$"
		case "byRegexp":
			match = o.text("matcher", "options")
			if m := slashed.FindStringSubmatch(match); m != nil {
				match = m[1]
			}
		}
		right, unit := false, ""
		for _, set := range o.list("properties") {
			switch id := set.text("id"); {
			case id == "custom.axisPlacement" && set.text("value") == "right" && match != "":
				right = true
			case id == "unit":
				unit = set.text("value")
			case id != "":
				lost[cut(id, 60)] = true
			}
		}
		if right && out.Type == TimeSeries && out.Right == nil {
			out.Right = &Right{Match: match, Unit: c.unit(unit, where)}
		} else if right || unit != "" {
			lost["unit or axis of one series"] = true
		}
	}
	if len(lost) > 0 {
		c.note(where, "overrides", "not taken over for single series: "+strings.Join(slices.Sorted(maps.Keys(lost)), ", "))
	}
}
