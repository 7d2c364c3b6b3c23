package events

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/events/inhibition"
	"mainstay/internal/events/routing"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

const (
	routingKind    = "AlertRouting"
	inhibitionKind = "Inhibition"
)

func (c *Component) routingKinds() []declare.Kind {
	return []declare.Kind{
		{Name: routingKind, Summary: "Who is told of which alerts: what an Alertmanager configuration file says", Order: 61, Resource: "alerts", Spec: routing.Spec{},
			Apply: c.applyRouting, Get: c.getRouting, List: c.listRouting, Delete: c.deleteRouting},
		{Name: inhibitionKind, Summary: "Alerts that are held back while another one is active that explains them", Order: 60, Resource: "alerts", Spec: InhibitionSpec{},
			Apply: c.applyInhibition, Get: getInhibition, List: listInhibitions, Delete: c.deleteInhibition},
	}
}

func (c *Component) applyRouting(ctx context.Context, tx *sqldb.Tx, name string, text json.RawMessage) (bool, error) {
	if name != settingsName {
		return false, core.Invalid("name", "must be "+settingsName+": there is one document of this kind")
	}
	var spec routing.Spec
	if err := errors.Join(declare.Decode(text, &spec), permitAll(ctx)); err != nil {
		return false, err
	}
	if _, err := routing.Compile(spec, nil); err != nil {
		return false, err
	}
	old, found, err := c.settingText(ctx, tx, routingKind)
	if err != nil || found && declare.Equal(json.RawMessage(old), text) {
		return false, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO events_setting (kind, spec) VALUES ($1, $2) ON CONFLICT (kind) DO UPDATE SET spec = excluded.spec", routingKind, string(text))
	if err != nil {
		return false, err
	}
	return true, c.rulesChanged(ctx, tx, "events.routing.changed", core.Ref{Kind: "setting", ID: routingKind}, "The routing of alerts was changed")
}

// rulesChanged tells of a change of documents that rules are made of.
func (c *Component) rulesChanged(ctx context.Context, tx *sqldb.Tx, kind string, subject core.Ref, summary string) error {
	tx.OnCommit(func() {
		c.declared.Store(true)
		c.kick()
	})
	_, err := c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: actorOf(ctx), Module: module, Type: kind, Subject: subject, Summary: summary})
	return err
}

func (c *Component) deleteRouting(ctx context.Context, tx *sqldb.Tx, _ string) (bool, error) {
	if err := permitAll(ctx); err != nil {
		return false, err
	}
	n, err := sqldb.Affected(tx.Exec(ctx, "DELETE FROM events_setting WHERE kind = $1", routingKind))
	if err != nil || n == 0 {
		return false, err
	}
	return true, c.rulesChanged(ctx, tx, "events.routing.deleted", core.Ref{Kind: "setting", ID: routingKind}, "The routing of alerts was deleted")
}

func (c *Component) getRouting(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
	if name != settingsName {
		return nil, false, nil
	}
	text, found, err := c.settingText(ctx, q, routingKind)
	return json.RawMessage(text), found, err
}

func (c *Component) listRouting(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
	text, found, err := c.getRouting(ctx, q, settingsName)
	if err != nil || !found {
		return nil, err
	}
	return []declare.Document{{Kind: routingKind, Name: settingsName, Spec: text}}, nil
}

// InhibitionSpec is one inhibition rule as a document declares it.
type InhibitionSpec struct {
	Source []string `json:"source" nullable:"false" minItems:"1" maxItems:"100" doc:"Matchers of the alerts that hold others back"`
	Target []string `json:"target" nullable:"false" minItems:"1" maxItems:"100" doc:"Matchers of the alerts that are held back"`
	Equal  []string `json:"equal,omitempty" maxItems:"100" doc:"Labels that have to be the same on both"`
}

func (s InhibitionSpec) rule(name string) (inhibition.Rule, error) {
	rule, err := routing.CompileInhibition(routing.InhibitRule{Name: name, SourceMatchers: s.Source, TargetMatchers: s.Target, Equal: s.Equal})
	var coded *core.Error
	if errors.As(err, &coded) {
		for i := range coded.Details { // say it in this document's words
			coded.Details[i].Field = inhibitionField(coded.Details[i].Field)
		}
	}
	return rule, err
}

type inhibitionRow struct{ name, text string }

func (r inhibitionRow) rule() (inhibition.Rule, error) {
	var spec InhibitionSpec
	if err := json.Unmarshal([]byte(r.text), &spec); err != nil {
		return inhibition.Rule{}, err
	}
	return spec.rule(r.name)
}

func inhibitionsWhere(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]inhibitionRow, error) {
	rows, err := q.Query(ctx, "SELECT name, spec FROM events_inhibition WHERE "+where, args...)
	return sqldb.Collect(rows, err, func(rows *sqldb.Rows) (r inhibitionRow, err error) { return r, rows.Scan(&r.name, &r.text) })
}

func (c *Component) applyInhibition(ctx context.Context, tx *sqldb.Tx, name string, text json.RawMessage) (bool, error) {
	var spec InhibitionSpec
	if err := errors.Join(declare.Decode(text, &spec), permitAll(ctx)); err != nil {
		return false, err
	}
	if name == "" || len(name) > 200 || !plain(name) {
		return false, core.Invalid("name", "must have 1 to 200 bytes")
	}
	if _, err := spec.rule(name); err != nil {
		return false, err
	}
	old, err := inhibitionsWhere(ctx, tx, "name = $1", name)
	if err != nil || len(old) > 0 && declare.Equal(json.RawMessage(old[0].text), text) {
		return false, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO events_inhibition (name, spec) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET spec = excluded.spec", name, string(text))
	if err != nil {
		return false, err
	}
	return true, c.rulesChanged(ctx, tx, "events.inhibition.changed", core.Ref{Kind: "inhibition", ID: name}, "The inhibition "+name+" was changed")
}

func getInhibition(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
	found, err := inhibitionsWhere(ctx, q, "name = $1", name)
	if err != nil || len(found) == 0 {
		return nil, false, err
	}
	return json.RawMessage(found[0].text), true, nil
}

func listInhibitions(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
	found, err := inhibitionsWhere(ctx, q, "name <> '' ORDER BY name")
	if err != nil {
		return nil, err
	}
	docs := make([]declare.Document, 0, len(found))
	for _, one := range found {
		docs = append(docs, declare.Document{Kind: inhibitionKind, Name: one.name, Spec: json.RawMessage(one.text)})
	}
	return docs, nil
}

func (c *Component) deleteInhibition(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	if err := permitAll(ctx); err != nil {
		return false, err
	}
	n, err := sqldb.Affected(tx.Exec(ctx, "DELETE FROM events_inhibition WHERE name = $1", name))
	if err != nil || n == 0 {
		return false, err
	}
	return true, c.rulesChanged(ctx, tx, "events.inhibition.deleted", core.Ref{Kind: "inhibition", ID: name}, "The inhibition "+name+" was deleted")
}

func inhibitionField(field string) string {
	return strings.NewReplacer("source_matchers", "source", "target_matchers", "target").Replace(field)
}
