package dashboard

import (
	"slices"
	"strconv"
	"strings"
)

// oldGraph takes over what the graph panel had before it became timeseries.
func (c *converter) oldGraph(p loose, out *Panel, where string) {
	axes := p.list("yaxes")
	unit := func(i int) string {
		if formats := p.texts("y_formats"); len(axes) <= i && len(formats) > i {
			return formats[i]
		}
		if len(axes) > i {
			return axes[i].text("format")
		}
		return ""
	}
	out.Unit = c.unit(unit(0), where)
	if len(axes) > 0 {
		out.Min, out.Max = axes[0].number("min"), axes[0].number("max")
		if base := axes[0].number("logBase"); base != nil && *base > 1 {
			c.note(where, "logarithmic axis", "axes are linear")
		}
	}
	d := Draw{Step: p.flag("steppedLine"), Join: p.text("nullPointMode") == "connected"}
	switch fill := p.number("fill"); {
	case p.flag("bars"):
		d.Style = "bars"
	case p.has("lines") && !p.flag("lines") && p.flag("points"):
		d.Style = "points"
	case fill != nil && *fill > 0:
		d.Style = "area"
	}
	if p.flag("stack") {
		d.Stack = "normal"
		if p.flag("percentage") {
			d.Stack = "percent"
		}
	}
	if d != (Draw{}) {
		out.Draw = &d
	}
	c.oldLegend(p.get("legend"), out)
	var list []Threshold
	for _, t := range p.list("thresholds") {
		if at := t.number("value"); at != nil {
			severity := map[string]string{"critical": "critical", "warning": "warning", "ok": "clear"}[t.text("colorMode")]
			if severity == "" {
				severity = severityOf(t.text("fillColor") + t.text("lineColor"))
			}
			if t.text("op") == "lt" {
				c.note(where, "threshold", "what is below "+strconv.FormatFloat(*at, 'f', -1, 64)+" is not marked: thresholds hold from their value on")
				continue
			}
			list = append(list, Threshold{From: at, Severity: severity})
		}
	}
	c.take(list, out, where)
	for _, o := range p.list("seriesOverrides") {
		if n := o.number("yaxis"); n == nil || *n != 2 || out.Right != nil {
			c.note(where, "series override", "not taken over for "+cut(o.text("alias"), 60))
			continue
		}
		match := "^" + quoteRegexp(o.text("alias")) + "$"
		if m := slashed.FindStringSubmatch(o.text("alias")); m != nil {
			match = m[1]
		}
		out.Right = &Right{Match: match, Unit: c.unit(unit(1), where)}
	}
}

func (c *converter) oldLegend(l loose, out *Panel) {
	if l.v == nil {
		return
	}
	legend := &Legend{}
	switch {
	case l.has("show") && !l.flag("show"):
		legend.As = "none"
	case l.flag("alignAsTable"):
		legend.As = "table"
	}
	if l.flag("values") {
		for _, calc := range []string{"min", "max", "avg", "current", "total"} {
			if l.flag(calc) {
				legend.Calcs = append(legend.Calcs, calcOf(calc))
			}
		}
	}
	if legend.As != "" || len(legend.Calcs) > 0 {
		out.Legend = legend
	}
}

// oldStat takes over what a singlestat had.
func (c *converter) oldStat(p loose, out *Panel, where string) {
	out.Reduce = calcOf(p.text("valueName"))
	out.Spark = p.flag("sparkline", "show")
	if out.Type == Gauge {
		out.Spark = false
		out.Min, out.Max = p.number("gauge", "minValue"), p.number("gauge", "maxValue")
	}
	colours := p.texts("colors")
	list := []Threshold{}
	for i, text := range append([]string{""}, strings.Split(p.text("thresholds"), ",")...) {
		if i >= len(colours) {
			break
		}
		at := loose{strings.TrimSpace(text)}.number()
		if i == 0 || at != nil {
			list = append(list, Threshold{From: at, Severity: severityOf(colours[i])})
		}
	}
	if p.flag("colorBackground") || p.flag("colorValue") || out.Type == Gauge {
		c.take(list, out, where)
	}
	if before, after := p.text("prefix"), p.text("postfix"); before != "" || after != "" {
		if out.Unit == "" && before == "" && len(after) <= 30 {
			out.Unit = strings.TrimSpace(after)
		} else {
			c.note(where, "prefix and postfix", "a number has its unit alone")
		}
	}
	out.Mappings = slices.Clip(out.Mappings)
}
