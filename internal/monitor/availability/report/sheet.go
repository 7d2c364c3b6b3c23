package report

import (
	"bytes"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// Sheet writes a workbook: figures, outages and days, one table a sheet, with
// real numbers and times.
func Sheet(to *bytes.Buffer, m Month) error {
	f := excelize.NewFile()
	defer f.Close()
	b := &book{file: f}
	b.table("Availability", []string{"Item", "Class", "Target", "Target %", "Availability %", "Met", "Agreed h", "Maintenance h", "Up h", "Degraded h", "Down min", "Unknown h",
		"Budget min", "Budget left min", "Outages", "Longest min", "MTTR min", "MTBF h"})
	for _, i := range m.Items {
		g := i.Figures
		var available, target any
		if g.Availability != nil {
			available = *g.Availability
		}
		if g.Target > 0 {
			target = g.Target
		}
		var repair, between any
		if g.MTTR != nil {
			repair = float64(*g.MTTR) / 60
		}
		if g.MTBF != nil {
			between = float64(*g.MTBF) / 3600
		}
		b.row(i.Name, i.Class, i.Target, target, available, i.met(), float64(g.Agreed)/3600, float64(g.Maintenance)/3600, float64(g.Up)/3600, float64(g.Degraded)/3600,
			float64(g.Down)/60, float64(g.Unknown)/3600, float64(g.Budget)/60, float64(g.BudgetLeft)/60, g.Outages, float64(g.Longest)/60, repair, between)
	}
	b.table("Outages", []string{"Item", "From", "To", "Minutes", "Time zone", "Causes", "Incidents"})
	for _, i := range m.Items {
		for _, o := range i.Outages {
			var end any
			if !o.To.IsZero() {
				end = wall(o.To, i.Zone)
			}
			b.row(i.Name, wall(o.From, i.Zone), end, float64(o.Lasted)/60, i.Zone.String(), strings.Join(o.Causes, ", "), strings.Join(o.Incidents, ", "))
		}
	}
	b.table("Days", []string{"Item", "Date", "State", "Availability %", "Down min", "Degraded min", "Maintenance min"})
	for _, i := range m.Items {
		for _, d := range i.Days {
			var available any
			if d.Availability != nil {
				available = *d.Availability
			}
			b.row(i.Name, d.Date, string(d.Worst), available, float64(d.Down)/60, float64(d.Degraded)/60, float64(d.Maintenance)/60)
		}
	}
	if b.err != nil {
		return b.err
	}
	return f.Write(to)
}

// wall is what a clock in the zone shows: sheets know no zones.
func wall(t time.Time, zone *time.Location) time.Time {
	l := t.In(zone)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC)
}

// book writes rows and keeps the first error.
type book struct {
	file  *excelize.File
	sheet string
	line  int
	err   error
}

func (b *book) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) table(name string, head []string) {
	if b.sheet == "" {
		b.do(b.file.SetSheetName("Sheet1", name))
	} else {
		_, err := b.file.NewSheet(name)
		b.do(err)
	}
	b.sheet, b.line = name, 0
	cells := make([]any, len(head))
	for i, h := range head {
		cells[i] = h
	}
	b.row(cells...)
	bold, err := b.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	b.do(err)
	b.do(b.file.SetRowStyle(name, 1, 1, bold))
	last, err := excelize.ColumnNumberToName(len(head))
	b.do(err)
	b.do(b.file.SetColWidth(name, "A", last, 15))
	b.do(b.file.SetColWidth(name, "A", "A", 28))
	b.do(b.file.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	b.do(b.file.AutoFilter(name, "A1:"+last+"1", nil))
}

func (b *book) row(cells ...any) {
	b.line++
	at, err := excelize.CoordinatesToCellName(1, b.line)
	b.do(err)
	b.do(b.file.SetSheetRow(b.sheet, at, &cells))
}
