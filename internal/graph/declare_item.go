package graph

import (
	"context"
	"encoding/json"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
)

// ItemSpec is the spec of an Item document. The document's name is the item's
// name unless the spec has another.
type ItemSpec struct {
	Class      string             `json:"class"`
	Name       string             `json:"name,omitempty"`
	Team       string             `json:"team,omitempty"`
	Identities []DeclaredIdentity `json:"identities,omitempty" doc:"How the item is recognised when others report it"`
	Attributes map[string]any     `json:"attributes,omitempty"`
	Relations  []DeclaredRelation `json:"relations,omitempty"`
	Redundancy map[string]int     `json:"redundancy,omitempty" doc:"How many members of each named group of its dependencies it needs"`
}

// DeclaredIdentity is one identifier.
type DeclaredIdentity struct {
	Kind  string `json:"kind"`
	Value string `json:"value" doc:"For kind parent: id:<item id>, or class/kind=value"`
}

// DeclaredRelation starts at the declared item. Its target may appear later.
type DeclaredRelation struct {
	Type       string         `json:"type"`
	To         DeclaredTarget `json:"to"`
	Group      string         `json:"group,omitempty" doc:"Redundancy group"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// DeclaredTarget names an item by name, by an identifier or by id.
type DeclaredTarget struct {
	Class string `json:"class,omitempty"`
	Name  string `json:"name,omitempty"`
	Kind  string `json:"kind,omitempty" doc:"Kind of the identifier"`
	Value string `json:"value,omitempty"`
	ID    string `json:"id,omitempty"`
}

func (t DeclaredTarget) endpoint() Endpoint {
	switch {
	case t.ID != "":
		return ByID(t.ID)
	case t.Kind != "":
		return ByIdentity(core.Identity{Class: t.Class, Kind: t.Kind, Value: t.Value})
	}
	return ByIdentity(core.Identity{Class: t.Class, Kind: "name", Value: t.Name})
}

func (c *Component) itemKind() declare.Kind {
	return declare.Kind{
		Name: "Item", Summary: "An item of the graph, with its relations", Order: 20, Resource: "items", Spec: ItemSpec{},
		Apply: c.applyItem, Get: c.declaredItem, List: c.declaredItems, Delete: c.deleteDeclared,
	}
}

// documentScope keeps what each document says apart.
func documentScope(name string) string { return "Item/" + name }

// applyItem reconciles the document as the report of a source that is complete
// for its one item.
func (c *Component) applyItem(ctx context.Context, tx *sqldb.Tx, name string, spec json.RawMessage) (bool, error) {
	var s ItemSpec
	if err := declare.Decode(spec, &s); err != nil {
		return false, err
	}
	item := ReportItem{Ref: "item", Class: s.Class, Name: s.Name, Team: s.Team, Attributes: s.Attributes, Redundancy: s.Redundancy}
	if item.Name == "" {
		item.Name = name
	}
	item.Identities = append(item.Identities, core.Identity{Kind: "declared", Value: name})
	for _, i := range s.Identities {
		item.Identities = append(item.Identities, core.Identity{Kind: i.Kind, Value: i.Value})
	}
	r := Report{Source: SourceDocument, Scope: documentScope(name), Items: []ReportItem{item}, Complete: []string{s.Class}}
	for _, relation := range s.Relations {
		r.Relations = append(r.Relations, ReportRelation{Type: relation.Type, From: "item", To: relation.To.endpoint(), Group: relation.Group, Attributes: relation.Attributes})
	}
	before, found, err := c.declaredItem(ctx, tx, name)
	if err != nil || found && declare.Equal(before, spec) {
		return false, err
	}
	if _, ok := c.Catalogue().Class(s.Class); !ok { // perhaps defined by this very transaction
		return false, core.Invalid("class", "there is no class \""+s.Class+"\"")
	}
	p, err := c.prepare(r, Places{})
	if err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM graph_pending WHERE source = $1 AND scope = $2", SourceDocument, documentScope(name)); err != nil {
		return false, err
	}
	o, err := c.reconcile(ctx, tx, p)
	if err != nil {
		return false, err
	}
	if err := ownErrors(o.Errors); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO graph_definition (kind, name, spec) VALUES ('item', $1, $2) ON CONFLICT (kind, name) DO UPDATE SET spec = excluded.spec", name, string(spec))
	return true, err
}

func (c *Component) declaredItem(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
	var spec string
	err := q.QueryRow(ctx, "SELECT spec FROM graph_definition WHERE kind = 'item' AND name = $1", name).Scan(&spec)
	if err == sqldb.ErrNoRows {
		return nil, false, nil
	}
	return json.RawMessage(spec), err == nil, err
}

func (c *Component) declaredItems(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
	names, specs, err := storedDefinitions(ctx, q, "item")
	docs := make([]declare.Document, 0, len(names))
	for _, name := range names {
		docs = append(docs, declare.Document{Kind: "Item", Name: name, Spec: specs[name]})
	}
	return docs, err
}

// deleteDeclared takes back what the document says. An item that nobody else
// reports is deleted.
func (c *Component) deleteDeclared(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
	res, err := tx.Exec(ctx, "DELETE FROM graph_definition WHERE kind = 'item' AND name = $1", name)
	n, err := sqldb.Affected(res, err)
	if err != nil || n == 0 {
		return false, err
	}
	ch, err := c.change(ctx, tx)
	if err != nil {
		return false, err
	}
	rows, err := tx.Query(ctx, "SELECT "+observationColumns+" FROM graph_observation WHERE source = $1 AND scope = $2", SourceDocument, documentScope(name))
	said, err := sqldb.Collect(rows, err, scanObservation)
	if err != nil {
		return false, err
	}
	for _, o := range said {
		if err := ch.takeBack(ctx, o); err != nil {
			return false, err
		}
	}
	return true, ch.forgetReports(ctx)
}

// takeBack removes one observation with the relations its source asserted.
func (ch *change) takeBack(ctx context.Context, o *observation) error {
	found, err := records(ctx, ch.tx, []string{o.item})
	if err != nil || found[o.item] == nil {
		return err
	}
	stored, err := observationsOf(ctx, ch.tx, []string{o.item})
	if err != nil {
		return err
	}
	if len(stored[o.item]) == 1 {
		return ch.remove(ctx, found[o.item], o.source)
	}
	if err := dropObservations(ctx, ch.tx, []said{o.said()}); err != nil {
		return err
	}
	w, err := ch.newEdges(ctx, []string{o.item})
	if err != nil {
		return err
	}
	for _, e := range w.list() {
		w.withdraw(e, speaker(o.source, o.scope))
	}
	if err := w.write(ctx); err != nil {
		return err
	}
	if err := w.tell(ctx, strings.TrimSpace(o.source), nil); err != nil {
		return err
	}
	_, err = ch.redress(ctx, []string{o.item}, o.source)
	return err
}
