package availability

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/availability/report"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/paper"
)

const tag = "Availability"

// InPeriod says which time and target are meant.
type InPeriod struct {
	Month  string    `query:"month" doc:"YYYY-MM; the month that runs when nothing is given" example:"2026-11"`
	From   time.Time `query:"from" doc:"Instead of a month"`
	To     time.Time `query:"to" doc:"Now when left out"`
	Target string    `query:"target" doc:"Name of an availability target"`
}

func (in InPeriod) period() Period { return Period{Month: in.Month, From: in.From, To: in.To} }

// Routes registers /availability.
func (c *Component) Routes(api *httpapi.API) {
	type linesOutput struct {
		Body struct {
			Items []Line    `json:"items" nullable:"false"`
			Since time.Time `json:"since,omitzero" doc:"Nothing is known before"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-availability", Method: http.MethodGet, Path: "/availability", Tag: tag, Permission: "availability:read",
		Summary: "Tell how available every item with a target was in a month"},
		func(ctx context.Context, in *InPeriod) (*linesOutput, error) {
			out := &linesOutput{}
			var err error
			if out.Body.Items, err = c.Lines(ctx, in.Target, in.period()); err != nil {
				return nil, err
			}
			out.Body.Since, err = c.reach(ctx)
			return out, err
		})
	type reportOutput struct{ Body *Report }
	httpapi.Handle(api, httpapi.Route{ID: "get-availability", Method: http.MethodGet, Path: "/availability/items/{id}", Tag: tag, Permission: "availability:read",
		Summary: "Tell how available an item was, with its outages and what caused them", Details: "For an item without a target all time counts."},
		func(ctx context.Context, in *struct {
			ID string `path:"id"`
			InPeriod
		}) (*reportOutput, error) {
			r, err := c.Report(ctx, in.ID, in.Target, in.period())
			return &reportOutput{r}, err
		})
	type rebuildOutput struct {
		Body struct {
			Entries int `json:"entries" doc:"Entries of the ledger that were read again"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "rebuild-availability", Method: http.MethodPost, Path: "/availability/rebuild", Tag: tag, Permission: "availability:admin",
		Summary: "Read the ledger again, with the graph as it is today"},
		func(ctx context.Context, _ *struct{}) (*rebuildOutput, error) {
			out := &rebuildOutput{}
			var err error
			out.Body.Entries, err = c.Rebuild(ctx)
			return out, err
		})
	api.Mount("GET /api/v1/availability/report.pdf", "availability:read", c.file(paper.PDFFile, report.PDF))
	api.Mount("GET /api/v1/availability/report.xlsx", "availability:read", c.file(paper.SheetFile, report.Sheet))
}

// file serves a month as a file.
func (c *Component) file(format paper.Format, write func(*bytes.Buffer, report.Month) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m, err := c.month(r.Context(), r.URL.Query().Get("month"), r.URL.Query().Get("target"), r.URL.Query().Get("item"))
		var content bytes.Buffer
		if err == nil {
			err = write(&content, *m)
		}
		if err != nil {
			httpapi.WriteProblem(w, c.deps.Log, err)
			return
		}
		format.Serve(w, "availability-"+m.Month, &content)
	})
}

// maxInFile bounds the items of one file.
const maxInFile = 300

// month is what a file of a month shows: of one item, else of all with a target.
func (c *Component) month(ctx context.Context, month, target, item string) (*report.Month, error) {
	now := c.deps.Clock.Now()
	if month == "" {
		month = now.UTC().Format(monthLayout)
	}
	if _, err := time.Parse(monthLayout, month); err != nil {
		return nil, core.Invalid("month", "must be YYYY-MM")
	}
	out := &report.Month{Month: month, Made: now}
	period := Period{Month: month}
	type wanted struct{ item, target string }
	var all []wanted
	if item != "" {
		all = []wanted{{item, target}}
	} else {
		lines, err := c.Lines(ctx, target, period)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			all = append(all, wanted{l.Item.ID, l.TargetName})
		}
	}
	if len(all) > maxInFile {
		return nil, core.Errorf(core.CodeTooLarge, "a report holds at most %d items: name a target", maxInFile)
	}
	for _, w := range all {
		r, err := c.Report(ctx, w.item, w.target, period)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, r.forFile())
	}
	return out, nil
}

func (r *Report) forFile() report.Item {
	zone, err := time.LoadLocation(r.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	out := report.Item{Name: r.Item.Name, Class: r.Item.Class, Target: r.TargetName, Calendar: r.Calendar, Zone: zone, From: r.From, To: r.To, Figures: r.Figures, Days: r.Days, Timeline: r.Timeline}
	for _, o := range r.OutageList {
		shown := report.Outage{Outage: o.Outage}
		for _, cause := range o.Causes {
			shown.Causes = append(shown.Causes, cause.Name)
		}
		for _, inc := range o.Incidents {
			shown.Incidents = append(shown.Incidents, inc.Number+" "+inc.Title)
		}
		out.Outages = append(out.Outages, shown)
	}
	return out
}
