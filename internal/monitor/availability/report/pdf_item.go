package report

import (
	"fmt"
	"strings"
	"time"

	"mainstay/internal/monitor/availability/figures"
	"mainstay/internal/platform/paper"
)

// colour is the same for a state wherever it is shown.
func colour(s figures.State) paper.RGB {
	switch s {
	case figures.Up:
		return paper.RGB{63, 152, 92}
	case figures.Degraded:
		return paper.RGB{224, 164, 44}
	case figures.Down:
		return paper.RGB{200, 56, 56}
	case figures.Unknown:
		return paper.RGB{168, 174, 184}
	}
	return paper.RGB{232, 234, 238}
}

func (p *writer) item(i Item) {
	p.Room(270)
	p.Text(paper.Margin, p.Y, 14, paper.Bold, p.Cut(i.Name, 14, paper.Inner))
	p.Y += 20
	terms := "all time counts"
	if i.Calendar != "" {
		terms = "hours of the calendar " + i.Calendar
	}
	if i.Target != "" {
		terms = i.Target + ": " + terms
	}
	p.Ink(paper.Muted)
	p.Text(paper.Margin, p.Y, 9, paper.Regular, p.Cut(fmt.Sprintf("%s, %s, times in %s", i.Class, terms, i.Zone), 9, paper.Inner))
	p.Ink(paper.Black)
	p.Y += 20
	p.numbers(i)
	p.strip(i)
	p.timeline(i)
	p.outages(i)
	p.Y += 18
}

// numbers shows the figures in two rows of four.
func (p *writer) numbers(i Item) {
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
	const step = paper.Inner / 4
	for n, cell := range cells {
		x, y := paper.Margin+float64(n%4)*step, p.Y+float64(n/4)*46
		p.Ink(paper.Faint)
		p.Text(x, y, 8, paper.Regular, cell[0])
		p.Ink(paper.Black)
		p.Text(x, y+11, 12, paper.Bold, cell[1])
		p.Ink(paper.Faint)
		p.Text(x, y+26, 8, paper.Regular, p.Cut(cell[2], 8, step-6))
		p.Ink(paper.Black)
	}
	p.Y += 98
}

// strip is one box a day, coloured by its worst state.
func (p *writer) strip(i Item) {
	if len(i.Days) == 0 {
		return
	}
	step := paper.Inner / float64(max(len(i.Days), 28))
	for n, d := range i.Days {
		x := paper.Margin + float64(n)*step
		p.Box(x, p.Y, step-1.5, 16, colour(d.Worst))
		p.Ink(paper.Faint)
		if at, err := time.Parse("2006-01-02", d.Date); err == nil {
			p.Text(x+1, p.Y+18, 6, paper.Regular, fmt.Sprint(at.Day()))
		}
	}
	p.Ink(paper.Black)
	p.Y += 32
}

// timeline is the month as one bar.
func (p *writer) timeline(i Item) {
	whole := i.To.Sub(i.From).Seconds()
	until := i.To
	if p.month.Made.Before(until) {
		until = p.month.Made
	}
	p.Box(paper.Margin, p.Y, paper.Inner, 8, colour(figures.None))
	for _, s := range i.Timeline {
		from, to := s.From, s.To
		if from.Before(i.From) {
			from = i.From
		}
		if to.IsZero() || to.After(until) {
			to = until
		}
		if x := from.Sub(i.From).Seconds() / whole * paper.Inner; to.After(from) {
			p.Box(paper.Margin+x, p.Y, max(to.Sub(from).Seconds()/whole*paper.Inner, 0.4), 8, colour(s.State))
		}
	}
	p.Y += 20
	x := paper.Margin
	for _, s := range []figures.State{figures.Up, figures.Degraded, figures.Down, figures.Unknown} {
		p.Box(x, p.Y+1, 7, 7, colour(s))
		p.Text(x+11, p.Y, 8, paper.Regular, string(s))
		x += 68
	}
	p.Y += 20
}

func (p *writer) outages(i Item) {
	if len(i.Outages) == 0 {
		p.Ink(paper.Muted)
		p.Text(paper.Margin, p.Y, 9, paper.Regular, "No outage in the agreed hours.")
		p.Ink(paper.Black)
		p.Y += 16
		return
	}
	table := p.Table(8, paper.Left("From", 86), paper.Left("To", 86), paper.Right("Counted", 60), paper.Left("Cause", 110), paper.Left("Incidents", 145))
	for _, o := range i.Outages {
		end := "lasts"
		if !o.To.IsZero() {
			end = o.To.In(i.Zone).Format("2006-01-02 15:04")
		}
		table.Row(o.From.In(i.Zone).Format("2006-01-02 15:04"), end, length(o.Lasted), strings.Join(o.Causes, ", "), strings.Join(o.Incidents, ", "))
	}
}
