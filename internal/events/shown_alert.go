package events

import (
	"context"
	"fmt"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// AlertView is an alert as the API shows it.
type AlertView struct {
	ID           string            `json:"id"`
	Key          string            `json:"key" doc:"Events of one key are one alert"`
	Title        string            `json:"title"`
	Description  string            `json:"description,omitempty"`
	State        State             `json:"state" enum:"open,acknowledged,suppressed,cleared"`
	Severity     core.Severity     `json:"severity"`
	Worst        core.Severity     `json:"worst" doc:"The worst severity since it opened"`
	Item         string            `json:"item,omitempty"`
	ItemName     string            `json:"itemName,omitempty"`
	Source       string            `json:"source"`
	Check        string            `json:"check,omitempty"`
	Team         string            `json:"team,omitempty"`
	Labels       map[string]string `json:"labels,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	URL          string            `json:"url,omitempty"`
	OpenedAt     time.Time         `json:"openedAt"`
	Onset        time.Time         `json:"onset" doc:"When it began this time"`
	LastSeen     time.Time         `json:"lastSeen"`
	ClearedAt    *time.Time        `json:"clearedAt,omitempty"`
	ChangedAt    time.Time         `json:"changedAt"`
	ExpiresAt    *time.Time        `json:"expiresAt,omitempty" doc:"When it clears unless it is repeated"`
	Count        int64             `json:"count" doc:"Problem events, a second behind at most"`
	Episodes     int64             `json:"episodes" doc:"How often it opened"`
	Flapping     bool              `json:"flapping,omitempty"`
	Acknowledged *Acknowledgement  `json:"acknowledged,omitempty"`
	Assignee     string            `json:"assignee,omitempty"`
	Suppression  *Suppression      `json:"suppression,omitempty"`
	Situation    string            `json:"situation,omitempty"`
	AssignedTeam string            `json:"assignedTeam,omitempty" doc:"A team, by id"`
	Hold         *Hold             `json:"hold,omitempty" doc:"A person's decision that holds it back"`
	SameAs       string            `json:"sameAs,omitempty" doc:"The alert, of another source, that tells the same fault already"`
	AlsoFrom     []AlsoFrom        `json:"alsoFrom,omitempty" doc:"Alerts of other sources that tell the same fault"`
}

// AlsoFrom is an alert that tells what another one tells already.
type AlsoFrom struct {
	Alert  string `json:"alert"`
	Source string `json:"source"`
	Title  string `json:"title"`
}

// Acknowledgement says who has an alert or situation.
type Acknowledgement struct {
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	Note string    `json:"note,omitempty"`
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (c *Component) shown(a *Alert) AlertView {
	v := AlertView{
		ID: a.ID, Key: a.Key, Title: a.Title, Description: a.Description, State: a.State(), Severity: a.Severity, Worst: a.Worst,
		Item: a.Item, Source: a.Source, Check: a.Check, Team: a.Team, Labels: a.Labels, Annotations: a.Annotations, URL: a.URL,
		OpenedAt: a.OpenedAt, Onset: a.Onset, LastSeen: a.LastSeen, ClearedAt: optional(a.ClearedAt), ChangedAt: a.ChangedAt,
		ExpiresAt: optional(a.ExpiresAt), Count: a.Count, Episodes: a.Episodes, Flapping: a.Flapping, Assignee: a.Assignee, Situation: a.Situation, AssignedTeam: a.AssignedTeam, SameAs: a.SameAs,
	}
	if a.Item != "" {
		v.ItemName = c.deps.Graph.Name(a.Item)
	}
	if a.AckedBy != "" {
		v.Acknowledged = &Acknowledgement{a.AckedBy, a.AckedAt, a.AckNote}
	}
	if a.Suppressed.By != "" {
		s := a.Suppressed
		v.Suppression = &s
	}
	if a.Hold.Kind != "" && a.Active {
		hold := a.Hold
		v.Hold = &hold
	}
	return v
}

// alertFields are what lists of alerts filter and sort by.
func alertFields() listing.Fields {
	return listing.Fields{
		"id": {Column: "id"}, "key": {Column: "alert_key"}, "title": {Column: "title"}, "state": {Column: "state"},
		"severity": {Column: "severity", Kind: listing.Severity}, "worst": {Column: "worst", Kind: listing.Severity},
		"item": {Column: "item"}, "source": {Column: "source"}, "check": {Column: "check_id"}, "team": {Column: "team"},
		"assignee": {Column: "assignee"}, "assignedTeam": {Column: "assigned_team"}, "heldBy": {Column: "suppressed_by"}, "snoozedUntil": {Column: "hold_until", Kind: listing.Time}, "situation": {Column: "situation"}, "sameAs": {Column: "same_as"}, "flapping": {Column: "flapping", Kind: listing.Bool},
		"active": {Column: "active", Kind: listing.Bool}, "count": {Column: "occurrences", Kind: listing.Int},
		"openedAt": {Column: "opened_at", Kind: listing.Time}, "onset": {Column: "onset", Kind: listing.Time},
		"lastSeen": {Column: "last_seen", Kind: listing.Time}, "clearedAt": {Column: "cleared_at", Kind: listing.Time},
		"changedAt": {Column: "changed_at", Kind: listing.Time},
	}
}

// scoped restricts a list to the records of the teams that a permission holds for.
func scoped(ctx context.Context, permission auth.Permission) ([]string, []any) {
	scope := auth.From(ctx).Scope(permission)
	if scope.All {
		return nil, nil
	}
	teams := append([]string{""}, scope.Teams...)
	return []string{"team IN (" + sqldb.In(len(teams), 1) + ")"}, anys(teams)
}

// Alerts lists alerts that the caller may see.
func (c *Component) Alerts(ctx context.Context, p listing.Params) (listing.Page[AlertView], error) {
	return c.AlertsIn(ctx, p, Grouped{})
}

// AlertsIn lists the alerts of a group.
func (c *Component) AlertsIn(ctx context.Context, p listing.Params, g Grouped) (listing.Page[AlertView], error) {
	base, members, err := c.alertBase(ctx, "alerts:read", g)
	if err != nil {
		return listing.Page[AlertView]{}, err
	}
	base.Select = alertColumns + ", " + correlatedColumns
	ids, total, known := []string(nil), 0, false
	if g.By != "" || activeOnly(p.Where) {
		if err := c.catchUp(ctx); err != nil {
			return listing.Page[AlertView]{}, err
		}
		ids, total, known = c.matchInMemory(auth.From(ctx).Scope("alerts:read"), p, g, members)
	}
	base.Where = append(base.Where, named(p.Where)...)
	switch {
	case known && total <= idsMost:
		base = amongIDs(c.deps.DB.Dialect(), base, ids)
	case activeOnly(p.Where):
		base.Where = append(base.Where, "active")
	}
	st, err := alertFields().Build(p, base)
	if err != nil {
		return listing.Page[AlertView]{}, err
	}
	if known {
		st.Known = &total
	}
	page, err := listing.Read(ctx, c.deps.DB, p, st, func(dest func(...any) error) (AlertView, error) {
		a, err := readAlert(dest)
		if err != nil {
			return AlertView{}, err
		}
		return c.shown(a), nil
	})
	if err == nil {
		err = c.alsoFrom(ctx, page.Items)
	}
	return page, err
}

// amongIDs has the store look at these alerts alone, and not in an index of what
// is active.
func amongIDs(dialect sqldb.Dialect, base listing.Base, ids []string) listing.Base {
	base.Where = slices.Clone(base.Where)
	for i, condition := range base.Where {
		if condition == "active" {
			base.Where[i] = "active = TRUE"
		}
	}
	among, arg := amongTexts(dialect, "id", len(base.Args)+1, ids)
	base.Args, base.Where = append(slices.Clone(base.Args), arg), append(base.Where, among)
	return base
}

// amongTexts is the condition that a column is one of texts, which are argument n.
func amongTexts(dialect sqldb.Dialect, column string, n int, texts []string) (condition string, arg any) {
	if dialect == sqldb.PostgreSQL {
		return column + " = ANY(CAST(" + sqldb.In(1, n) + " AS text[]))", texts
	}
	return column + " IN (SELECT value FROM json_each(" + sqldb.In(1, n) + "))", jsonText(texts, false)
}

// alsoFrom adds the other sources that tell the same faults.
func (c *Component) alsoFrom(ctx context.Context, alerts []AlertView) error {
	at := make(map[string]int, len(alerts))
	ids := make([]string, 0, len(alerts))
	for i, a := range alerts {
		at[a.ID] = i
		ids = append(ids, a.ID)
	}
	const columns, twins = "same_as, id, source, title, onset", "same_as <> '' AND active"
	for _, part := range lists(c.deps.DB.Dialect(), ids) {
		query, args := "SELECT "+columns+" FROM events_alert WHERE "+twins+" AND same_as IN "+part.set, part.args
		if c.deps.DB.Dialect() == sqldb.PostgreSQL {
			query, args = c.deps.DB.Dialect().ByKey(columns, "events_alert", twins, "same_as", 1, ids)
		}
		rows, err := c.deps.DB.Query(ctx, query+" ORDER BY onset, id", args...)
		type twin struct {
			of string
			AlsoFrom
			onset int64
		}
		found, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (t twin, err error) {
			return t, rows.Scan(&t.of, &t.Alert, &t.Source, &t.Title, &t.onset)
		})
		if err != nil {
			return err
		}
		for _, t := range found {
			alerts[at[t.of]].AlsoFrom = append(alerts[at[t.of]].AlsoFrom, t.AlsoFrom)
		}
	}
	return nil
}

// labelField lets lists filter by labels.NAME.
func (c *Component) labelField(name string, bind func(any) string) (listing.Field, bool) {
	const prefix = "labels."
	if len(name) <= len(prefix) || name[:len(prefix)] != prefix {
		return listing.Field{}, false
	}
	label := name[len(prefix):]
	if c.deps.DB.Dialect() == sqldb.PostgreSQL {
		return listing.Field{Column: fmt.Sprintf("COALESCE(CAST(NULLIF(labels, '') AS jsonb) ->> CAST(%s AS TEXT), '')", bind(label)), Unsorted: true}, true
	}
	return listing.Field{Column: fmt.Sprintf("COALESCE(CAST(NULLIF(labels, '') ->> %s AS TEXT), '')", bind(label)), Unsorted: true}, true
}

// alertFor reads one alert that the caller may see.
func (c *Component) alertFor(ctx context.Context, id string, permission auth.Permission) (*Alert, error) {
	found, err := alertsWhere(ctx, c.deps.DB, "id = $1", false, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || !auth.From(ctx).Scope(permission).Allows(found[0].Team) {
		return nil, core.NotFound("alert", id)
	}
	return found[0], nil
}
