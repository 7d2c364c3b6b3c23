package availability

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/monitor/availability/figures"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// TargetSpec says how available some items must be, and what time counts.
type TargetSpec struct {
	Description string          `json:"description,omitempty"`
	Team        string          `json:"team,omitempty"`
	Items       []string        `json:"items,omitempty" doc:"ids of items"`
	Identities  []core.Identity `json:"identities,omitempty" doc:"items by what identifies them"`
	Selector    string          `json:"selector,omitempty" doc:"selects items"`

	Target             float64          `json:"target" doc:"Percent of the agreed time: 99.9"`
	Calendar           string           `json:"calendar,omitempty" doc:"Name of the calendar whose hours are agreed; all time when left out"`
	TimeZone           string           `json:"timeZone,omitempty" doc:"Zone of days and months; that of the calendar, else UTC, when left out"`
	IncludeMaintenance bool             `json:"includeMaintenance,omitempty" doc:"Time in maintenance counts, too"`
	Unknown            figures.Counting `json:"unknown,omitempty" enum:"exclude,up,down" doc:"What time without knowledge counts as; exclude when left out"`
	Degraded           figures.Counting `json:"degraded,omitempty" enum:"up,down,exclude" doc:"What degraded time counts as; up when left out"`
}

// Target is a declared one.
type Target struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Spec      TargetSpec `json:"spec"`
	Version   int64      `json:"version"`
	CreatedAt time.Time  `json:"createdAt"`
	UpdatedAt time.Time  `json:"updatedAt"`
}

// ParseTarget reads and checks the spec of an AvailabilityTarget document.
func ParseTarget(raw json.RawMessage) (*TargetSpec, error) {
	spec := &TargetSpec{}
	if err := declare.Decode(raw, spec); err != nil {
		return nil, err
	}
	return spec, spec.validate()
}

func (s TargetSpec) validate() error {
	var bad []core.Detail
	check := func(ok bool, field, rule string) {
		if !ok {
			bad = append(bad, core.Detail{Field: "spec." + field, Rule: rule})
		}
	}
	check(s.Target > 0 && s.Target <= 100, "target", "must be a percentage above 0 and at most 100")
	check(len(s.Items)+len(s.Identities) > 0 || s.Selector != "", "items", "items, identities or selector must say what it is about")
	for i, id := range s.Items {
		check(core.ValidID(id), fmt.Sprintf("items[%d]", i), "must be the id of an item")
	}
	for i, id := range s.Identities {
		check(id.Kind != "" && id.Value != "", fmt.Sprintf("identities[%d]", i), "must have a kind and a value")
	}
	counts := []figures.Counting{"", figures.Ignored, figures.Good, figures.Bad}
	check(slices.Contains(counts, s.Unknown), "unknown", "must be exclude, up or down")
	check(slices.Contains(counts, s.Degraded), "degraded", "must be up, down or exclude")
	if s.TimeZone != "" {
		_, err := time.LoadLocation(s.TimeZone)
		check(err == nil && s.TimeZone != "Local", "timeZone", "must name an IANA time zone, such as Europe/Berlin or UTC")
	}
	return core.InvalidAll(bad)
}

// itemsOf looks up which items a target is about, in order.
func (c *Component) itemsOf(ctx context.Context, s TargetSpec) ([]string, error) {
	found := map[string]bool{}
	for _, id := range s.Items {
		found[id] = true
	}
	for _, identity := range s.Identities {
		id, err := c.deps.Graph.ItemOf(ctx, []core.Identity{identity})
		if code := core.CodeOf(err); code == core.CodeNotFound || code == core.CodeConflict {
			continue // not there yet, or not clear which
		} else if err != nil {
			return nil, err
		}
		found[id] = true
	}
	if s.Selector != "" {
		ids, err := c.deps.Graph.Select(ctx, s.Selector)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			found[id] = true
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// Agreed is what was agreed for an item.
type Agreed struct {
	Target  string
	Percent float64
}

// Agreed tells what was agreed for items, by their ids.
func (c *Component) Agreed(ctx context.Context) (map[string][]Agreed, error) {
	list, err := c.targets(ctx, c.deps.DB, "1 = 1")
	if err != nil {
		return nil, err
	}
	out := map[string][]Agreed{}
	for _, t := range list {
		items, err := c.itemsOf(ctx, t.Spec)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			out[item] = append(out[item], Agreed{t.Name, t.Spec.Target})
		}
	}
	return out, nil
}

// terms are what a target says, with its calendar, and the zone of its months.
func (c *Component) terms(ctx context.Context, s TargetSpec) (figures.Terms, *time.Location, error) {
	t := figures.Terms{Target: s.Target, IncludeMaintenance: s.IncludeMaintenance, Unknown: s.Unknown, Degraded: s.Degraded}
	zone := time.UTC
	if s.Calendar != "" {
		cal, err := c.deps.Calendars.Calendar(ctx, c.deps.DB, s.Calendar)
		if err != nil {
			return t, zone, err
		}
		zone = cal.Zone()
		t.Hours = func(from, to time.Time) []figures.Span {
			spans := cal.Spans(from, to)
			out := make([]figures.Span, len(spans))
			for i, s := range spans {
				out[i] = figures.Span(s)
			}
			return out
		}
	}
	if s.TimeZone != "" {
		loc, err := time.LoadLocation(s.TimeZone)
		if err != nil {
			return t, zone, core.Invalid("spec.timeZone", "is not a known time zone")
		}
		zone = loc
	}
	return t, zone, nil
}

const targetColumns = "id, name, spec, version, created_at, updated_at"

func scanTarget(scan func(...any) error) (t Target, err error) {
	var spec string
	var created, updated int64
	if err := scan(&t.ID, &t.Name, &spec, &t.Version, &created, &updated); err != nil {
		return t, err
	}
	t.CreatedAt, t.UpdatedAt = core.FromMicros(created), core.FromMicros(updated)
	return t, json.Unmarshal([]byte(spec), &t.Spec)
}

func (c *Component) targets(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]Target, error) {
	rows, err := q.Query(ctx, "SELECT "+targetColumns+" FROM availability_target WHERE "+where+" ORDER BY name", args...)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (Target, error) { return scanTarget(r.Scan) })
}

// Kinds are the documents of this room.
func (c *Component) Kinds() []declare.Kind {
	return []declare.Kind{{
		Name: "AvailabilityTarget", Summary: "How available items must be, and in which hours", Order: 70, Resource: "availability", Spec: TargetSpec{},
		Apply: c.applyTarget,
		Get: func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
			list, err := c.targets(ctx, q, "name = $1", name)
			if err != nil || len(list) == 0 {
				return nil, false, err
			}
			spec, err := json.Marshal(list[0].Spec)
			return spec, true, err
		},
		List: func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
			list, err := c.targets(ctx, q, "1 = 1")
			out := make([]declare.Document, len(list))
			for i, t := range list {
				spec, err := json.Marshal(t.Spec)
				if err != nil {
					return nil, err
				}
				out[i] = declare.Document{Kind: "AvailabilityTarget", Name: t.Name, Spec: spec}
			}
			return out, err
		},
		Delete: func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
			list, err := c.targets(ctx, tx, "name = $1", name)
			if err != nil || len(list) == 0 {
				return false, err
			}
			if _, err := tx.Exec(ctx, "DELETE FROM availability_target WHERE name = $1", name); err != nil {
				return false, err
			}
			return true, c.tellTarget(ctx, tx, "deleted", list[0])
		},
	}}
}

func (c *Component) applyTarget(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
	spec, err := ParseTarget(raw)
	if err != nil {
		return false, err
	}
	if spec.Selector != "" {
		if _, err := c.deps.Graph.Select(ctx, spec.Selector); core.CodeOf(err) == core.CodeInvalid {
			return false, core.Invalid("spec.selector", "does not select: "+err.Error())
		}
	}
	if spec.Calendar != "" {
		if _, err := c.deps.Calendars.Calendar(ctx, tx, spec.Calendar); core.CodeOf(err) == core.CodeNotFound {
			return false, core.Invalid("spec.calendar", "there is no such calendar")
		} else if err != nil {
			return false, err
		}
	}
	list, err := c.targets(ctx, tx, "name = $1", name)
	if err != nil {
		return false, err
	}
	now := core.Micros(c.deps.Clock.Now())
	t := Target{ID: c.deps.IDs.New(), Name: name}
	verb := "created"
	if len(list) > 0 {
		t, verb = list[0], "updated"
	}
	for _, team := range []string{spec.Team, t.Spec.Team} {
		if p := auth.From(ctx); p != nil && !p.Scope("availability:write").Allows(team) {
			return false, core.Errorf(core.CodeForbidden, "this needs the permission availability:write for the team of the target")
		}
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return false, err
	}
	if former, err := json.Marshal(t.Spec); err == nil && verb == "updated" && string(former) == string(text) {
		return false, nil
	}
	t.Spec = *spec
	_, err = tx.Exec(ctx, `INSERT INTO availability_target (id, name, team, spec, version, created_at, updated_at) VALUES ($1,$2,$3,$4,1,$5,$5)
		ON CONFLICT (name) DO UPDATE SET team = excluded.team, spec = excluded.spec, version = availability_target.version + 1, updated_at = excluded.updated_at`,
		t.ID, name, spec.Team, string(text), now)
	if err != nil {
		return false, err
	}
	tx.OnCommit(c.settleSoon)
	return true, c.tellTarget(ctx, tx, verb, t)
}

func (c *Component) tellTarget(ctx context.Context, tx *sqldb.Tx, verb string, t Target) error {
	actor := ledger.System("availability")
	if p := auth.From(ctx); p != nil {
		actor = ledger.Actor{Kind: p.Kind, ID: p.ID, Name: p.Name}
	}
	data, err := json.Marshal(t.Spec)
	if err != nil {
		return err
	}
	_, err = c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actor, Module: "monitor", Type: "monitor.availability." + verb,
		Subject: core.Ref{Kind: "availability-target", ID: t.ID}, Team: t.Spec.Team, Summary: "availability target " + t.Name + " " + verb, Data: data})
	return err
}
