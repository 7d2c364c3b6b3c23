package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
)

// editScope is the scope of what a person says of an item that exists: it is
// bound to the item and not to identifiers.
const editScope = "edit"

// Draft is an item that a person creates.
type Draft struct {
	Class      string          `json:"class"`
	Name       string          `json:"name" minLength:"1" maxLength:"500"`
	Team       string          `json:"team,omitempty"`
	Identities []core.Identity `json:"identities,omitempty"`
	Attributes map[string]any  `json:"attributes,omitempty"`
	Redundancy map[string]int  `json:"redundancy,omitempty"`
	Relations  []DraftRelation `json:"relations,omitempty"`
}

// DraftRelation starts at the item it is written in.
type DraftRelation struct {
	Type       string         `json:"type"`
	To         string         `json:"to" doc:"id:<item id>, or an identifier: kind=value, class/kind=value"`
	Group      string         `json:"group,omitempty" doc:"Redundancy group"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// Create makes an item as a person says it. An item that has the same
// identifiers is a conflict.
func (c *Component) Create(ctx context.Context, d Draft) (Item, error) {
	r := Report{Source: SourcePerson, Items: []ReportItem{{
		Ref: "item", Class: d.Class, Name: d.Name, Team: d.Team, Identities: d.Identities, Attributes: d.Attributes, Redundancy: d.Redundancy,
	}}}
	for _, relation := range d.Relations {
		r.Relations = append(r.Relations, ReportRelation{Type: relation.Type, From: "item", To: Endpoint(relation.To), Group: relation.Group, Attributes: relation.Attributes})
	}
	if !auth.From(ctx).Scope("items:write").Allows(d.Team) {
		return Item{}, core.Errorf(core.CodeForbidden, "you may not create items of this team")
	}
	p, err := c.prepare(r, Places{})
	if err != nil {
		return Item{}, err
	}
	var id string
	err = c.db.Write(ctx, func(tx *sqldb.Tx) error {
		o, err := c.reconcile(ctx, tx, p)
		if err != nil {
			return err
		}
		if err := ownErrors(o.Errors); err != nil {
			return err
		}
		if o.Items[0].Action != Created {
			return core.Errorf(core.CodeConflict, "item %s has the same identifiers", o.Items[0].ID)
		}
		id = o.Items[0].ID
		return nil
	})
	if err != nil {
		return Item{}, err
	}
	return c.Item(ctx, id)
}

// ownErrors words the errors of a report of one item for who wrote only that item.
func ownErrors(details []core.Detail) error {
	for n := range details {
		details[n].Field = strings.TrimPrefix(details[n].Field, "items[0].")
	}
	return core.InvalidAll(details)
}

// Patch is what a person changes about an item. Absent fields stay.
type Patch struct {
	Name       *string        `json:"name,omitempty" maxLength:"500" doc:"Empty: what the other sources say"`
	Team       *string        `json:"team,omitempty"`
	Class      *string        `json:"class,omitempty"`
	Attributes map[string]any `json:"attributes,omitempty" doc:"null takes back what people said"`
	Redundancy map[string]int `json:"redundancy,omitempty"`
}

// Update changes what people say about an item.
func (c *Component) Update(ctx context.Context, id string, patch Patch, ifMatch string) (Item, error) {
	err := c.db.Write(ctx, func(tx *sqldb.Tx) error {
		ch, err := c.change(ctx, tx)
		if err != nil {
			return err
		}
		r, err := ch.writable(ctx, id, ifMatch)
		if err != nil {
			return err
		}
		id = r.id
		if patch.Team != nil && !auth.From(ctx).Scope("items:write").Allows(*patch.Team) {
			return core.Errorf(core.CodeForbidden, "you may not give items to this team")
		}
		return ch.edit(ctx, r, patch)
	})
	if err != nil {
		return Item{}, err
	}
	return c.Item(ctx, id)
}

// writable finds the living item and checks that the caller may change it.
func (ch *change) writable(ctx context.Context, id, ifMatch string) (*record, error) {
	r, err := survivor(ctx, ch.tx, id)
	if err != nil {
		return nil, err
	}
	if r.state == Deleted {
		return nil, core.NotFound("item", id)
	}
	if !auth.From(ctx).Scope("items:write").Allows(r.team) {
		return nil, core.Errorf(core.CodeForbidden, "you may not change items of this team")
	}
	return r, httpapi.Match(ifMatch, r.revision)
}

func (ch *change) edit(ctx context.Context, r *record, patch Patch) error {
	stored, err := observationsOf(ctx, ch.tx, []string{r.id})
	if err != nil {
		return err
	}
	held, err := identitiesOf(ctx, ch.tx, []string{r.id})
	if err != nil {
		return err
	}
	list := stored[r.id]
	own := editOf(r.id, list)
	if own == nil {
		own = &observation{key: editKey(r.id), item: r.id, source: SourcePerson, scope: editScope, values: values{}}
		list = append(list, own)
	}
	own.observedAt, own.seenAt = ch.at, ch.at
	if err := ch.apply(patch, r, own, list); err != nil {
		return err
	}
	var rows [][]any
	for _, o := range list {
		if o.source == SourcePerson {
			o.encoded = ""
			rows = append(rows, o.row())
		}
	}
	if err := ch.putObservations(ctx, rows); err != nil {
		return err
	}
	if err := ch.forgetReports(ctx); err != nil {
		return err
	}
	w := &wardrobe{change: ch}
	w.dress(r.id, r, held[r.id], list)
	return w.write(ctx, SourcePerson)
}

// apply puts the patch on what people said.
func (ch *change) apply(patch Patch, r *record, own *observation, list []*observation) error {
	class := r.class
	if patch.Class != nil {
		resolved, ok := ch.catalogue.Class(*patch.Class)
		if !ok || resolved.Abstract {
			return core.Invalid("class", fmt.Sprintf("%q is not a class of items", *patch.Class))
		}
		if current, ok := ch.catalogue.Class(r.class); ok && current.Family != resolved.Family {
			return core.Invalid("class", fmt.Sprintf("an item of %s cannot become %s", r.class, *patch.Class))
		}
		own.class, class = *patch.Class, *patch.Class
	}
	if patch.Name != nil {
		own.name = strings.TrimSpace(*patch.Name)
	}
	if patch.Team != nil {
		for _, o := range list {
			if lasting(o.source) {
				o.team = *patch.Team
			}
		}
	}
	if patch.Redundancy != nil {
		text, _ := json.Marshal(patch.Redundancy) // numbers
		own.redundancy = string(text)
	}
	resolved, _ := ch.catalogue.Class(class)
	var bad []core.Detail
	for name, value := range patch.Attributes {
		if value == nil {
			for _, o := range list {
				if o.source == SourcePerson {
					delete(o.values, name)
				}
			}
			continue
		}
		raw, err := canonical(value)
		if err != nil {
			bad = append(bad, core.Detail{Field: "attributes." + name, Rule: "cannot be written as JSON"})
			continue
		}
		for _, d := range resolved.CheckAttribute(name, plainValue(value, raw)) {
			bad = append(bad, core.Detail{Field: "attributes." + d.Field, Rule: d.Rule})
		}
		own.values[name] = raw
	}
	return core.InvalidAll(bad)
}

func editKey(item string) string {
	var d digest
	d.add(SourcePerson, editScope, item)
	return d.sum()
}

func editOf(item string, list []*observation) *observation {
	key := editKey(item)
	for _, o := range list {
		if o.key == key {
			return o
		}
	}
	return nil
}

// forgetReports makes every source's next report be looked at item by item.
func (ch *change) forgetReports(ctx context.Context) error {
	_, err := ch.tx.Exec(ctx, "DELETE FROM graph_report")
	return err
}

// doubt has what is said of items taken up again with the next reports, and
// their relations with it, although it is the same as before.
func (ch *change) doubt(ctx context.Context, items []string) error {
	slices.Sort(items)
	for items := range slices.Chunk(slices.Compact(items), chunkSize) {
		where, args := ch.tx.Dialect().AtKey("graph_observation", "TRUE", "item", 1, items)
		if _, err := ch.tx.Exec(ctx, "UPDATE graph_observation SET hash = '' WHERE "+where, args...); err != nil {
			return err
		}
	}
	return nil
}

// Delete ends an item by a person's decision. A source that still sees the
// thing will bring it back as a new item.
func (c *Component) Delete(ctx context.Context, id, ifMatch string) error {
	return c.db.Write(ctx, func(tx *sqldb.Tx) error {
		ch, err := c.change(ctx, tx)
		if err != nil {
			return err
		}
		r, err := ch.writable(ctx, id, ifMatch)
		if err != nil {
			return err
		}
		return ch.remove(ctx, r, SourcePerson)
	})
}

func (ch *change) remove(ctx context.Context, r *record, by string) error {
	held, err := identitiesOf(ctx, ch.tx, []string{r.id})
	if err != nil {
		return err
	}
	w := &edges{change: ch, held: map[edgeKey]*edge{}}
	if err := w.loadAround(ctx, r.id); err != nil {
		return err
	}
	var needing []string
	for _, e := range w.list() {
		needing = append(needing, e.from)
		w.end(e)
	}
	if err := errors.Join(w.write(ctx), ch.doubt(ctx, needing)); err != nil {
		return err
	}
	for _, statement := range []string{
		"DELETE FROM graph_observation WHERE item = $1",
		"DELETE FROM graph_pending WHERE from_item = $1",
	} {
		if _, err := ch.tx.Exec(ctx, statement, r.id); err != nil {
			return err
		}
	}
	if err := ch.forgetReports(ctx); err != nil {
		return err
	}
	next := *r
	next.state, next.missingAt = Deleted, 0
	d := &wardrobe{change: ch, before: map[string]*record{r.id: r}, after: []*record{&next}, claims: []claim{{item: r.id, before: held[r.id]}}}
	return d.write(ctx, by)
}

// loadAround loads every relation of an item, in both directions.
func (w *edges) loadAround(ctx context.Context, item string) error {
	if err := w.load(ctx, "from_item", []string{item}); err != nil {
		return err
	}
	return w.load(ctx, "to_item", []string{item})
}

// list returns the relations that hold.
func (w *edges) list() []*edge {
	out := make([]*edge, 0, len(w.held))
	for _, e := range w.held {
		out = append(out, e)
	}
	return out
}
