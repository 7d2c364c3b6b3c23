package foresight

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

func number(n int) string { return strconv.Itoa(n) }

func compare(a, b float64) int { return cmp.Compare(a, b) }

// Report tells what fills within a quarter of a year.
type Report struct {
	Week     string       `json:"week" doc:"ISO week, such as 2026-W48"`
	At       time.Time    `json:"at"`
	Summary  string       `json:"summary"`
	Lines    []ReportLine `json:"lines,omitempty" doc:"what may be full within 90 days; absent from a list, and from weeks that were kept as Markdown alone"`
	More     int          `json:"more,omitempty" doc:"what may be full and is not in the lines"`
	Markdown string       `json:"markdown,omitempty"`
}

// ReportLine is something that may be full.
type ReportLine struct {
	ID       string     `json:"id"`
	Site     string     `json:"site,omitempty"`
	Item     string     `json:"item,omitempty"`
	ItemName string     `json:"itemName,omitempty"`
	Pool     string     `json:"pool"`
	Title    string     `json:"title"`
	Unit     string     `json:"unit"`
	Used     float64    `json:"used"`
	Capacity float64    `json:"capacity"`
	Share    float64    `json:"share" doc:"used of capacity"`
	Slope    float64    `json:"slope" doc:"what is added in a day"`
	Earliest *time.Time `json:"earliest,omitempty"`
	Likely   *time.Time `json:"likely,omitempty"`
	Latest   *time.Time `json:"latest,omitempty"`
}

const (
	reportAhead = 90 * day
	reportRows  = 200
	reportsKept = 104
)

func weekOf(t time.Time) string {
	year, week := t.UTC().ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, week)
}

// write makes a report of what fills.
func write(list []known, now time.Time) Report {
	r := Report{Week: weekOf(now), At: now, Lines: []ReportLine{}}
	within := func(limit time.Duration) int {
		n := 0
		for _, k := range list {
			if k.Likely != nil && k.Likely.Sub(now) <= limit {
				n++
			}
		}
		return n
	}
	for _, k := range list {
		switch {
		case k.Earliest == nil || k.Earliest.Sub(now) > reportAhead:
		case len(r.Lines) == reportRows:
			r.More++
		default:
			r.Lines = append(r.Lines, ReportLine{
				ID: k.ID, Site: k.Site, Item: k.Item, ItemName: k.ItemName, Pool: k.Pool, Title: k.Title, Unit: k.Unit,
				Used: k.Used, Capacity: k.Capacity, Share: k.Share, Slope: k.Slope, Earliest: k.Earliest, Likely: k.Likely, Latest: k.Latest,
			})
		}
	}
	slices.SortStableFunc(r.Lines, func(a, b ReportLine) int { return strings.Compare(a.Site, b.Site) })
	r.Summary = fmt.Sprintf("capacity: of %d, %d likely full within 30 days, %d within 90", len(list), within(30*day), within(reportAhead))
	r.Markdown = r.markdown()
	return r
}

// sentence is the summary as one.
func (r *Report) sentence() string {
	return strings.ToUpper(r.Summary[:1]) + r.Summary[1:] + "."
}

const nothingSoon = "Nothing is full within 90 days, not even at the earliest."

func (r *Report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Capacity, week %s\n\n%s\n", r.Week, r.sentence())
	if len(r.Lines) == 0 {
		b.WriteString("\n" + nothingSoon + "\n")
	}
	for i, l := range r.Lines {
		if i == 0 || l.Site != r.Lines[i-1].Site {
			fmt.Fprintf(&b, "\n## %s\n\n| Item | What | Used | Earliest | Likely | Latest |\n|---|---|---:|---|---|---|\n", cell(l.site()))
		}
		fmt.Fprintf(&b, "| %s | %s %s | %.0f%% | %s | %s | %s |\n", cell(l.ItemName), cell(l.Pool), cell(l.Title), 100*l.Share, on(l.Earliest), on(l.Likely), on(l.Latest))
	}
	if r.More > 0 {
		fmt.Fprintf(&b, "\n%d more are not shown.\n", r.More)
	}
	return b.String()
}

func (l *ReportLine) site() string {
	if l.Site == "" {
		return "No site"
	}
	return l.Site
}

func on(t *time.Time) string {
	if t == nil {
		return "beyond the forecast"
	}
	return t.Format(time.DateOnly)
}

// cell is text that stays within its column.
func cell(text string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "\r", " ").Replace(text)
}

// kept is what a stored report has besides its words.
type kept struct {
	Lines []ReportLine `json:"lines"`
	More  int          `json:"more,omitempty"`
}

// reportWeekly makes the report of a week once, from Monday at six (UTC) on.
func (c *Component) reportWeekly(ctx context.Context, now time.Time) error {
	week := weekOf(now.Add(-6 * time.Hour))
	var have int
	if err := c.deps.DB.QueryRow(ctx, "SELECT COUNT(*) FROM foresight_report WHERE week = $1", week).Scan(&have); err != nil || have > 0 {
		return err
	}
	list, err := c.things(ctx, "1 = 1")
	if err != nil || len(list) == 0 {
		return err
	}
	r := write(list, now)
	r.Week = week
	lines, err := json.Marshal(kept{r.Lines, r.More})
	if err != nil {
		return err
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO foresight_report (week, at, summary, markdown, lines) VALUES ($1,$2,$3,$4,$5)", r.Week, core.Micros(r.At), r.Summary, r.Markdown, string(lines)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM foresight_report WHERE week NOT IN (SELECT week FROM foresight_report ORDER BY week DESC LIMIT $1)", reportsKept); err != nil {
			return err
		}
		_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: ledger.System("monitor"), Module: "monitor", Type: "monitor.capacity.reported",
			Subject: core.Ref{Kind: "capacity report", ID: r.Week}, Summary: r.Summary})
		return err
	})
}

type reportsOutput struct {
	Body struct {
		Items []Report `json:"items" nullable:"false"`
	}
}

// httpReports lists reports. They are about everything, so who may see only
// some teams gets none; the report of now is made of what the caller sees.
func (c *Component) httpReports(ctx context.Context, _ *struct{}) (*reportsOutput, error) {
	out := &reportsOutput{}
	out.Body.Items = []Report{}
	if !auth.From(ctx).Scope("checks:read").All {
		return out, nil
	}
	rows, err := c.deps.DB.Query(ctx, "SELECT week, at, summary, '', '' FROM foresight_report ORDER BY week DESC LIMIT $1", reportsKept)
	list, err := sqldb.Collect(rows, err, scanReport)
	out.Body.Items = append(out.Body.Items, list...)
	return out, err
}

func scanReport(r *sqldb.Rows) (out Report, err error) {
	var at int64
	var lines string
	if err := r.Scan(&out.Week, &at, &out.Summary, &out.Markdown, &lines); err != nil {
		return out, err
	}
	out.At = core.FromMicros(at)
	if lines == "" {
		return out, nil // as in a list, and of weeks before lines were kept
	}
	var k kept
	err = json.Unmarshal([]byte(lines), &k)
	out.Lines, out.More = k.Lines, k.More
	return out, err
}

type reportOutput struct{ Body Report }

func (c *Component) httpReport(ctx context.Context, in *ByID) (*reportOutput, error) {
	r, err := c.report(ctx, in.ID)
	return &reportOutput{r}, err
}

// Capacity is the report of now, about what the caller may see.
func (c *Component) Capacity(ctx context.Context) (Report, error) { return c.report(ctx, "now") }

// report is that of a week, or of now.
func (c *Component) report(ctx context.Context, week string) (Report, error) {
	if week == "now" {
		where, args := teamFilter(ctx, "team")
		list, err := c.things(ctx, strings.Join(append(where, "1 = 1"), " AND "), args...)
		if err != nil {
			return Report{}, err
		}
		return write(list, c.deps.Clock.Now()), nil
	}
	if !auth.From(ctx).Scope("checks:read").All {
		return Report{}, core.NotFound("capacity report", week)
	}
	rows, err := c.deps.DB.Query(ctx, "SELECT week, at, summary, markdown, lines FROM foresight_report WHERE week = $1", week)
	list, err := sqldb.Collect(rows, err, scanReport)
	if err != nil {
		return Report{}, err
	}
	if len(list) == 0 {
		return Report{}, core.NotFound("capacity report", week)
	}
	return list[0], nil
}
