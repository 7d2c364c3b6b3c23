package events

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// Grouped names a group of active alerts.
type Grouped struct {
	By    string `query:"by" maxLength:"200" doc:"service, site, class, situation, severity, state, team, assignee, source, item, or labels.NAME"`
	Value string `query:"value" maxLength:"1000" doc:"Which group; empty for the alerts that have none"`
}

// placed are the groups that the graph tells.
func placed(by string) bool { return by == "service" || by == "site" || by == "class" }

// groupColumns are the groups that the alerts' own columns tell.
func groupColumn(by string) string {
	switch by {
	case "situation", "severity", "state", "team", "assignee", "source", "item":
		return by
	}
	return ""
}

// AlertGroup is a group of active alerts.
type AlertGroup struct {
	Value      string         `json:"value" doc:"Names the group; empty for the alerts that have none"`
	Label      string         `json:"label,omitempty" doc:"Its name for people, where it is not the value"`
	Alerts     int            `json:"alerts"`
	Severity   core.Severity  `json:"severity" doc:"The worst"`
	BySeverity map[string]int `json:"bySeverity"`
	ByState    map[string]int `json:"byState"`
	Since      time.Time      `json:"since" doc:"When the first of them began"`
}

// AlertGroups are the groups of the alerts that match a filter.
type AlertGroups struct {
	Groups []AlertGroup `json:"groups" nullable:"false" doc:"The worst first"`
	Total  int          `json:"total" doc:"Groups, also those beyond the limit"`
	Alerts int          `json:"alerts" doc:"Alerts in all groups; one that reaches several services is in several groups"`
}

// groupsMost bounds the groups of one answer.
const groupsMost = 1000

// tally is a group while it is counted.
type tally struct {
	value, label string
	alerts       int
	severity     int64
	bySeverity   [core.Critical + 1]int
	byState      map[string]int
	since        int64
}

func (t *tally) add(n groupCount) {
	if t.alerts == 0 || n.since < t.since {
		t.since = n.since
	}
	t.alerts += n.alerts
	t.severity = max(t.severity, n.severity)
	t.bySeverity[n.severity] += n.alerts
	t.byState[n.state] += n.alerts
}

func (t *tally) group() AlertGroup {
	g := AlertGroup{Value: t.value, Label: t.label, Alerts: t.alerts, Severity: core.Severity(t.severity), BySeverity: map[string]int{}, ByState: t.byState, Since: core.FromMicros(t.since)}
	for severity, n := range t.bySeverity {
		if n > 0 {
			g.BySeverity[core.Severity(severity).String()] = n
		}
	}
	return g
}

// alertBase is what lists, groups and bulk actions of alerts have in common.
func (c *Component) alertBase(ctx context.Context, permission auth.Permission, g Grouped) (base listing.Base, members []string, err error) {
	where, args := scoped(ctx, permission)
	base = listing.Base{From: "events_alert", Where: where, Args: args, Search: []string{"title", "alert_key", "labels"},
		Default: "-openedAt", Key: "id", Now: c.deps.Clock.Now(), Dynamic: c.labelField}
	if g.By == "" {
		return base, nil, nil
	}
	bind := func(v any) string { base.Args = append(base.Args, v); return sqldb.In(1, len(base.Args)) }
	active := "active"
	if g.By == "situation" || g.By == "item" {
		if g.Value != "" {
			base.Where = append(base.Where, g.By+" <> ''")
		}
		active = "active = TRUE" // not in the words of the indexes of what is active: the group's own finds less
	}
	base.Where = append(base.Where, active)
	if placed(g.By) {
		items, err := c.placer.members(ctx, c.view.items(), g)
		if err != nil {
			return base, nil, err
		}
		text, arg := amongTexts(c.deps.DB.Dialect(), "item", len(base.Args)+1, items)
		base.Args = append(base.Args, arg)
		if g.Value == "" {
			text = "(item = '' OR " + text + ")"
			items = append(items, "")
		}
		base.Where = append(base.Where, text)
		return base, items, nil
	}
	column, err := c.groupExpression(g.By, bind)
	if err != nil {
		return base, nil, err
	}
	var value any = g.Value
	if g.By == "severity" {
		var severity core.Severity
		if err := json.Unmarshal([]byte(jsonText(g.Value, false)), &severity); err != nil {
			return base, nil, core.Invalid("value", "must be a severity")
		}
		value = int64(severity)
	}
	base.Where = append(base.Where, column+" = "+bind(value))
	return base, nil, nil
}

// groupExpression is the SQL of what groups.
func (c *Component) groupExpression(by string, bind func(any) string) (string, error) {
	if column := groupColumn(by); column != "" {
		return column, nil
	}
	if f, ok := c.labelField(by, bind); ok {
		return f.Column, nil
	}
	return "", core.Invalid("by", "must be service, site, class, situation, severity, state, team, assignee, source, item or labels.NAME")
}

// Groups counts the active alerts that match, by what By names.
func (c *Component) Groups(ctx context.Context, p listing.Params, by string) (AlertGroups, error) {
	base, _, err := c.alertBase(ctx, "alerts:read", Grouped{})
	if err != nil {
		return AlertGroups{}, err
	}
	base.Where = append(base.Where, "active")
	column := "item"
	if !placed(by) {
		column, err = c.groupExpression(by, func(v any) string { base.Args = append(base.Args, v); return sqldb.In(1, len(base.Args)) })
		if err != nil {
			return AlertGroups{}, err
		}
	}
	where, args, err := alertFields().Conditions(p, base)
	if err != nil {
		return AlertGroups{}, err
	}
	if err := c.catchUp(ctx); err != nil {
		return AlertGroups{}, err
	}
	if counted, ok := c.countInMemory(auth.From(ctx).Scope("alerts:read"), p, by); ok {
		return c.assemble(ctx, counted, by)
	}
	rows, err := c.deps.DB.Query(ctx, "SELECT CAST("+column+" AS TEXT), severity, state, COUNT(*), MIN(onset) FROM events_alert"+where+" GROUP BY 1, 2, 3", args...)
	if err != nil {
		return AlertGroups{}, err
	}
	counted, err := sqldb.Collect(rows, nil, func(rows *sqldb.Rows) (n groupCount, err error) {
		err = rows.Scan(&n.value, &n.severity, &n.state, &n.alerts, &n.since)
		return n, err
	})
	if err != nil {
		return AlertGroups{}, err
	}
	return c.assemble(ctx, counted, by)
}

// groupCount is one row of what the store counted.
type groupCount struct {
	value, state    string
	severity, since int64
	alerts          int
}

// assemble makes groups of counts.
func (c *Component) assemble(ctx context.Context, counted []groupCount, by string) (out AlertGroups, err error) {
	groups := map[string]*tally{}
	add := func(value, label string, n groupCount) {
		t := groups[value]
		if t == nil {
			t = &tally{value: value, label: label, byState: make(map[string]int, 1)}
			groups[value] = t
		}
		t.add(n)
	}
	if placed(by) {
		items := make([]string, 0, len(counted))
		for _, n := range counted {
			items = append(items, n.value)
		}
		places, err := c.placer.places(ctx, items)
		if err != nil {
			return out, err
		}
		for _, n := range counted {
			for _, v := range places[n.value].values(by) {
				add(v.ID, v.Name, n)
			}
		}
	} else {
		for _, n := range counted {
			if by == "severity" { // the store has numbers
				n.value = core.Severity(n.severity).String()
			}
			add(n.value, "", n)
		}
	}
	all := make([]*tally, 0, len(groups))
	for _, t := range groups {
		out.Alerts += t.alerts
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *tally) int {
		return cmp.Or(cmp.Compare(b.severity, a.severity), cmp.Compare(b.alerts, a.alerts), cmp.Compare(a.value, b.value))
	})
	out.Total, out.Groups = len(all), make([]AlertGroup, 0, min(len(all), groupsMost))
	for _, t := range all[:min(len(all), groupsMost)] {
		out.Groups = append(out.Groups, t.group())
	}
	return out, c.labelGroups(ctx, out.Groups, by)
}

// labelGroups names groups whose values are ids.
func (c *Component) labelGroups(ctx context.Context, groups []AlertGroup, by string) error {
	switch by {
	case "item":
		for i := range groups {
			if groups[i].Value != "" {
				groups[i].Label = c.deps.Graph.Name(groups[i].Value)
			}
		}
	case "situation":
		ids := make([]string, 0, len(groups))
		for _, g := range groups {
			ids = append(ids, g.Value)
		}
		titles := map[string]string{}
		for _, part := range lists(c.deps.DB.Dialect(), ids) {
			rows, err := c.deps.DB.Query(ctx, "SELECT id, title FROM events_situation WHERE id IN "+part.set, part.args...)
			if err != nil {
				return err
			}
			if _, err := sqldb.Collect(rows, nil, func(rows *sqldb.Rows) (struct{}, error) {
				var id, title string
				err := rows.Scan(&id, &title)
				titles[id] = title
				return struct{}{}, err
			}); err != nil {
				return err
			}
		}
		for i := range groups {
			groups[i].Label = titles[groups[i].Value]
		}
	}
	return nil
}
