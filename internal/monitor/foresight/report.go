package foresight

import (
	"cmp"
	"context"
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
	Week     string    `json:"week" doc:"ISO week, such as 2026-W48"`
	At       time.Time `json:"at"`
	Summary  string    `json:"summary"`
	Markdown string    `json:"markdown,omitempty"`
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
	var soon []known
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
		if k.Earliest != nil && k.Earliest.Sub(now) <= reportAhead {
			soon = append(soon, k)
		}
	}
	r := Report{Week: weekOf(now), At: now}
	r.Summary = fmt.Sprintf("capacity: of %d, %d likely full within 30 days, %d within 90", len(list), within(30*day), within(reportAhead))
	var b strings.Builder
	fmt.Fprintf(&b, "# Capacity, week %s\n\n%s.\n", r.Week, strings.ToUpper(r.Summary[:1])+r.Summary[1:])
	if len(soon) == 0 {
		b.WriteString("\nNothing is full within 90 days, not even at the earliest.\n")
		r.Markdown = b.String()
		return r
	}
	bySite := map[string][]known{}
	var sites []string
	for _, k := range soon[:min(len(soon), reportRows)] {
		if bySite[k.Site] == nil {
			sites = append(sites, k.Site)
		}
		bySite[k.Site] = append(bySite[k.Site], k)
	}
	slices.Sort(sites)
	for _, site := range sites {
		name := site
		if name == "" {
			name = "No site"
		}
		fmt.Fprintf(&b, "\n## %s\n\n| Item | What | Used | Earliest | Likely | Latest |\n|---|---|---:|---|---|---|\n", cell(name))
		for _, k := range bySite[site] {
			fmt.Fprintf(&b, "| %s | %s %s | %.0f%% | %s | %s | %s |\n", cell(k.ItemName), cell(k.Pool), cell(k.Title), 100*k.Share, on(k.Earliest), on(k.Likely), on(k.Latest))
		}
	}
	if left := len(soon) - reportRows; left > 0 {
		fmt.Fprintf(&b, "\n%d more are not shown.\n", left)
	}
	r.Markdown = b.String()
	return r
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
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO foresight_report (week, at, summary, markdown) VALUES ($1,$2,$3,$4)", r.Week, core.Micros(r.At), r.Summary, r.Markdown); err != nil {
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
	rows, err := c.deps.DB.Query(ctx, "SELECT week, at, summary, '' FROM foresight_report ORDER BY week DESC LIMIT $1", reportsKept)
	list, err := sqldb.Collect(rows, err, scanReport)
	out.Body.Items = append(out.Body.Items, list...)
	return out, err
}

func scanReport(r *sqldb.Rows) (out Report, err error) {
	var at int64
	err = r.Scan(&out.Week, &at, &out.Summary, &out.Markdown)
	out.At = core.FromMicros(at)
	return out, err
}

type reportOutput struct{ Body Report }

func (c *Component) httpReport(ctx context.Context, in *ByID) (*reportOutput, error) {
	if in.ID == "now" {
		where, args := teamFilter(ctx, "team")
		list, err := c.things(ctx, strings.Join(append(where, "1 = 1"), " AND "), args...)
		if err != nil {
			return nil, err
		}
		return &reportOutput{write(list, c.deps.Clock.Now())}, nil
	}
	if !auth.From(ctx).Scope("checks:read").All {
		return nil, core.NotFound("capacity report", in.ID)
	}
	rows, err := c.deps.DB.Query(ctx, "SELECT week, at, summary, markdown FROM foresight_report WHERE week = $1", in.ID)
	list, err := sqldb.Collect(rows, err, scanReport)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, core.NotFound("capacity report", in.ID)
	}
	return &reportOutput{list[0]}, nil
}
