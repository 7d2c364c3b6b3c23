package dashboard

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// unit is a unit of Grafana's as it is called here; those not known are shown
// behind the number as they are.
func (c *converter) unit(name, where string) string {
	switch name {
	case "", "none", "short", "string", "sci", "hex":
		return ""
	case "bytes", "decbytes":
		return "bytes"
	case "Bps", "binBps", "decBps":
		return "bytes/s"
	case "bits", "decbits":
		return "bits"
	case "bps", "binbps", "decbps":
		return "bits/s"
	case "percent":
		return "percent"
	case "percentunit":
		return "ratio"
	case "s", "dtdurations", "clocks":
		return "seconds"
	case "ms", "dtdurationms":
		return "milliseconds"
	case "µs", "us":
		return "microseconds"
	case "ns":
		return "nanoseconds"
	case "m":
		return "minutes"
	case "h":
		return "hours"
	case "d":
		return "days"
	case "reqps", "ops", "rps", "wps", "iops", "cps", "eps", "mps", "pps", "recps", "rowsps":
		return "per second"
	case "celsius":
		return "celsius"
	case "watt":
		return "W"
	case "volt":
		return "V"
	case "amp":
		return "A"
	case "hertz":
		return "Hz"
	case "rotrpm":
		return "rpm"
	case "humidity":
		return "percent"
	}
	if suffix, ok := strings.CutPrefix(name, "suffix:"); ok {
		return cut(suffix, 30)
	}
	if scale, ok := map[string]string{"kbytes": "1024 bytes", "deckbytes": "1000 bytes", "mbytes": "mebibytes", "decmbytes": "megabytes", "gbytes": "gibibytes", "decgbytes": "gigabytes", "KBs": "kilobytes a second", "MBs": "megabytes a second"}[name]; ok {
		c.note(where, "unit "+name, "values that count "+scale+" are shown as bare numbers")
		return ""
	}
	c.note(where, "unit "+cut(name, 30), "it is shown behind the number")
	return cut(name, 30)
}

// newThresholds takes over the steps of a field.
func (c *converter) newThresholds(t loose, out *Panel, where string) {
	steps := t.list("steps")
	if len(steps) == 0 {
		return
	}
	share := t.text("mode") == "percentage"
	if share && (out.Min == nil || out.Max == nil) {
		if out.Unit == "ratio" {
			zero, one := 0.0, 1.0
			out.Min, out.Max = cmp.Or(out.Min, &zero), cmp.Or(out.Max, &one)
		} else if out.Unit == "percent" {
			zero, hundred := 0.0, 100.0
			out.Min, out.Max = cmp.Or(out.Min, &zero), cmp.Or(out.Max, &hundred)
		} else {
			c.note(where, "thresholds", "they are shares of a range that is not given")
			return
		}
	}
	var list []Threshold
	for i, s := range steps {
		t := Threshold{From: s.number("value"), Severity: severityOf(s.text("color"))}
		if t.From != nil && share {
			at := *out.Min + *t.From/100*(*out.Max-*out.Min)
			t.From = &at
		}
		if t.From == nil && i > 0 {
			continue
		}
		list = append(list, t)
	}
	c.take(list, out, where)
}

// take sets thresholds when they rise, as they must. One colour for everything
// says nothing.
func (c *converter) take(list []Threshold, out *Panel, where string) {
	slices.SortStableFunc(list, func(a, b Threshold) int {
		switch {
		case a.From == nil && b.From == nil:
			return 0
		case a.From == nil:
			return -1
		case b.From == nil:
			return 1
		}
		return cmp.Compare(*a.From, *b.From)
	})
	list = slices.CompactFunc(list, func(a, b Threshold) bool {
		return (a.From == nil) == (b.From == nil) && (a.From == nil || *a.From == *b.From)
	})
	if len(list) > 20 {
		c.note(where, "thresholds", "there are more than 20")
		list = list[:20]
	}
	if len(list) > 1 || len(list) == 1 && list[0].From != nil {
		out.Thresholds = list
	}
}

var hexColour = regexp.MustCompile(`^#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})`)
var rgbColour = regexp.MustCompile(`^rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})`)

// severityOf is the severity a colour is usually meant to say.
func severityOf(colour string) string {
	name := strings.ToLower(colour)
	for _, known := range []struct{ part, severity string }{{"green", "clear"}, {"yellow", "warning"}, {"orange", "major"}, {"red", "critical"}, {"blue", "info"}, {"purple", "info"}} {
		if strings.Contains(name, known.part) {
			return known.severity
		}
	}
	base := 16
	m := hexColour.FindStringSubmatch(name)
	if m == nil {
		m, base = rgbColour.FindStringSubmatch(name), 10
	}
	if m == nil {
		return "unknown"
	}
	var rgb [3]float64
	for i := range rgb {
		n, _ := strconv.ParseUint(m[i+1], base, 16)
		rgb[i] = math.Min(float64(n)/255, 1)
	}
	high, low := max(rgb[0], rgb[1], rgb[2]), min(rgb[0], rgb[1], rgb[2])
	if high-low < 0.12 {
		return "unknown" // grey
	}
	var hue float64
	switch span := high - low; high {
	case rgb[0]:
		hue = math.Mod((rgb[1]-rgb[2])/span*60+360, 360)
	case rgb[1]:
		hue = (rgb[2]-rgb[0])/span*60 + 120
	default:
		hue = (rgb[0]-rgb[1])/span*60 + 240
	}
	switch {
	case hue < 16 || hue >= 330:
		return "critical"
	case hue < 40:
		return "major"
	case hue < 70:
		return "warning"
	case hue < 170:
		return "clear"
	}
	return "info"
}

func quoteRegexp(text string) string { return regexp.QuoteMeta(cut(text, 200)) }

// mappings takes over what values are called, in the new form and the old.
func (c *converter) mappings(field, p loose, out *Panel, where string) {
	add := func(m Mapping) {
		m.Text, m.Value = cut(m.Text, 200), cut(m.Value, 200)
		if len(out.Mappings) < 100 && (m.Text != "" || m.Severity != "") && (m.Value != "" || m.From != nil || m.To != nil) {
			out.Mappings = append(out.Mappings, m)
		}
	}
	result := func(r loose) (text, severity string) {
		if r.has("color") {
			severity = severityOf(r.text("color"))
		}
		return r.text("text"), severity
	}
	for _, m := range field.list("mappings") {
		switch kind := m.text("type"); kind {
		case "value":
			options, _ := m.get("options").v.(map[string]any)
			for _, value := range sortedKeys(options) {
				text, severity := result(loose{options[value]})
				add(Mapping{Value: value, Text: text, Severity: severity})
			}
		case "range":
			text, severity := result(m.get("options", "result"))
			add(Mapping{From: m.number("options", "from"), To: m.number("options", "to"), Text: text, Severity: severity})
		case "1": // value to text, before version 8
			add(Mapping{Value: m.text("value"), Text: m.text("text")})
		case "2":
			add(Mapping{From: m.number("from"), To: m.number("to"), Text: m.text("text")})
		default:
			c.note(where, "mapping "+cut(kind, 40), "values and ranges of values are mapped alone")
		}
	}
	for _, m := range p.list("valueMaps") {
		add(Mapping{Value: m.text("value"), Text: m.text("text")})
	}
	for _, m := range p.list("rangeMaps") {
		add(Mapping{From: m.number("from"), To: m.number("to"), Text: m.text("text")})
	}
}

// sortedKeys puts numbers in their order.
func sortedKeys(m map[string]any) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b string) int {
		x, errX := strconv.ParseFloat(a, 64)
		y, errY := strconv.ParseFloat(b, 64)
		if errX == nil && errY == nil {
			return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
		}
		return cmp.Compare(a, b)
	})
	return out
}
