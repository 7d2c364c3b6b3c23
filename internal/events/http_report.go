package events

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/reports"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/paper"
)

const (
	reportTag  = "Event reports"
	reportName = "alerts"
)

func (c *Component) reportRoutes(api *httpapi.API) {
	type input struct {
		From time.Time `query:"from" required:"true"`
		To   time.Time `query:"to" required:"true"`
	}
	type output struct{ Body *Report }
	httpapi.Handle(api, httpapi.Route{ID: "report-events", Method: http.MethodGet, Path: "/event-report", Tag: reportTag, Permission: "situations:read",
		Summary: "How long people took, and which alerts are noise, with what would make them quieter",
		Details: "Compared with the same length of time before. An alert is acted on when a person acknowledged or assigned it, or acknowledged its situation or confirmed its cause."},
		func(ctx context.Context, in *input) (*output, error) {
			r, err := c.Report(ctx, in.From, in.To)
			return &output{r}, err
		})
	for format, write := range map[paper.Format]func(*bytes.Buffer, *Report, time.Time) error{
		{Suffix: "csv", Type: "text/csv; charset=utf-8"}: reportCSV, paper.SheetFile: reportSheet, paper.PDFFile: reportPDF} {
		api.Mount("GET /api/v1/event-report/report."+format.Suffix, "situations:read", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			from, err := time.Parse(time.RFC3339, r.URL.Query().Get("from"))
			to, err2 := time.Parse(time.RFC3339, r.URL.Query().Get("to"))
			var content bytes.Buffer
			if err != nil || err2 != nil {
				err = core.Invalid("from", "and to must be times such as 2026-11-02T00:00:00Z")
			} else {
				var report *Report
				if report, err = c.Report(r.Context(), from, to); err == nil {
					err = write(&content, report, c.deps.Clock.Now())
				}
			}
			if err != nil {
				httpapi.WriteProblem(w, c.deps.Log, err)
				return
			}
			format.Serve(w, reportName+"-"+from.UTC().Format("2006-01-02"), &content)
		}))
	}
}

func noiseHead() []string {
	return []string{"Alert", "Item", "Source", "Team", "Alerts", "Episodes", "Events", "Acted on", "Over by itself", "Unneeded", "Median (s)", "Problem", "Proposal"}
}

func (n *Noise) cells() []any {
	proposal := ""
	for _, p := range n.Proposals {
		if proposal != "" {
			proposal += " "
		}
		proposal += p.Text
	}
	return []any{n.Title, n.ItemName, n.Source, n.TeamName, n.Alerts, n.Episodes, n.Events, n.Acted, n.Alone, n.Unneeded, n.Median, n.Problem, proposal}
}

func reportCSV(to *bytes.Buffer, r *Report, _ time.Time) error {
	w := csv.NewWriter(to)
	if err := w.Write(noiseHead()); err != nil {
		return err
	}
	for i := range r.Noise {
		var row []string
		for _, cell := range r.Noise[i].cells() {
			text := fmt.Sprint(cell)
			if s, ok := cell.(string); ok && s != "" && bytes.ContainsRune([]byte("=+-@\t\r"), rune(s[0])) {
				text = "'" + s // a sheet would take it for a formula
			}
			row = append(row, text)
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// reportGroups are the tables of times, by what they are grouped by.
func (r *Report) groups() []struct {
	name string
	list []reports.Group
} {
	return []struct {
		name string
		list []reports.Group
	}{{"Weeks", r.Weeks}, {"Teams", r.Teams}, {"Services", r.Services}, {"Severities", r.Severity}}
}

func timesHead(name string) []string {
	return []string{name, "Situations", "Acknowledged p50 (s)", "p90", "Root cause p50 (s)", "p90", "Resolved p50 (s)", "p90", "Resolved mean"}
}

func timesCells(name string, t reports.Times) []any {
	return []any{name, t.Situations, t.Acknowledge.P50, t.Acknowledge.P90, t.RootCause.P50, t.RootCause.P90, t.Resolve.P50, t.Resolve.P90, t.Resolve.Mean}
}

func reportSheet(to *bytes.Buffer, r *Report, _ time.Time) error {
	book := paper.NewBook()
	book.Table("Summary", timesHead("Time")...)
	book.Row(timesCells("This time", r.Times)...)
	book.Row(timesCells("The time before", r.Before.Times)...)
	for _, g := range r.groups() {
		book.Table(g.name, timesHead(g.name)...)
		for _, one := range g.list {
			book.Row(timesCells(one.Name, one.Times)...)
		}
	}
	book.Table("Noise", noiseHead()...)
	for i := range r.Noise {
		book.Row(r.Noise[i].cells()...)
	}
	return book.Write(to)
}

const pdfNoise = 25

func reportPDF(to *bytes.Buffer, r *Report, now time.Time) error {
	pdf := paper.NewPDF("Alerts and situations", paper.Foot("Alerts and situations", now), now)
	pdf.Head("Alerts and situations", r.From.UTC().Format("2 January 2006")+" to "+r.To.UTC().Format("2 January 2006"))
	totals := pdf.Table(9, paper.Left("", 150), paper.Right("Alerts", 60), paper.Right("Acted on", 60), paper.Right("Situations", 60), paper.Right("Acknowledged p50", 80), paper.Right("Resolved p50", 70))
	row := func(name string, a AlertTotals, t reports.Times) {
		totals.Row(name, fmt.Sprint(a.Alerts), fmt.Sprint(a.Acted), fmt.Sprint(t.Situations), seconds(t.Acknowledge.P50), seconds(t.Resolve.P50))
	}
	row("This time", r.Alerts, r.Times)
	row("The time before", r.Before.Alerts, r.Before.Times)
	for _, g := range r.groups() {
		if len(g.list) == 0 {
			continue
		}
		pdf.Y += 14
		t := pdf.Table(9, paper.Left(g.name, 150), paper.Right("Situations", 60), paper.Right("Acknowledged p50", 80), paper.Right("p90", 60), paper.Right("Resolved p50", 70), paper.Right("p90", 60))
		for _, one := range g.list[:min(len(g.list), pdfNoise)] {
			t.Row(one.Name, fmt.Sprint(one.Situations), seconds(one.Acknowledge.P50), seconds(one.Acknowledge.P90), seconds(one.Resolve.P50), seconds(one.Resolve.P90))
		}
	}
	pdf.Y += 14
	t := pdf.Table(8, paper.Left("Noise", 190), paper.Right("Alerts", 40), paper.Right("Acted on", 45), paper.Left("Problem", 70), paper.Left("What would help", 130))
	for i := range r.Noise[:min(len(r.Noise), pdfNoise)] {
		n := &r.Noise[i]
		help := ""
		if len(n.Proposals) > 0 {
			help = n.Proposals[0].Text
		}
		t.Row(n.Title, fmt.Sprint(n.Alerts), fmt.Sprint(n.Acted), n.Problem, help)
	}
	return pdf.Write(to)
}

// seconds writes a span for people.
func seconds(s float64) string {
	switch {
	case s == 0:
		return "0"
	case s < 120:
		return fmt.Sprintf("%.0f s", s)
	case s < 7200:
		return fmt.Sprintf("%.0f min", s/60)
	}
	return fmt.Sprintf("%.1f h", s/3600)
}
