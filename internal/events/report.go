package events

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/reports"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
)

// Report is what the alerts and situations of a time cost.
type Report struct {
	From     time.Time       `json:"from"`
	To       time.Time       `json:"to"`
	Alerts   AlertTotals     `json:"alerts"`
	Before   *ReportBefore   `json:"before,omitempty" doc:"The same length of time before"`
	Times    reports.Times   `json:"times"`
	Weeks    []reports.Group `json:"weeks" nullable:"false" doc:"By the Monday each begins with, the earliest first"`
	Teams    []reports.Group `json:"teams" nullable:"false"`
	Services []reports.Group `json:"services" nullable:"false"`
	Severity []reports.Group `json:"severities" nullable:"false"`
	Noise    []Noise         `json:"noise" nullable:"false" doc:"Alerts that nobody needs, by key; the worst first"`
	Rule     string          `json:"noiseRule" doc:"What is called noise, in words"`
}

// ReportBefore is the time before, to compare with.
type ReportBefore struct {
	Alerts AlertTotals   `json:"alerts"`
	Times  reports.Times `json:"times"`
}

// AlertTotals are counts of the alerts that began in a time.
type AlertTotals struct {
	Alerts   int64 `json:"alerts"`
	Acted    int64 `json:"acted" doc:"Of them, that a person acted on"`
	Short    int64 `json:"short" doc:"Of them, over within 5 minutes without anybody having acted"`
	Flapping int64 `json:"flapping" doc:"Of them, that opened at least three times"`
}

// Noise is what the alerts of one key come to.
type Noise struct {
	Key       string             `json:"key"`
	Title     string             `json:"title"`
	Item      string             `json:"item,omitempty"`
	ItemName  string             `json:"itemName,omitempty"`
	Source    string             `json:"source"`
	Team      string             `json:"team,omitempty"`
	TeamName  string             `json:"-"`
	Alerts    int64              `json:"alerts"`
	Episodes  int64              `json:"episodes"`
	Events    int64              `json:"events"`
	Acted     int64              `json:"acted"`
	Alone     int64              `json:"alone" doc:"Alerts that were over without anybody having acted"`
	Unneeded  int64              `json:"unneeded" doc:"How often it opened without anybody acting on it; the list is ranked by it"`
	Median    float64            `json:"medianSeconds" doc:"How long it lasted, the median"`
	Last      time.Time          `json:"last"`
	Problem   string             `json:"problem,omitempty" doc:"Why it is noise: never acted on, flapping, over at once, loud"`
	Proposals []reports.Proposal `json:"proposals" nullable:"false"`
}

const (
	longestReport  = 400 * 24 * time.Hour
	noisiest       = 50
	lengthsLooked  = 20_000
	groupsReported = 50
	shortAlert     = 5 * time.Minute
	// actedSQL says of an alert a in a situation s whether a person acted on it.
	actedSQL = "(a.acked_by <> '' OR a.assignee <> '' OR COALESCE(s.acked_by, '') <> '' OR COALESCE(s.confirmed_by, '') <> '')"
	shortSQL = "(a.cleared_at > 0 AND a.cleared_at - a.onset < $3)"
)

// Report sums up what began in from..to, for what the caller may see.
func (c *Component) Report(ctx context.Context, from, to time.Time) (*Report, error) {
	if !from.Before(to) || to.Sub(from) > longestReport {
		return nil, core.Invalid("to", "must be after from, by at most 400 days")
	}
	r := &Report{From: from, To: to, Before: &ReportBefore{}, Noise: []Noise{}, Rule: reports.Rule}
	var err error
	if r.Alerts, err = c.alertTotals(ctx, from, to); err != nil {
		return nil, err
	}
	if r.Before.Alerts, err = c.alertTotals(ctx, from.Add(-to.Sub(from)), from); err != nil {
		return nil, err
	}
	list, err := c.reportedSituations(ctx, from, to)
	if err != nil {
		return nil, err
	}
	r.Times = reports.Of(list)
	r.Weeks = weekly(reports.By(list, func(s *reports.Situation) []string { return []string{monday(s.OpenedAt)} }, 60))
	r.Teams = reports.By(list, func(s *reports.Situation) []string { return []string{s.Team} }, groupsReported)
	r.Services = reports.By(list, func(s *reports.Situation) []string { return s.Services }, groupsReported)
	r.Severity = reports.By(list, func(s *reports.Situation) []string { return []string{s.Severity} }, groupsReported)
	before, err := c.reportedSituations(ctx, from.Add(-to.Sub(from)), from)
	if err != nil {
		return nil, err
	}
	r.Before.Times = reports.Of(before)
	if r.Noise, err = c.noise(ctx, from, to); err != nil {
		return nil, err
	}
	return r, c.nameTeams(ctx, r)
}

// nameTeams puts names in the place of ids; a team that is gone keeps its own.
func (c *Component) nameTeams(ctx context.Context, r *Report) error {
	names := map[string]string{"": ""}
	name := func(id string) (string, error) {
		if known, ok := names[id]; ok {
			return known, nil
		}
		team, err := c.deps.Directory.Team(ctx, id)
		if core.CodeOf(err) == core.CodeNotFound {
			team.Name, err = id, nil
		}
		names[id] = cmp.Or(team.Name, id)
		return names[id], err
	}
	var err error
	for i := range r.Teams {
		if r.Teams[i].Name, err = name(r.Teams[i].Name); err != nil {
			return err
		}
	}
	for i := range r.Noise {
		if r.Noise[i].TeamName, err = name(r.Noise[i].Team); err != nil {
			return err
		}
	}
	return nil
}

// teamsOf is a condition on the team of rows called alias, with its arguments from $n on.
func teamsOf(ctx context.Context, permission auth.Permission, alias string, n int) (string, []any) {
	scope := auth.From(ctx).Scope(permission)
	if scope.All {
		return "", nil
	}
	teams := append([]string{""}, scope.Teams...)
	return " AND " + alias + ".team IN (" + sqldb.In(len(teams), n) + ")", anys(teams)
}

func (c *Component) alertTotals(ctx context.Context, from, to time.Time) (t AlertTotals, err error) {
	where, args := teamsOf(ctx, "alerts:read", "a", 4)
	err = c.deps.DB.QueryRow(ctx, "SELECT COUNT(*), COALESCE(SUM(CASE WHEN "+actedSQL+" THEN 1 ELSE 0 END), 0), "+
		"COALESCE(SUM(CASE WHEN "+shortSQL+" AND NOT "+actedSQL+" THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN a.episodes >= 3 THEN 1 ELSE 0 END), 0) "+
		"FROM events_alert AS a LEFT JOIN events_situation AS s ON s.id = a.situation AND a.situation <> '' WHERE a.opened_at >= $1 AND a.opened_at < $2"+where,
		append([]any{core.Micros(from), core.Micros(to), shortAlert.Microseconds()}, args...)...).Scan(&t.Alerts, &t.Acted, &t.Short, &t.Flapping)
	return t, err
}

// reportedSituations reads what reports know of situations; those that were
// merged live on in others.
func (c *Component) reportedSituations(ctx context.Context, from, to time.Time) ([]*reports.Situation, error) {
	where, args := teamsOf(ctx, "situations:read", "s", 3)
	rows, err := c.deps.DB.Query(ctx, "SELECT s.severity, s.team, s.opened_at, s.acked_at, s.closed_at, s.services, COALESCE(n.moved, 0) FROM events_situation AS s "+
		"LEFT JOIN (SELECT situation, MAX(at) AS moved FROM events_note WHERE kind IN ('moved', 'confirmed') AND at >= $1 GROUP BY situation) AS n ON n.situation = s.id "+
		"WHERE s.opened_at >= $1 AND s.opened_at < $2 AND s.state <> 'merged'"+where, append([]any{core.Micros(from), core.Micros(to)}, args...)...)
	return sqldb.Collect(rows, err, func(rows *sqldb.Rows) (*reports.Situation, error) {
		s := &reports.Situation{}
		var severity, opened, acked, closed, moved int64
		var services string
		if err := rows.Scan(&severity, &s.Team, &opened, &acked, &closed, &services, &moved); err != nil {
			return nil, err
		}
		s.Severity = core.Severity(severity).String()
		s.OpenedAt, s.AckedAt, s.ClosedAt, s.Moved = core.FromMicros(opened), core.FromMicros(acked), core.FromMicros(closed), core.FromMicros(moved)
		if len(services) < 5 {
			return s, nil
		}
		var list []Service
		err := json.Unmarshal([]byte(services), &list)
		for _, one := range list {
			s.Services = append(s.Services, one.Name)
		}
		return s, err
	})
}

// noise finds the alerts of a time that nobody needs, and what would make them quieter.
func (c *Component) noise(ctx context.Context, from, to time.Time) ([]Noise, error) {
	where, args := teamsOf(ctx, "alerts:read", "a", 5)
	acted := "SUM(CASE WHEN " + actedSQL + " THEN 1 ELSE 0 END)"
	rows, err := c.deps.DB.Query(ctx, "SELECT a.alert_key, MAX(a.id), COUNT(*), SUM(a.episodes), SUM(a.occurrences), "+acted+", "+
		"SUM(CASE WHEN a.cleared_at > 0 AND NOT "+actedSQL+" THEN 1 ELSE 0 END), "+
		"SUM(CASE WHEN "+shortSQL+" AND NOT "+actedSQL+" THEN 1 ELSE 0 END), SUM(CASE WHEN a.flapping THEN 1 ELSE 0 END) "+
		"FROM events_alert AS a LEFT JOIN events_situation AS s ON s.id = a.situation AND a.situation <> '' WHERE a.opened_at >= $1 AND a.opened_at < $2"+where+
		" GROUP BY a.alert_key HAVING "+reports.CandidatesSQL(acted)+" ORDER BY SUM(a.episodes) - "+acted+" DESC, a.alert_key LIMIT $4",
		append([]any{core.Micros(from), core.Micros(to), shortAlert.Microseconds(), noisiest}, args...)...)
	var ids []string
	byKey := map[string]*reports.Talker{}
	talkers, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (*reports.Talker, error) {
		t := &reports.Talker{}
		var id string
		err := rows.Scan(&t.Key, &id, &t.Alerts, &t.Episodes, &t.Events, &t.Acted, &t.Alone, &t.Short, &t.Flapping)
		ids = append(ids, id)
		byKey[t.Key] = t
		return t, err
	})
	out := []Noise{}
	if err != nil || len(talkers) == 0 {
		return out, err
	}
	for _, part := range lists(c.deps.DB.Dialect(), ids) {
		alerts, err := alertsWhere(ctx, c.deps.DB, "id IN "+part.set, false, part.args...)
		if err != nil {
			return out, err
		}
		for _, a := range alerts {
			t := byKey[a.Key]
			t.Title, t.Item, t.Source, t.Team, t.Labels, t.Last = a.Title, a.Item, a.Source, a.Team, a.Labels, a.LastSeen
		}
	}
	if err := c.lengths(ctx, byKey, from, to); err != nil {
		return out, err
	}
	now := c.deps.Clock.Now()
	for _, t := range reports.Noisiest(talkers) {
		n := Noise{Key: t.Key, Title: t.Title, Item: t.Item, Source: t.Source, Team: t.Team, Alerts: t.Alerts, Episodes: t.Episodes, Events: t.Events,
			Acted: t.Acted, Alone: t.Alone, Unneeded: t.Unneeded(), Last: t.Last, Problem: t.Problem(), Proposals: t.Propose(now), Median: reports.SpansOf(t.Lengths).P50}
		if n.Proposals == nil {
			n.Proposals = []reports.Proposal{}
		}
		if t.Item != "" {
			n.ItemName = c.deps.Graph.Name(t.Item)
		}
		out = append(out, n)
	}
	return out, nil
}

// lengths reads how long the alerts of keys lasted.
func (c *Component) lengths(ctx context.Context, byKey map[string]*reports.Talker, from, to time.Time) error {
	keys := make([]string, 0, len(byKey))
	for key := range byKey {
		keys = append(keys, key)
	}
	set, args := c.deps.DB.Dialect().Set(4, keys)
	rows, err := c.deps.DB.Query(ctx, "SELECT alert_key, cleared_at - onset FROM events_alert WHERE opened_at >= $1 AND opened_at < $2 AND cleared_at > onset AND alert_key IN "+set+" LIMIT $3",
		append([]any{core.Micros(from), core.Micros(to), lengthsLooked}, args...)...)
	_, err = sqldb.Collect(rows, err, func(rows *sqldb.Rows) (struct{}, error) {
		var key string
		var length int64
		err := rows.Scan(&key, &length)
		if t := byKey[key]; t != nil {
			t.Lengths = append(t.Lengths, time.Duration(length)*time.Microsecond)
		}
		return struct{}{}, err
	})
	return err
}

func monday(t time.Time) string {
	t = t.UTC()
	return t.AddDate(0, 0, -(int(t.Weekday())+6)%7).Format("2006-01-02")
}

// weekly sorts groups that are named after days.
func weekly(groups []reports.Group) []reports.Group {
	slices.SortFunc(groups, func(a, b reports.Group) int { return strings.Compare(a.Name, b.Name) })
	return groups
}
