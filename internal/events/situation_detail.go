package events

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
	"mainstay/internal/platform/sqldb"
)

// SituationDetail is a situation with everything its page shows.
type SituationDetail struct {
	SituationView
	Candidates []correlation.Candidate `json:"candidates" nullable:"false" doc:"Possible root causes, the likeliest first, with reasons to check"`
	Members    []Member                `json:"members" nullable:"false" doc:"Its alerts, in the order they began"`
	History    []HistoryNote           `json:"history" nullable:"false" doc:"What happened to it, the oldest first"`
	Changes    []RelatedChange         `json:"changes" nullable:"false" doc:"What changed on its items before and during it, the latest first"`
	Checks     []string                `json:"checks" nullable:"false" doc:"Checks that can verify recovery"`
	Comments   []CommentView           `json:"comments" nullable:"false"`
}

// Member is an alert of a situation.
type Member struct {
	Alert    AlertView `json:"alert"`
	JoinedAt time.Time `json:"joinedAt"`
	Why      string    `json:"why" doc:"Why it belongs to the situation"`
}

// HistoryNote is one line of a situation's history.
type HistoryNote struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind" enum:"opened,joined,moved,merged,left,closed,reopened,confirmed,acknowledged,measured,prioritised"`
	From string    `json:"from,omitempty" doc:"What it was before, as kind/id"`
	To   string    `json:"to,omitempty"`
	Why  string    `json:"why"`
}

// RelatedChange is a ledger entry that may explain the situation.
type RelatedChange struct {
	Entry   string    `json:"entry"`
	Item    string    `json:"item"`
	Name    string    `json:"name"`
	At      time.Time `json:"at"`
	Summary string    `json:"summary"`
}

// membersShown bounds the alerts on one page; the counts are always true.
const membersShown = 1000

func (c *Component) situationDetail(ctx context.Context, id string) (d SituationDetail, err error) {
	if d.SituationView, err = c.situationFor(ctx, id, "situations:read"); err != nil {
		return d, err
	}
	d.Candidates = []correlation.Candidate{}
	if err := json.Unmarshal([]byte(d.candidates), &d.Candidates); err != nil {
		return d, err
	}
	if d.Candidates == nil {
		d.Candidates = []correlation.Candidate{}
	}
	if d.Members, err = c.members(ctx, id); err != nil {
		return d, err
	}
	if d.History, err = c.history(ctx, id); err != nil {
		return d, err
	}
	d.Checks = []string{}
	items := map[string]bool{}
	for _, m := range d.Members {
		if m.Alert.Check != "" {
			d.Checks = append(d.Checks, m.Alert.Check)
		}
		if m.Alert.Item != "" {
			items[m.Alert.Item] = true
		}
	}
	slices.Sort(d.Checks)
	d.Checks = slices.Compact(d.Checks)
	d.Changes = c.relatedChanges(items, d)
	d.Comments, err = c.comments(ctx, core.Ref{Kind: "situation", ID: id})
	return d, err
}

// members lists the alerts of a situation. Of a closed one these are the alerts
// it closed with, also when one of them has returned and belongs elsewhere now.
func (c *Component) members(ctx context.Context, id string) ([]Member, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT "+alertColumns+", a.situation, pinned, same_as, m.joined_at, m.why FROM events_alert AS a JOIN events_member AS m ON m.alert = a.id "+
		"WHERE m.situation = $1 AND (m.left_at = 0 OR m.left_at >= (SELECT s.closed_at FROM events_situation AS s WHERE s.id = $1 AND s.closed_at > 0)) "+
		"ORDER BY onset, id LIMIT $2", id, membersShown)
	list, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (m Member, err error) {
		var joined int64
		a, err := readAlert(func(dest ...any) error { return rows.Scan(append(dest, &joined, &m.Why)...) })
		if err != nil {
			return m, err
		}
		m.Alert, m.JoinedAt = c.shown(a), core.FromMicros(joined)
		return m, nil
	})
	if list == nil {
		list = []Member{}
	}
	views := make([]AlertView, len(list))
	for i := range list {
		views[i] = list[i].Alert
	}
	if err == nil {
		err = c.alsoFrom(ctx, views)
	}
	for i := range list {
		list[i].Alert = views[i]
	}
	return list, err
}

func (c *Component) history(ctx context.Context, id string) ([]HistoryNote, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT at, kind, from_ref, to_ref, why FROM events_note WHERE situation = $1 ORDER BY id LIMIT 1000", id)
	list, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (n HistoryNote, err error) {
		var at int64
		err = rows.Scan(&at, &n.Kind, &n.From, &n.To, &n.Why)
		n.At = core.FromMicros(at)
		return n, err
	})
	if list == nil {
		list = []HistoryNote{}
	}
	return list, err
}

// changesShown is how many changes are looked at for one situation.
const changesShown = 200

// relatedChanges looks on the items and on what they need directly, from before
// the first fault to the end.
func (c *Component) relatedChanges(items map[string]bool, d SituationDetail) []RelatedChange {
	first := d.OpenedAt
	for _, m := range d.Members {
		if m.Alert.Onset.Before(first) {
			first = m.Alert.Onset
		}
	}
	around := map[string]bool{}
	for item := range items {
		around[item] = true
		for _, need := range c.deps.Graph.Needs(item) {
			for _, other := range need.Items {
				around[other] = true
			}
		}
	}
	list := make([]string, 0, len(around))
	for item := range around {
		list = append(list, item)
	}
	slices.Sort(list)
	until := c.deps.Clock.Now()
	if d.ClosedAt != nil {
		until = *d.ClosedAt
	}
	changes := []RelatedChange{}
	if len(list) == 0 {
		return changes
	}
	seen := map[string]bool{}
	evidence := ledgerEvidence{c}
	for _, f := range evidence.Changes(list[:min(len(list), 200)], first.Add(-c.config.Situations.Changes), until, changesShown) {
		if !seen[f.Entry] {
			seen[f.Entry] = true
			changes = append(changes, RelatedChange{f.Entry, f.Item, c.deps.Graph.Name(f.Item), f.At, f.Summary})
		}
	}
	return changes
}
