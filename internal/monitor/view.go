package monitor

import (
	"context"
	"encoding/json"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
)

// targetFields are what lists of checks are filtered and sorted by.
func targetFields() listing.Fields {
	return listing.Fields{
		"name":       {Column: "c.name"},
		"kind":       {Column: "c.kind"},
		"team":       {Column: "c.team"},
		"disabled":   {Column: "(c.disabled OR COALESCE(t.disabled, FALSE))", Kind: listing.Bool},
		"overridden": {Column: "COALESCE(t.overridden, FALSE)", Kind: listing.Bool},
		"check":      {Column: "c.id"},
		"item":       {Column: "COALESCE(t.item, '')"},
		"status":     {Column: "COALESCE(t.status, 'pending')"},
		"hard":       {Column: "COALESCE(t.hard, FALSE)", Kind: listing.Bool},
		"severity":   {Column: "COALESCE(t.severity, 0)", Kind: listing.Severity},
		"since":      {Column: "COALESCE(t.since, 0)", Kind: listing.Time},
		"checkedAt":  {Column: "COALESCE(t.checked_at, 0)", Kind: listing.Time},
		"duration":   {Column: "COALESCE(t.duration, 0)", Kind: listing.Int},
	}
}

const targetSelect = "COALESCE(t.id, c.id), c.id, c.name, c.kind, COALESCE(t.item, ''), c.team, (c.disabled OR COALESCE(t.disabled, FALSE)), COALESCE(t.overridden, FALSE), COALESCE(t.status, 'pending'), COALESCE(t.hard, FALSE), " +
	"COALESCE(t.severity, 0), COALESCE(t.since, 0), COALESCE(t.checked_at, 0), COALESCE(t.duration, 0), COALESCE(t.output, ''), COALESCE(t.state, '{}')"

const targetFrom = "monitor_check c LEFT JOIN monitor_target t ON t.check_id = c.id"

func scanTarget(scan func(...any) error) (t Target, err error) {
	var status, state string
	var severity, since, checked, duration int64
	if err := scan(&t.ID, &t.Check, &t.Name, &t.Kind, &t.Item, &t.Team, &t.Disabled, &t.Override, &status, &t.Hard, &severity, &since, &checked, &duration, &t.Output, &state); err != nil {
		return t, err
	}
	var s State
	if err := json.Unmarshal([]byte(state), &s); err != nil {
		return t, err
	}
	t.Status, t.Severity, t.Attempt, t.Flapping = Status(status), core.Severity(severity), s.Attempt, s.Flapping
	t.Since, t.CheckedAt = core.Moment(since), core.Moment(checked)
	t.Duration = probe.Duration(time.Duration(duration) * time.Microsecond)
	return t, nil
}

// moment is a time for the API, nil when it never was.
// listTargets is one page of what the caller may see.
func (c *Component) listTargets(ctx context.Context, p listing.Params) (listing.Page[Target], error) {
	base := listing.Base{
		Select: targetSelect, From: targetFrom, Search: []string{"c.name", "COALESCE(t.output, '')"},
		Default: "name", Key: "COALESCE(t.id, c.id)", Now: c.deps.Clock.Now(),
	}
	base.Where, base.Args = teamFilter(ctx, "checks:read", "c.team")
	st, err := targetFields().Build(p, base)
	if err != nil {
		return listing.Page[Target]{}, err
	}
	page, err := listing.Read(ctx, c.deps.DB, p, st, scanTarget)
	c.fillNext(page.Items)
	return page, err
}

func (c *Component) targetsOf(ctx context.Context, checkID string) ([]Target, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT "+targetSelect+" FROM "+targetFrom+" WHERE c.id = $1 AND t.id IS NOT NULL ORDER BY t.severity DESC, t.id LIMIT 1000", checkID)
	list, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (Target, error) { return scanTarget(r.Scan) })
	c.fillNext(list)
	return list, err
}

// stateCounts is how many targets of a check are in each state.
func (s *store) stateCounts(ctx context.Context, checkID string) (map[string]int, error) {
	rows, err := s.db.Query(ctx, "SELECT CASE WHEN disabled THEN 'disabled' ELSE status END AS shown, COUNT(*) FROM monitor_target WHERE check_id = $1 GROUP BY 1", checkID)
	out := map[string]int{}
	_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (struct{}, error) {
		var status string
		var n int
		err := r.Scan(&status, &n)
		out[status] = n
		return struct{}{}, err
	})
	return out, err
}

// fillNext adds when targets run next, where this process knows.
func (c *Component) fillNext(list []Target) {
	e := c.leader.Load()
	if e == nil {
		return
	}
	for i := range list {
		if at := e.schedule.At(list[i].ID); !at.IsZero() {
			list[i].NextAt = &at
		}
	}
}

// teamFilter limits a list to the records of the caller's teams and to those of none.
func teamFilter(ctx context.Context, permission auth.Permission, column string) (where []string, args []any) {
	scope := auth.From(ctx).Scope(permission)
	if scope.All {
		return nil, nil
	}
	args = []any{""}
	for _, team := range scope.Teams {
		args = append(args, team)
	}
	return []string{column + " IN (" + sqldb.In(len(args), 1) + ")"}, args
}

// allowed says whether the caller has the permission for a record of team;
// what may not be seen is not there.
func allowed(ctx context.Context, permission auth.Permission, team, kind, ref string) error {
	p := auth.From(ctx)
	if p.Scope(permission).Allows(team) {
		return nil
	}
	if permission.Verb() == auth.Read {
		return core.NotFound(kind, ref)
	}
	return core.Errorf(core.CodeForbidden, "this %s belongs to another team", kind)
}

// results returns the newest results of a target, newest first.
func (s *store) results(ctx context.Context, target string, before time.Time, limit int) ([]Result, error) {
	until := core.Micros(before)
	if before.IsZero() {
		until = 1<<63 - 1
	}
	rows, err := s.db.Query(ctx, "SELECT target, at, status, hard, attempt, duration, output, detail, metrics, votes, EXISTS (SELECT 1 FROM monitor_screenshot s WHERE s.target = monitor_result.target AND s.at = monitor_result.at) FROM monitor_result WHERE target = $1 AND at < $2 ORDER BY at DESC LIMIT $3", target, until, limit)
	return sqldb.Collect(rows, err, func(row *sqldb.Rows) (r Result, err error) {
		var at, duration int64
		var status, metrics, votes string
		if err := row.Scan(&r.Target, &at, &status, &r.Hard, &r.Attempt, &duration, &r.Output, &r.Detail, &metrics, &votes, &r.Screenshot); err != nil {
			return r, err
		}
		r.At, r.Status, r.Duration = core.FromMicros(at), Status(status), probe.Duration(time.Duration(duration)*time.Microsecond)
		if votes != "" {
			if err := json.Unmarshal([]byte(votes), &r.Votes); err != nil {
				return r, err
			}
		}
		return r, json.Unmarshal([]byte(metrics), &r.Metrics)
	})
}
