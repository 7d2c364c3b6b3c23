package mining

import (
	"context"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

const tag = "Logs"

// Detail is one pattern and who writes it.
type Detail struct {
	ID        string    `json:"id"`
	Template  string    `json:"template"`
	FirstSeen time.Time `json:"firstSeen"`
	LastSeen  time.Time `json:"lastSeen"`
	Query     string    `json:"query" doc:"LogsQL that finds its lines"`
	Apps      []AppHits `json:"apps" nullable:"false" doc:"programs that wrote it, the most frequent first"`
}

// AppHits is how often a program wrote a pattern.
type AppHits struct {
	App   string `json:"app"`
	Count int64  `json:"count"`
}

// longest is the longest range that is compared.
const longest = 100 * 24 * time.Hour

// Routes registers the questions.
func (c *Component) Routes(api *httpapi.API) {
	type listIn struct {
		Start    time.Time `query:"start" doc:"Absent: an hour before end"`
		End      time.Time `query:"end" doc:"Absent: now"`
		Against  string    `query:"against" doc:"How far back the range lies that it is compared with, such as 24h for yesterday at the same time. Absent: as long as the range, which is the time just before"`
		App      string    `query:"app" maxLength:"256" doc:"Only lines of this program"`
		Contains string    `query:"contains" maxLength:"200" doc:"Only patterns whose template has this text"`
		Change   string    `query:"change" enum:"new,back,vanished,more,less" doc:"Only patterns that did this"`
		Sort     string    `query:"sort" enum:"count,change,firstSeen,rare" default:"count"`
		Limit    int       `query:"limit" minimum:"1" maximum:"2000" default:"200"`
	}
	type listOut struct{ Body *Comparison }
	httpapi.Handle(api, httpapi.Route{ID: "list-log-patterns", Method: "GET", Path: "/logs/patterns", Summary: "Patterns of log messages over time, compared with the time before", Tag: tag, Permission: "logs:read"},
		func(ctx context.Context, in *listIn) (*listOut, error) {
			only, err := c.allowed(ctx)
			if err != nil {
				return nil, err
			}
			q := question{only: only, from: in.Start, to: in.End, app: in.App, contains: in.Contains, change: Change(in.Change), sort: in.Sort, limit: in.Limit}
			if q.to.IsZero() {
				q.to = c.deps.Clock.Now()
			}
			if q.from.IsZero() {
				q.from = q.to.Add(-time.Hour)
			}
			if !q.from.Before(q.to) || q.to.Sub(q.from) > longest {
				return nil, core.Invalid("start", "must be before end, by at most 2400h")
			}
			q.shift = max(q.to.Sub(q.from).Truncate(Bucket), Bucket)
			if in.Against != "" {
				shift, err := time.ParseDuration(in.Against)
				if err != nil || shift < Bucket || shift > longest {
					return nil, core.Invalid("against", "must be a duration of 5m to 2400h")
				}
				q.shift = shift.Truncate(Bucket)
			}
			body, err := c.compare(ctx, q)
			return &listOut{body}, err
		})

	type getIn struct {
		ID string `path:"id" maxLength:"32"`
	}
	type getOut struct{ Body *Detail }
	httpapi.Handle(api, httpapi.Route{ID: "get-log-pattern", Method: "GET", Path: "/logs/patterns/{id}", Summary: "A pattern of log messages, by its id or one it had", Tag: tag, Permission: "logs:read"},
		func(ctx context.Context, in *getIn) (*getOut, error) {
			only, err := c.allowed(ctx)
			if err != nil {
				return nil, err
			}
			body, err := c.detail(ctx, in.ID, only)
			return &getOut{body}, err
		})
}

// allowed are the datasets whose patterns the caller may see; nil is all.
func (c *Component) allowed(ctx context.Context) ([]string, error) {
	if c.deps.Access != nil {
		return c.deps.Access.Readable(ctx)
	}
	if !auth.From(ctx).Scope("logs:read").All {
		return nil, core.Errorf(core.CodeForbidden, "this needs logs:read everywhere")
	}
	return nil, nil
}

// detail is not found when no record of the datasets had the pattern.
func (c *Component) detail(ctx context.Context, id string, only []string) (*Detail, error) {
	if err := c.Flush(ctx); err != nil {
		return nil, err
	}
	rows, err := c.store.patterns(ctx, 0)
	if err != nil {
		return nil, err
	}
	trends, ids := c.trends(rows)
	t := trends[ids(id)]
	if t == nil {
		return nil, core.NotFound("log pattern", id)
	}
	var all []string
	for _, r := range rows {
		if ids(r.id) == t.ID {
			all = append(all, r.id)
		}
	}
	apps, err := c.store.byApp(ctx, 0, core.Micros(c.deps.Clock.Now().Add(skew)), all, only)
	if err != nil {
		return nil, err
	}
	if only != nil && len(apps) == 0 {
		return nil, core.NotFound("log pattern", id)
	}
	out := &Detail{ID: t.ID, Template: t.Template, FirstSeen: t.FirstSeen, LastSeen: t.LastSeen, Query: t.Query, Apps: []AppHits{}}
	for app, n := range apps {
		out.Apps = append(out.Apps, AppHits{app, n})
	}
	sortApps(out.Apps)
	return out, nil
}

// QueryOf is LogsQL that finds the lines of a pattern, under all ids it had.
func (c *Component) QueryOf(id string) string {
	c.lock()
	current := c.miner.Current(id)
	c.unlock()
	if current == "" {
		current = id
	}
	return c.queryOf(current, []string{id})
}
