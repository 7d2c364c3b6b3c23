package events

import (
	"context"
	"encoding/json"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/listing"
)

// SituationView is a situation as lists show it.
type SituationView struct {
	ID           string            `json:"id"`
	State        correlation.State `json:"state" enum:"open,closed,merged"`
	MergedInto   string            `json:"mergedInto,omitempty"`
	Title        string            `json:"title"`
	Severity     core.Severity     `json:"severity" doc:"Of the worst alert still failing"`
	Team         string            `json:"team,omitempty"`
	OpenedAt     time.Time         `json:"openedAt"`
	ClosedAt     *time.Time        `json:"closedAt,omitempty"`
	ChangedAt    time.Time         `json:"changedAt"`
	RootItem     string            `json:"rootItem,omitempty"`
	RootAlert    string            `json:"rootAlert,omitempty"`
	RootName     string            `json:"rootName,omitempty"`
	Confidence   float64           `json:"confidence" doc:"0 to 1"`
	Confirmed    bool              `json:"confirmed" doc:"A person confirmed the root cause"`
	ConfirmedBy  string            `json:"confirmedBy,omitempty"`
	Services     []Service         `json:"services" nullable:"false" doc:"Business services that are reached"`
	Alerts       int64             `json:"alerts"`
	ActiveAlerts int64             `json:"activeAlerts"`
	Items        int64             `json:"items"`
	Acknowledged *Acknowledgement  `json:"acknowledged,omitempty"`
	Priority     string            `json:"priority,omitempty" doc:"P1, the most pressing, to P5"`
	Impact       SituationImpact   `json:"impact" doc:"What it reaches, and why its priority is what it is"`

	candidates string
}

const situationSelect = situationColumns + ", acked_by, acked_at, impact, priority, priority_set, priority_by, priority_note"

func readSituation(scan func(...any) error) (v SituationView, err error) {
	var state, confirmed, services, acked string
	var severity, opened, closed, quiet, changed, due, ackedAt, computed, set int64
	var impact, setBy, note string
	err = scan(&v.ID, &state, &v.MergedInto, &v.Title, &severity, &v.Team, &opened, &closed, &quiet, &changed, &due,
		&v.RootItem, &v.RootAlert, &v.RootName, &v.Confidence, &confirmed, &v.ConfirmedBy, &v.candidates, &services,
		&v.Alerts, &v.ActiveAlerts, &v.Items, &acked, &ackedAt, &impact, &computed, &set, &setBy, &note)
	if err != nil {
		return v, err
	}
	v.State, v.Severity, v.Confirmed = correlation.State(state), core.Severity(severity), confirmed != ""
	v.OpenedAt, v.ClosedAt, v.ChangedAt = core.FromMicros(opened), optional(core.FromMicros(closed)), core.FromMicros(changed)
	if acked != "" {
		v.Acknowledged = &Acknowledgement{By: acked, At: core.FromMicros(ackedAt)}
	}
	v.Services = []Service{}
	if v.Priority, err = v.Impact.read(impact, int(computed), int(set), setBy, note); err != nil {
		return v, err
	}
	return v, json.Unmarshal([]byte(services), &v.Services)
}

func situationFields() listing.Fields {
	return listing.Fields{
		"id": {Column: "id"}, "state": {Column: "state"}, "severity": {Column: "severity", Kind: listing.Severity}, "title": {Column: "title"},
		"team": {Column: "team"}, "item": {Column: "root_item"}, "rootName": {Column: "root_name"}, "confidence": {Column: "confidence", Kind: listing.Float},
		"openedAt": {Column: "opened_at", Kind: listing.Time}, "closedAt": {Column: "closed_at", Kind: listing.Time},
		"changedAt": {Column: "changed_at", Kind: listing.Time}, "alerts": {Column: "alerts", Kind: listing.Int},
		"activeAlerts": {Column: "active_alerts", Kind: listing.Int}, "items": {Column: "items", Kind: listing.Int},
		"acknowledgedBy": {Column: "acked_by"}, "services": {Column: "services", Unsorted: true},
		"priority": {Column: priorityColumn},
	}
}

// Situations lists situations that the caller may see.
func (c *Component) Situations(ctx context.Context, p listing.Params) (listing.Page[SituationView], error) {
	where, args := scoped(ctx, "situations:read")
	st, err := situationFields().Build(p, listing.Base{Select: situationSelect, From: "events_situation", Where: where, Args: args,
		Search: []string{"title", "root_name", "services"}, Default: "-openedAt", Key: "id", Now: c.deps.Clock.Now()})
	if err != nil {
		return listing.Page[SituationView]{}, err
	}
	return listing.Read(ctx, c.deps.DB, p, st, readSituation)
}

// situationFor reads one situation that the caller has the permission for.
func (c *Component) situationFor(ctx context.Context, id string, permission auth.Permission) (SituationView, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT "+situationSelect+" FROM events_situation WHERE id = $1", id)
	if err != nil {
		return SituationView{}, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return SituationView{}, err
		}
		return SituationView{}, core.NotFound("situation", id)
	}
	v, err := readSituation(rows.Scan)
	if err == nil && !auth.From(ctx).Scope(permission).Allows(v.Team) {
		return SituationView{}, core.NotFound("situation", id)
	}
	return v, err
}
