package datasets

import (
	"context"
	"slices"
	"strconv"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/logstore"
)

const tag = "Logs"

// View is a dataset as it is shown to who may read it.
type View struct {
	Name        string  `json:"name"`
	Description string  `json:"description,omitempty"`
	Days        int     `json:"days" doc:"How long its records are kept"`
	Access      *Access `json:"access,omitempty" doc:"Who may read it; absent: everybody with logs:read everywhere"`
	Declared    bool    `json:"declared" doc:"It has a document; the default dataset need not"`
	Records     *int64  `json:"records,omitempty" doc:"of the last 24 hours; absent while the log store does not answer"`
}

// Routes registers the questions, and the deletions.
func (c *Component) Routes(api *httpapi.API) {
	type listOut struct {
		Body struct {
			Items []View `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-log-datasets", Method: "GET", Path: "/log-datasets", Summary: "Datasets of logs that the caller may read", Tag: tag, Permission: "logs:read"},
		func(ctx context.Context, _ *struct{}) (*listOut, error) {
			only, err := c.Readable(ctx)
			if err != nil {
				return nil, err
			}
			out := &listOut{}
			out.Body.Items = c.views(ctx, only)
			return out, nil
		})

	type listDeletionsIn struct {
		Limit int `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	}
	type listDeletionsOut struct {
		Body struct {
			Items []*Deletion `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-log-deletions", Method: "GET", Path: "/log-deletions", Summary: "Deletions of log records, the latest first", Tag: tag, Permission: "log-deletions:read"},
		func(ctx context.Context, in *listDeletionsIn) (*listDeletionsOut, error) {
			if !auth.From(ctx).Scope("log-deletions:read").All {
				return nil, core.Errorf(core.CodeForbidden, "deletions belong to no team: this needs log-deletions:read everywhere")
			}
			list, err := c.store.deletions(ctx, in.Limit)
			out := &listDeletionsOut{}
			if out.Body.Items = list; list == nil {
				out.Body.Items = []*Deletion{}
			}
			return out, err
		})

	type deleteIn struct {
		Body struct {
			Filter   string    `json:"filter" maxLength:"10000" doc:"LogsQL without pipes; empty: everything"`
			Datasets []string  `json:"datasets" minItems:"1" maxItems:"100"`
			Start    time.Time `json:"start,omitzero" doc:"Absent: from the oldest record"`
			End      time.Time `json:"end,omitzero" doc:"Absent: now"`
			Reason   string    `json:"reason" maxLength:"2000"`
			DryRun   bool      `json:"dryRun,omitempty" doc:"Only count"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "delete-log-records", Method: "POST", Path: "/log-deletions", Summary: "Delete log records for good", Tag: tag, Permission: "log-deletions:admin",
		Details: "The request is recorded and carried out in the background. The log store is stopped while it rewrites the days that are touched; records that come in meanwhile are kept and stored afterwards."},
		func(ctx context.Context, in *deleteIn) (*deletionOut, error) {
			p := auth.From(ctx)
			if !p.Scope("log-deletions:admin").All {
				return nil, core.Errorf(core.CodeForbidden, "this needs log-deletions:admin everywhere")
			}
			d := &Deletion{By: ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}, Reason: in.Body.Reason, Filter: in.Body.Filter,
				Datasets: in.Body.Datasets, Start: in.Body.Start, End: in.Body.End}
			if in.Body.DryRun {
				return c.dryRun(ctx, d)
			}
			return &deletionOut{d}, c.Delete(ctx, d)
		})
}

type deletionOut struct{ Body *Deletion }

func (c *Component) dryRun(ctx context.Context, d *Deletion) (*deletionOut, error) {
	if _, err := c.Narrow(ctx, d.Datasets); err != nil {
		return nil, err
	}
	if err := c.deps.Store.Check(ctx, d.Filter); err != nil {
		return nil, err
	}
	if d.End.IsZero() {
		d.End = c.deps.Clock.Now()
	}
	if d.Start.IsZero() {
		d.Start = c.deps.Clock.Now().Add(-c.deps.Keeps - 24*time.Hour)
	}
	var err error
	d.Found, err = c.count(ctx, d.erasure())
	d.Remained = d.Found
	return &deletionOut{d}, err
}

func (c *Component) views(ctx context.Context, only []string) []View {
	keeps := int(c.deps.Keeps / (24 * time.Hour))
	list := []View{{Name: logstore.Default, Description: "Records that no rule puts elsewhere", Days: keeps}}
	for _, d := range *c.known.Load() {
		if d.Gone || only != nil && !slices.Contains(only, d.Name) {
			continue
		}
		v := View{Name: d.Name, Description: d.Spec.Description, Days: keeps, Access: d.Spec.Access, Declared: true}
		if n, _ := days(d.Spec.Retention); n > 0 {
			v.Days = n
		}
		if d.Name == logstore.Default {
			list[0] = v
			continue
		}
		list = append(list, v)
	}
	if only != nil && !slices.Contains(only, logstore.Default) {
		list = list[1:]
	}
	counts, err := c.recent(ctx, only)
	if err != nil {
		return list // the list is worth more than the figures
	}
	for i := range list {
		n := counts[list[i].Name]
		list[i].Records = &n
	}
	return list
}

// recent counts the records of the last day by dataset.
func (c *Component) recent(ctx context.Context, only []string) (map[string]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	now := c.deps.Clock.Now()
	out := map[string]int64{}
	for row, err := range c.deps.Store.Query(ctx, logstore.Query{Expr: "* | stats by (dataset) count() as n", Start: now.Add(-24 * time.Hour), End: now, Only: only}) {
		if err != nil {
			return nil, err
		}
		name := row[logstore.DatasetField]
		if name == "" {
			name = logstore.Default
		}
		n, _ := strconv.ParseInt(row["n"], 10, 64)
		out[name] += n
	}
	return out, nil
}
