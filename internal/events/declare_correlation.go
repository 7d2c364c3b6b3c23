package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"mainstay/internal/core"
	"mainstay/internal/events/correlation"
	"mainstay/internal/events/matching"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
)

const correlationRuleKind = "CorrelationRule"

// CorrelationRuleSpec is what people know about alerts that come together.
type CorrelationRuleSpec struct {
	What    string         `json:"what" enum:"together,never,same" doc:"Together: one situation. Never: never one. Same: both tell the same fault of one item, and are shown as one"`
	First   []string       `json:"first" minItems:"1" maxItems:"20" doc:"Matchers on labels; besides the alert's own: alertname, source, severity, team, check, key, item (its id), itemName, class"`
	Second  []string       `json:"second" minItems:"1" maxItems:"20" doc:"Matchers of the other alert"`
	Within  probe.Duration `json:"within,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"How far apart they may begin; the joining window when not said"`
	Labels  []string       `json:"labels,omitempty" maxItems:"20" doc:"Labels that have to have the same value on both"`
	Items   string         `json:"items,omitempty" enum:"any,same,connected" doc:"How their items have to be related; any when not said"`
	Cause   string         `json:"cause,omitempty" enum:"first,second" doc:"Which of the two is the root cause"`
	Comment string         `json:"comment,omitempty" maxLength:"1000" doc:"Why"`
}

// rule checks the spec and makes it ready.
func (s CorrelationRuleSpec) rule(name string, graph correlation.Graph) (correlation.Rule, error) {
	var bad []core.Detail
	r := correlation.Rule{Name: name, What: correlation.What(s.What), Within: s.Within.Std(), Labels: s.Labels, Items: correlation.Items(s.Items), Cause: s.Cause}
	sides := map[string]func(*correlation.Alert) bool{}
	for field, texts := range map[string][]string{"first": s.First, "second": s.Second} {
		matchers, err := matching.ParseAll(texts)
		if err == nil && matching.Fits(matchers, nil) {
			err = core.Errorf(core.CodeInvalid, "at least one matcher must not match the empty label: this would fit everything")
		}
		if err != nil {
			bad = append(bad, core.Detail{Field: "spec." + field, Rule: err.Error()})
			continue
		}
		sides[field] = fits(matchers, graph)
	}
	r.First, r.Second = sides["first"], sides["second"]
	if s.Within < 0 || s.Within.Std() > 24*time.Hour {
		bad = append(bad, core.Detail{Field: "spec.within", Rule: "must be at most 24h"})
	}
	if s.Cause != "" && r.What != correlation.Together {
		bad = append(bad, core.Detail{Field: "spec.cause", Rule: "goes with what: together"})
	}
	if r.What == correlation.SameFault && (len(s.Labels) > 0 || s.Within != 0 || s.Items != "" && s.Items != "same") {
		bad = append(bad, core.Detail{Field: "spec.what", Rule: "same is about alerts of one item in the joining window: leave out labels, within and items"})
	}
	for _, label := range s.Labels {
		if label == "" || len(label) > maxLabelName || !plain(label) {
			bad = append(bad, core.Detail{Field: "spec.labels", Rule: "must name labels"})
		}
	}
	if name == "" || len(name) > 200 || !plain(name) {
		bad = append(bad, core.Detail{Field: "name", Rule: "must have 1 to 200 bytes"})
	}
	return r, core.InvalidAll(bad)
}

// fits is a side of a rule as the engine asks it.
func fits(matchers labels.Matchers, graph correlation.Graph) func(*correlation.Alert) bool {
	return func(a *correlation.Alert) bool {
		for _, m := range matchers {
			if !m.Matches(labelOf(a, m.Name, graph)) {
				return false
			}
		}
		return true
	}
}

// labelOf is a label of an alert, or what is known of it under that name.
func labelOf(a *correlation.Alert, name string, graph correlation.Graph) string {
	if v, ok := a.Labels[name]; ok {
		return v
	}
	switch name {
	case "alertname":
		return a.Title
	case "source":
		return a.Source
	case "severity":
		return a.Severity.String()
	case "team":
		return a.Team
	case "check":
		return a.Check
	case "key":
		return a.Key
	case "item":
		return a.Item
	}
	if a.Item != "" {
		switch name {
		case "itemName":
			return graph.Name(a.Item)
		case "class":
			return graph.Class(a.Item)
		}
	}
	return ""
}

func (c *Component) correlationRuleKind() declare.Kind {
	return declare.Kind{Name: correlationRuleKind, Summary: "Alerts that belong to one situation, or never do", Order: 60, Resource: "alerts", Spec: CorrelationRuleSpec{},
		Apply: c.applyCorrelationRule, Get: getCorrelationRule, List: listCorrelationRules, Delete: c.deleteCorrelationRule}
}

// correlationRules are the rules in force. One that no longer compiles is left
// out, and the others hold.
func (c *Component) correlationRules(ctx context.Context, q sqldb.Querier) ([]correlation.Rule, error) {
	docs, err := listCorrelationRules(ctx, q)
	if err != nil {
		return nil, err
	}
	var rules []correlation.Rule
	for _, d := range docs {
		var spec CorrelationRuleSpec
		err := json.Unmarshal(d.Spec, &spec)
		if err == nil {
			var r correlation.Rule
			if r, err = spec.rule(d.Name, c.deps.Graph); err == nil {
				rules = append(rules, r)
				continue
			}
		}
		c.deps.Log.Error("events: a rule of correlation cannot be read; it is left out", "rule", d.Name, "error", err)
	}
	return rules, nil
}

// rulesMost bounds the rules: each is asked of each alert that begins.
const rulesMost = 500

func (c *Component) applyCorrelationRule(ctx context.Context, tx *sqldb.Tx, name string, text json.RawMessage) (bool, error) {
	var spec CorrelationRuleSpec
	err := errors.Join(declare.Decode(text, &spec), permitAll(ctx))
	if err == nil {
		_, err = spec.rule(name, c.deps.Graph)
	}
	if err != nil {
		return false, err
	}
	old, found, err := getCorrelationRule(ctx, tx, name)
	if err != nil || found && declare.Equal(old, text) {
		return false, err
	}
	var others int
	if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM events_correlation_rule WHERE name <> $1", name).Scan(&others); err != nil {
		return false, err
	}
	if others >= rulesMost {
		return false, core.Invalid("name", fmt.Sprintf("there are %d rules of correlation already, the most there may be", rulesMost))
	}
	_, err = tx.Exec(ctx, "INSERT INTO events_correlation_rule (name, spec) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET spec = excluded.spec", name, string(text))
	if err != nil {
		return false, err
	}
	return true, c.correlationRuleChanged(ctx, tx, name, "changed", text)
}

func (c *Component) deleteCorrelationRule(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	if err := permitAll(ctx); err != nil {
		return false, err
	}
	n, err := sqldb.Affected(tx.Exec(ctx, "DELETE FROM events_correlation_rule WHERE name = $1", name))
	if err != nil || n == 0 {
		return false, err
	}
	return true, c.correlationRuleChanged(ctx, tx, name, "deleted", json.RawMessage("{}"))
}

// correlationRuleChanged makes every process load its engine anew, with the rules.
func (c *Component) correlationRuleChanged(ctx context.Context, tx *sqldb.Tx, name, verb string, spec json.RawMessage) error {
	if err := c.correlator.anew(ctx, tx); err != nil {
		return err
	}
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actorOf(ctx), Module: module, Type: "events.correlationrule." + verb,
		Subject: core.Ref{Kind: "setting", ID: correlationRuleKind + " " + name}, Summary: "The rule of correlation " + name + " was " + verb, Data: spec})
	return err
}

func getCorrelationRule(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
	var spec string
	err := q.QueryRow(ctx, "SELECT spec FROM events_correlation_rule WHERE name = $1", name).Scan(&spec)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, false, nil
	}
	return json.RawMessage(spec), err == nil, err
}

func listCorrelationRules(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
	rows, err := q.Query(ctx, "SELECT name, spec FROM events_correlation_rule ORDER BY name")
	found, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (r inhibitionRow, err error) { return r, rows.Scan(&r.name, &r.text) })
	docs := make([]declare.Document, 0, len(found))
	for _, r := range found {
		docs = append(docs, declare.Document{Kind: correlationRuleKind, Name: r.name, Spec: json.RawMessage(r.text)})
	}
	return docs, err
}
