package dashboard

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
)

// section is a row and what is below it; the first may be without a row.
type section struct {
	row    *Panel
	panels []Panel
}

// panels takes the panels over, section by section, and places them anew: in
// an export, what a folded row hides lies where others are.
func (c *converter) panels(doc loose) {
	sections := []section{{}}
	for _, r := range doc.list("rows") {
		sections = append(sections, c.oldRow(r))
	}
	list := doc.list("panels")
	slices.SortStableFunc(list, func(a, b loose) int {
		return cmp.Or(cmp.Compare(a.whole(0, 100_000, 0, "gridPos", "y"), b.whole(0, 100_000, 0, "gridPos", "y")), cmp.Compare(a.whole(0, 24, 0, "gridPos", "x"), b.whole(0, 24, 0, "gridPos", "x")))
	})
	for _, p := range list {
		last := &sections[len(sections)-1]
		if p.text("type") != "row" {
			last.add(c.panel(p))
			continue
		}
		next := section{row: c.row(p.text("title"), p.flag("collapsed"), p.text("repeat"))}
		for _, inner := range p.list("panels") {
			next.add(c.panel(inner))
		}
		sections = append(sections, next)
	}
	y := 0
	for _, s := range sections {
		y = c.place(s, y)
	}
}

func (s *section) add(p Panel, ok bool) {
	if ok {
		s.panels = append(s.panels, p)
	}
}

// row makes the panel that begins a section.
func (c *converter) row(title string, collapsed bool, repeat string) *Panel {
	p := &Panel{Type: Row, Title: cut(title, 200), Collapsed: collapsed, At: Place{W: Columns, H: 1}}
	p.Repeat = c.repeat(repeat, "row "+p.Title)
	return p
}

// repeat is the variable a panel is repeated for, if there is such a one.
func (c *converter) repeat(name, where string) string {
	if name == "" {
		return ""
	}
	if _, ok := c.known[name]; !ok {
		c.note(where, "repeat", "the variable "+cut(name, 60)+" was not taken over")
		return ""
	}
	return name
}

// place gives the panels of a section their places from y on and returns what is below.
func (c *converter) place(s section, y int) int {
	if s.row == nil && len(s.panels) == 0 {
		return y
	}
	if s.row != nil {
		s.row.At.Y = y
		c.put(*s.row)
		y++
	}
	top := math.MaxInt
	for _, p := range s.panels {
		top = min(top, p.At.Y)
	}
	bottom := y
	for _, p := range s.panels {
		p.At.Y = min(y+p.At.Y-top, 100_000)
		bottom = max(bottom, p.At.Y+p.At.H)
		c.put(p)
	}
	return bottom
}

// put adds a panel when nothing is wrong with it.
func (c *converter) put(p Panel) {
	where := "panel " + cmp.Or(p.Title, "without a title")
	if len(c.spec.Panels) == mostPanels {
		c.note(where, p.Type, "there are too many panels")
		return
	}
	var bad faults
	bad.panel(p, c.known, "panel")
	if len(bad) > 0 {
		c.note(where, p.Type, bad[0].Field+": "+bad[0].Rule)
		return
	}
	c.spec.Panels = append(c.spec.Panels, p)
}

var pixels = regexp.MustCompile(`^(\d{1,5})(px)?$`)

// oldRow is a row as it was up to schema version 15: panels side by side with
// a span of twelfths.
func (c *converter) oldRow(r loose) section {
	var s section
	if r.flag("showTitle") || r.flag("collapse") || r.has("repeat") {
		s.row = c.row(r.text("title"), r.flag("collapse"), r.text("repeat"))
	}
	height := 8
	if m := pixels.FindStringSubmatch(r.text("height")); m != nil {
		n, _ := strconv.Atoi(m[1])
		height = max(2, min((n+29)/30, 100))
	}
	g := grid{}
	for _, p := range r.list("panels") {
		panel, ok := c.panel(p)
		if !ok {
			continue
		}
		panel.At = Place{W: 2 * p.whole(1, 12, 12, "span"), H: height}
		if m := pixels.FindStringSubmatch(p.text("height")); m != nil {
			n, _ := strconv.Atoi(m[1])
			panel.At.H = max(2, min((n+29)/30, 100))
		}
		g.add(panel)
	}
	s.panels = g.panels
	return s
}
