package report

import (
	"bytes"
	"strings"

	"mainstay/internal/platform/paper"
)

// Sheet writes a workbook: figures, outages and days, one table a sheet, with
// real numbers and times.
func Sheet(to *bytes.Buffer, m Month) error {
	b := paper.NewBook()
	b.Table("Availability", "Item", "Class", "Target", "Target %", "Availability %", "Met", "Agreed h", "Maintenance h", "Up h", "Degraded h", "Down min", "Unknown h",
		"Budget min", "Budget left min", "Outages", "Longest min", "MTTR min", "MTBF h")
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
		b.Row(i.Name, i.Class, i.Target, target, available, i.met(), float64(g.Agreed)/3600, float64(g.Maintenance)/3600, float64(g.Up)/3600, float64(g.Degraded)/3600,
			float64(g.Down)/60, float64(g.Unknown)/3600, float64(g.Budget)/60, float64(g.BudgetLeft)/60, g.Outages, float64(g.Longest)/60, repair, between)
	}
	b.Table("Outages", "Item", "From", "To", "Minutes", "Time zone", "Causes", "Incidents")
	for _, i := range m.Items {
		for _, o := range i.Outages {
			var end any
			if !o.To.IsZero() {
				end = paper.Wall(o.To, i.Zone)
			}
			b.Row(i.Name, paper.Wall(o.From, i.Zone), end, float64(o.Lasted)/60, i.Zone.String(), strings.Join(o.Causes, ", "), strings.Join(o.Incidents, ", "))
		}
	}
	b.Table("Days", "Item", "Date", "State", "Availability %", "Down min", "Degraded min", "Maintenance min")
	for _, i := range m.Items {
		for _, d := range i.Days {
			var available any
			if d.Availability != nil {
				available = *d.Availability
			}
			b.Row(i.Name, d.Date, string(d.Worst), available, float64(d.Down)/60, float64(d.Degraded)/60, float64(d.Maintenance)/60)
		}
	}
	return b.Write(to)
}
