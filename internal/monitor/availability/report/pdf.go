package report

import (
	"bytes"
	"fmt"

	"mainstay/internal/platform/paper"
)

// PDF writes an overview of all items and a section for each.
func PDF(to *bytes.Buffer, m Month) error {
	p := &writer{paper.NewPDF("Availability "+m.title(), paper.Foot("availability "+m.title(), m.Made), m.Made), m}
	p.overview()
	for _, i := range m.Items {
		p.item(i)
	}
	return p.Write(to)
}

// writer puts a month on paper.
type writer struct {
	*paper.PDF
	month Month
}

func (p *writer) overview() {
	p.Head("Availability", p.month.title())
	if len(p.month.Items) == 0 {
		p.Text(paper.Margin, p.Y, 10, paper.Regular, "No item has an availability target.")
		return
	}
	table := p.Table(9, paper.Left("Item", 156), paper.Right("Target", 55), paper.Right("Availability", 68), paper.Left("", 38),
		paper.Right("Down", 60), paper.Right("Budget left", 62), paper.Right("Outages", 36))
	for _, i := range p.month.Items {
		target, left := "-", "-"
		if i.Figures.Target > 0 {
			target, left = fmt.Sprintf("%g %%", i.Figures.Target), length(i.Figures.BudgetLeft)
		}
		table.Row(i.Name, target, percent(i.Figures.Availability), i.met(), length(i.Figures.Down), left, fmt.Sprint(i.Figures.Outages))
	}
	p.Y += 16
}
