package foresight

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/paper"
)

// files registers the report of a week, or of now, as files.
func (c *Component) files(api *httpapi.API) {
	for _, f := range []struct {
		format paper.Format
		write  func(*bytes.Buffer, Report) error
	}{{paper.PDFFile, writePDF}, {paper.SheetFile, writeSheet}, {paper.Markdown, writeMarkdown}} {
		api.Mount("GET /api/v1/capacity-report."+f.format.Suffix, "checks:read", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			week := r.URL.Query().Get("week")
			if week == "" {
				week = "now"
			}
			report, err := c.report(r.Context(), week)
			var content bytes.Buffer
			if err == nil {
				err = f.write(&content, report)
			}
			if err != nil {
				httpapi.WriteProblem(w, c.deps.Log, err)
				return
			}
			f.format.Serve(w, "capacity-"+report.Week, &content)
		}))
	}
}

// linesOf are the lines of a report; those of before have none that a file
// could be made of.
func linesOf(r Report) ([]ReportLine, error) {
	if r.Lines == nil {
		return nil, core.Errorf(core.CodeNotFound, "the report of week %s was kept as Markdown alone", r.Week)
	}
	return r.Lines, nil
}

func writeMarkdown(to *bytes.Buffer, r Report) error {
	_, err := to.WriteString(r.Markdown)
	return err
}

func writeSheet(to *bytes.Buffer, r Report) error {
	lines, err := linesOf(r)
	if err != nil {
		return err
	}
	date := func(t *time.Time) any {
		if t == nil {
			return nil
		}
		return paper.Wall(*t, time.UTC)
	}
	b := paper.NewBook()
	b.Table("Capacity", "Item", "Site", "Pool", "What", "Used %", "Used", "Capacity", "Unit", "Added a day", "Earliest", "Likely", "Latest", "Days left")
	for _, l := range lines {
		var left any
		if l.Likely != nil {
			left = l.Likely.Sub(r.At).Hours() / 24
		}
		b.Row(l.ItemName, l.Site, l.Pool, l.Title, 100*l.Share, l.Used, l.Capacity, l.Unit, l.Slope, date(l.Earliest), date(l.Likely), date(l.Latest), left)
	}
	b.Table("About", "What", "Value")
	b.Row("Week", r.Week)
	b.Row("Made (UTC)", paper.Wall(r.At, time.UTC))
	b.Row("Summary", r.Summary)
	b.Row("Not shown", r.More)
	return b.Write(to)
}

func writePDF(to *bytes.Buffer, r Report) error {
	lines, err := linesOf(r)
	if err != nil {
		return err
	}
	p := paper.NewPDF("Capacity, week "+r.Week, paper.Foot("capacity, week "+r.Week, r.At), r.At)
	p.Head("Capacity", "Week "+r.Week)
	p.Text(paper.Margin, p.Y, 10, paper.Regular, r.sentence())
	p.Y += 24
	if len(lines) == 0 {
		p.Text(paper.Margin, p.Y, 10, paper.Regular, nothingSoon)
	}
	var table *paper.Table
	for i, l := range lines {
		if i == 0 || l.Site != lines[i-1].Site {
			p.Y += 10
			p.Room(70)
			p.Text(paper.Margin, p.Y, 13, paper.Bold, p.Cut(l.site(), 13, paper.Inner))
			p.Y += 22
			table = p.Table(9, paper.Left("Item", 120), paper.Left("What", 134), paper.Right("Used", 34), paper.Right("A day", 52), paper.Right("Earliest", 47),
				paper.Right("Likely", 47), paper.Right("Latest", 47))
		}
		what := l.Pool
		if l.Title != l.Pool {
			what += " " + l.Title
		}
		table.Row(l.ItemName, what, fmt.Sprintf("%.0f %%", 100*l.Share), amount(l.Slope, l.Unit), onShort(l.Earliest), onShort(l.Likely), onShort(l.Latest))
	}
	if r.More > 0 {
		p.Y += 10
		p.Room(20)
		p.Ink(paper.Muted)
		p.Text(paper.Margin, p.Y, 9, paper.Regular, fmt.Sprintf("%d more are not shown.", r.More))
	}
	return p.Write(to)
}

// onShort is a date in a narrow column.
func onShort(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Format(time.DateOnly)
}

// amount is a number with its unit, as people read it.
func amount(v float64, unit string) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	switch unit {
	case "ratio":
		return fmt.Sprintf("%s%.1f %%", sign, 100*v)
	case "bytes":
		for _, name := range []string{"B", "KiB", "MiB", "GiB", "TiB"} {
			if v < 1024 || name == "TiB" {
				return fmt.Sprintf("%s%.3g %s", sign, v, name)
			}
			v /= 1024
		}
	}
	return fmt.Sprintf("%s%.3g", sign, v)
}
