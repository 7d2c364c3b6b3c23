package report

import (
	"fmt"
	"strings"
	"time"

	"mainstay/internal/monitor/availability/figures"
)

type rgb [3]uint8

// colour is the same for a state wherever it is shown.
func colour(s figures.State) rgb {
	switch s {
	case figures.Up:
		return rgb{63, 152, 92}
	case figures.Degraded:
		return rgb{224, 164, 44}
	case figures.Down:
		return rgb{200, 56, 56}
	case figures.Unknown:
		return rgb{168, 174, 184}
	}
	return rgb{232, 234, 238}
}

func (p *paper) box(x, y, w, h float64, c rgb) {
	p.pdf.SetFillColor(c[0], c[1], c[2])
	p.pdf.RectFromUpperLeftWithStyle(x, y, w, h, "F")
}

func (p *paper) item(i Item) {
	p.room(270)
	p.text(margin, p.y, 14, "bold", p.cut(i.Name, 14, inner))
	p.y += 20
	terms := "all time counts"
	if i.Calendar != "" {
		terms = "hours of the calendar " + i.Calendar
	}
	if i.Target != "" {
		terms = i.Target + ": " + terms
	}
	p.ink(90)
	p.text(margin, p.y, 9, "regular", p.cut(fmt.Sprintf("%s, %s, times in %s", i.Class, terms, i.Zone), 9, inner))
	p.ink(20)
	p.y += 20
	p.numbers(i)
	p.strip(i)
	p.timeline(i)
	p.outages(i)
	p.y += 18
}

// numbers shows the figures in two rows of four.
func (p *paper) numbers(i Item) {
	f := i.Figures
	target, left := "no target", "-"
	if f.Target > 0 {
		target, left = fmt.Sprintf("target %g %%, %s", f.Target, i.met()), length(f.BudgetLeft)
	}
	cells := [][3]string{
		{"Availability", percent(f.Availability), target}, {"Down", length(f.Down), fmt.Sprintf("%d outages", f.Outages)},
		{"Error budget left", left, "of " + length(f.Budget)}, {"Longest outage", length(f.Longest), ""},
		{"Mean time to repair", optional(f.MTTR), ""}, {"Mean time between failures", optional(f.MTBF), ""},
		{"Maintenance, excluded", length(f.Maintenance), ""}, {"Unknown", length(f.Unknown), "of " + length(f.Agreed) + " agreed"},
	}
	const step = inner / 4
	for n, cell := range cells {
		x, y := margin+float64(n%4)*step, p.y+float64(n/4)*46
		p.ink(110)
		p.text(x, y, 8, "regular", cell[0])
		p.ink(20)
		p.text(x, y+11, 12, "bold", cell[1])
		p.ink(110)
		p.text(x, y+26, 8, "regular", p.cut(cell[2], 8, step-6))
		p.ink(20)
	}
	p.y += 98
}

// strip is one box a day, coloured by its worst state.
func (p *paper) strip(i Item) {
	if len(i.Days) == 0 {
		return
	}
	step := inner / float64(max(len(i.Days), 28))
	for n, d := range i.Days {
		x := margin + float64(n)*step
		p.box(x, p.y, step-1.5, 16, colour(d.Worst))
		p.ink(110)
		if at, err := time.Parse("2006-01-02", d.Date); err == nil {
			p.text(x+1, p.y+18, 6, "regular", fmt.Sprint(at.Day()))
		}
	}
	p.ink(20)
	p.y += 32
}

// timeline is the month as one bar.
func (p *paper) timeline(i Item) {
	whole := i.To.Sub(i.From).Seconds()
	until := i.To
	if p.month.Made.Before(until) {
		until = p.month.Made
	}
	p.box(margin, p.y, inner, 8, colour(figures.None))
	for _, s := range i.Timeline {
		from, to := s.From, s.To
		if from.Before(i.From) {
			from = i.From
		}
		if to.IsZero() || to.After(until) {
			to = until
		}
		if x := from.Sub(i.From).Seconds() / whole * inner; to.After(from) {
			p.box(margin+x, p.y, max(to.Sub(from).Seconds()/whole*inner, 0.4), 8, colour(s.State))
		}
	}
	p.y += 20
	x := margin
	for _, s := range []figures.State{figures.Up, figures.Degraded, figures.Down, figures.Unknown} {
		p.box(x, p.y+1, 7, 7, colour(s))
		p.text(x+11, p.y, 8, "regular", string(s))
		x += 68
	}
	p.y += 20
}

func (p *paper) outages(i Item) {
	if len(i.Outages) == 0 {
		p.ink(90)
		p.text(margin, p.y, 9, "regular", "No outage in the agreed hours.")
		p.ink(20)
		p.y += 16
		return
	}
	columns := []column{{"From", margin, 88, false}, {"To", margin + 92, 88, false}, {"Counted", margin + 180, 62, true}, {"Cause", margin + 252, 110, false}, {"Incidents", margin + 366, inner - 366, false}}
	p.head(columns)
	for _, o := range i.Outages {
		p.room(16)
		if p.y == margin {
			p.head(columns)
		}
		end := "lasts"
		if !o.To.IsZero() {
			end = o.To.In(i.Zone).Format("2006-01-02 15:04")
		}
		p.cells(columns, 8, "regular", o.From.In(i.Zone).Format("2006-01-02 15:04"), end, length(o.Lasted), strings.Join(o.Causes, ", "), strings.Join(o.Incidents, ", "))
	}
}
