package logs

import (
	"context"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/logstore"
)

const tag = "Logs"

// Question is what all questions have in common.
type Question struct {
	Dataset string    `query:"dataset" enum:"logs,traces" default:"logs" doc:"Records or spans"`
	In      []string  `query:"in,explode" maxItems:"100" doc:"Only records of these datasets; absent: of all that the caller may read"`
	Query   string    `query:"query" maxLength:"20000" doc:"LogsQL; empty: everything" example:"error item:01h... app:nginx"`
	Start   time.Time `query:"start" doc:"Absent: an hour before end"`
	End     time.Time `query:"end" doc:"Absent: now"`
}

// defaultRange keeps a question without times from reading all there is.
const defaultRange = time.Hour

func (c *Component) question(ctx context.Context, q Question) (Store, logstore.Query, error) {
	only, err := c.readable(ctx, q)
	if err != nil {
		return nil, logstore.Query{}, err
	}
	if q.End.IsZero() {
		q.End = c.deps.Clock.Now()
	}
	if q.Start.IsZero() {
		q.Start = q.End.Add(-defaultRange)
	}
	if !q.Start.Before(q.End) {
		return nil, logstore.Query{}, core.Invalid("start", "must be before end")
	}
	store := c.deps.Logs
	if q.Dataset == "traces" {
		store = c.deps.Traces
	}
	return store, logstore.Query{Expr: q.Query, Start: q.Start, End: q.End, Only: only}, nil
}

// readable are the datasets that the caller may be shown records of. Spans have
// none: they are for who reads everywhere.
func (c *Component) readable(ctx context.Context, q Question) ([]string, error) {
	if q.Dataset != "traces" && c.deps.Access != nil {
		return c.deps.Access.Narrow(ctx, q.In)
	}
	if !auth.From(ctx).Scope("logs:read").All {
		return nil, core.Errorf(core.CodeForbidden, "this needs logs:read everywhere")
	}
	return nil, nil
}

// Rows answers a query.
type Rows struct {
	Items []logstore.Row `json:"items" nullable:"false" doc:"The fields of each record: _time, _msg, item, app, host, level and what else it has; the newest first"`
	More  bool           `json:"more" doc:"There are older records than the limit allows"`
}

func (c *Component) routeQueries(api *httpapi.API) {
	type queryIn struct {
		Question
		Limit int `query:"limit" minimum:"1" maximum:"10000" default:"200"`
	}
	type queryOut struct{ Body Rows }
	httpapi.Handle(api, httpapi.Route{ID: "query-logs", Method: "GET", Path: "/logs/query", Summary: "Search records", Tag: tag, Permission: "logs:read"},
		func(ctx context.Context, in *queryIn) (*queryOut, error) {
			store, q, err := c.question(ctx, in.Question)
			if err != nil {
				return nil, err
			}
			q.Limit = in.Limit + 1
			out := &queryOut{Rows{Items: []logstore.Row{}}}
			for row, err := range store.Query(ctx, q) {
				if err != nil {
					return nil, err
				}
				if len(out.Body.Items) == in.Limit {
					out.Body.More = true
					break
				}
				out.Body.Items = append(out.Body.Items, row)
			}
			return out, nil
		})

	type hitsIn struct {
		Question
		Step string   `query:"step" default:"1m" doc:"Width of a bucket"`
		By   []string `query:"by,explode" maxItems:"3" doc:"Fields to group by"`
	}
	type hitsOut struct {
		Body struct {
			Items []logstore.Series `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "count-logs", Method: "GET", Path: "/logs/hits", Summary: "Count records over time", Tag: tag, Permission: "logs:read"},
		func(ctx context.Context, in *hitsIn) (*hitsOut, error) {
			store, q, err := c.question(ctx, in.Question)
			if err != nil {
				return nil, err
			}
			step, err := time.ParseDuration(in.Step)
			if err != nil || step <= 0 || q.End.Sub(q.Start)/step > 11_000 {
				return nil, core.Invalid("step", "must be a duration such as 1m that makes at most 11000 buckets")
			}
			out := &hitsOut{}
			out.Body.Items, err = store.Hits(ctx, q, step, in.By...)
			return out, err
		})

	type countsOut struct {
		Body struct {
			Items []logstore.Count `json:"items" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-log-fields", Method: "GET", Path: "/logs/fields", Summary: "Fields that matching records have", Tag: tag, Permission: "logs:read"},
		func(ctx context.Context, in *Question) (*countsOut, error) {
			store, q, err := c.question(ctx, *in)
			if err != nil {
				return nil, err
			}
			out := &countsOut{}
			out.Body.Items, err = store.Fields(ctx, q)
			return out, err
		})

	type valuesIn struct {
		Question
		Field string `path:"field" maxLength:"200"`
		Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	}
	httpapi.Handle(api, httpapi.Route{ID: "list-log-field-values", Method: "GET", Path: "/logs/fields/{field}/values", Summary: "Values of a field in matching records", Tag: tag, Permission: "logs:read"},
		func(ctx context.Context, in *valuesIn) (*countsOut, error) {
			store, q, err := c.question(ctx, in.Question)
			if err != nil {
				return nil, err
			}
			q.Limit = in.Limit
			out := &countsOut{}
			out.Body.Items, err = store.Values(ctx, q, in.Field)
			return out, err
		})

	api.Mount("GET /api/v1/logs/tail", "logs:read", http.HandlerFunc(c.tail))
	api.Mount("GET /api/v1/logs/export", "logs:read", http.HandlerFunc(c.export))
}
