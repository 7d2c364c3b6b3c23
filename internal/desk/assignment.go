package desk

import (
	"context"
	"encoding/json"

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
)

// AssignmentRule gives a new incident to a team. Rules are tried by order, then
// name; the first whose condition holds decides. Where none does, the team that
// owns the item at fault has it.
type AssignmentRule struct {
	Order     int    `json:"order,omitempty"`
	Condition string `json:"condition" doc:"CEL over incident, item, items and services: item.class == 'database' && incident.priority == 'P1'"`
	Team      string `json:"team" minLength:"1" doc:"Id or name of the team"`
}

// ParseAssignmentRule reads and checks the spec of an AssignmentRule document.
func ParseAssignmentRule(spec json.RawMessage) (*AssignmentRule, error) {
	r := &AssignmentRule{}
	if err := declare.Decode(spec, r); err != nil {
		return nil, err
	}
	var wrong []core.Detail
	if r.Team == "" {
		wrong = append(wrong, core.Detail{Field: "spec.team", Rule: "must name a team"})
	}
	if _, err := compile(r.Condition); err != nil {
		wrong = append(wrong, core.Detail{Field: "spec.condition", Rule: err.Error()})
	}
	return r, core.InvalidAll(wrong)
}

// facts are the variables of conditions.
func facts(inc *Incident, known []Facts) map[string]any {
	item, items, services := map[string]any{"id": inc.Item, "name": "", "class": "", "team": "", "attributes": map[string]any{}}, []any{}, []any{}
	for _, f := range known {
		attributes := f.Attributes
		if attributes == nil {
			attributes = map[string]any{}
		}
		one := map[string]any{"id": f.ID, "name": f.Name, "class": f.Class, "team": f.Team, "attributes": attributes}
		items = append(items, one)
		if f.ID == inc.Item {
			item = one
		}
	}
	for _, s := range inc.Services {
		services = append(services, map[string]any{"id": s.ID, "name": s.Name, "criticality": string(s.Criticality)})
	}
	return map[string]any{"item": item, "items": items, "services": services, "incident": map[string]any{
		"title": inc.Title, "description": inc.Description, "severity": inc.Severity.String(), "impact": string(inc.Impact),
		"urgency": string(inc.Urgency), "priority": inc.Priority.String(), "situation": inc.Situation, "requester": inc.Requester,
	}}
}

// route decides which team gets a new incident, and says by which rule. A rule
// that fails is skipped, and the log says so.
func (c *Component) route(ctx context.Context, q sqldb.Querier, inc *Incident, known []Facts) (team, why string, err error) {
	rules, err := c.store.assignmentRules(ctx, q)
	if err != nil {
		return "", "", err
	}
	variables := facts(inc, known)
	for _, r := range rules {
		holds, err := c.programs.holds(r.Condition, variables)
		if err != nil {
			c.deps.Log.Warn("assignment rule failed", "rule", r.name, "incident", inc.Number, "error", err)
			continue
		}
		if !holds {
			continue
		}
		entity, found, err := c.deps.Directory.Team(ctx, r.Team)
		if err != nil || !found {
			c.deps.Log.Warn("assignment rule names a team that is not there", "rule", r.name, "team", r.Team, "error", err)
			continue
		}
		return entity.ID, "rule " + r.name, nil
	}
	for _, f := range known {
		if f.ID == inc.Item && f.Team != "" {
			return f.Team, "owner of " + f.Name, nil
		}
	}
	return "", "", nil
}
