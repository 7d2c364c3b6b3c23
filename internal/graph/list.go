package graph

import (
	"context"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/graph/classes"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// ListParams select items.
type ListParams struct {
	listing.Params
	Class string    `query:"class" doc:"Items of this class and its subclasses"`
	AsOf  time.Time `query:"asOf" doc:"The items as they were at this moment"`
}

var itemFields = listing.Fields{
	"id":          {Column: "i.id"},
	"name":        {Column: "i.name"},
	"class":       {Column: "i.class"},
	"state":       {Column: "i.state"},
	"team":        {Column: "i.team"},
	"site":        {Column: "i.site"},
	"criticality": {Column: "i.criticality", Kind: listing.Int},
	"createdAt":   {Column: "i.created_at", Kind: listing.Time},
	"updatedAt":   {Column: "i.updated_at", Kind: listing.Time},
}

// List returns a page of the items within the scope. Items that are retired,
// deleted or merged are listed only when a condition asks for their state.
func (c *Component) List(ctx context.Context, p ListParams, scope auth.Scope) (listing.Page[Item], error) {
	base, err := c.listBase(p, scope)
	if err != nil {
		return listing.Page[Item]{}, err
	}
	statement, err := itemFields.Build(criticalityNumbers(p.Params), base)
	if err != nil {
		return listing.Page[Item]{}, err
	}
	return listing.Read(ctx, c.db, p.Params, statement, func(dest func(...any) error) (Item, error) {
		r, err := scanRecord(dest)
		if err != nil {
			return Item{}, err
		}
		return r.item(), nil
	})
}

func (c *Component) listBase(p ListParams, scope auth.Scope) (listing.Base, error) {
	base := listing.Base{
		Select: "i." + strings.ReplaceAll(recordColumns, ", ", ", i."), From: "graph_item i", Search: []string{"i.name", "i.attributes"},
		Default: "name", Key: "i.id", Now: c.clock.Now(), Dynamic: c.attributeField,
	}
	bind := func(v any) string {
		base.Args = append(base.Args, v)
		return sqldb.In(1, len(base.Args))
	}
	if !p.AsOf.IsZero() {
		at := core.Micros(p.AsOf)
		base.From = "(SELECT " + recordColumns + " FROM graph_item WHERE updated_at <= " + bind(at) +
			" UNION ALL SELECT id, class, name, state, team, site, criticality, attributes, redundancy, survivor, changed_by, revision, created_at, valid_from, 0" +
			" FROM graph_past WHERE valid_from <= " + bind(at) + " AND valid_to > " + bind(at) + ") i"
	}
	if p.Class != "" {
		class, ok := c.Catalogue().Class(p.Class)
		if !ok {
			return base, core.Invalid("class", "there is no class \""+p.Class+"\"")
		}
		var in []string
		for _, name := range class.Descendants {
			in = append(in, bind(name))
		}
		base.Where = append(base.Where, "i.class IN ("+strings.Join(in, ",")+")")
	}
	if !slices.ContainsFunc(p.Where, func(w string) bool { return strings.HasPrefix(w, "state") }) {
		base.Where = append(base.Where, "i.state IN ('active', 'missing')")
	}
	if where := scopeWhere("i.team", scope, bind); where != "" {
		base.Where = append(base.Where, where)
	}
	return base, nil
}

// scopeWhere limits a column to the teams of a scope and to what is common.
func scopeWhere(column string, scope auth.Scope, bind func(any) string) string {
	if scope.All {
		return ""
	}
	in := []string{bind("")}
	for _, team := range scope.Teams {
		in = append(in, bind(team))
	}
	if scope.Empty() {
		return "FALSE"
	}
	return column + " IN (" + strings.Join(in, ",") + ")"
}

// criticalityNumbers lets conditions name criticalities as items show them.
func criticalityNumbers(p listing.Params) listing.Params {
	p.Where = slices.Clone(p.Where)
	for n, where := range p.Where {
		condition, err := listing.ParseCondition(where)
		if err != nil || condition.Field != "criticality" {
			continue
		}
		for v, value := range condition.Values {
			if i := slices.Index(criticalityNames, value); i >= 0 {
				condition.Values[v] = string(rune('0' + i))
			}
		}
		p.Where[n] = condition.Field + condition.Op + strings.Join(condition.Values, ",")
	}
	return p
}

// attributeField resolves attributes.<name>. What kind of values it has is
// said by the classes that declare it; where they disagree it is text.
func (c *Component) attributeField(name string, _ func(any) string) (listing.Field, bool) {
	name, ok := strings.CutPrefix(name, "attributes.")
	if !ok || !classes.ValidAttributeName(name) {
		return listing.Field{}, false
	}
	kind := c.attributeKind(name)
	expression := "json_extract(i.attributes, '$." + name + "')"
	if c.db.Dialect() == sqldb.PostgreSQL {
		expression = "(CAST(i.attributes AS jsonb) ->> '" + name + "')"
	}
	switch kind {
	case listing.Int:
		expression = "CAST(" + expression + " AS BIGINT)"
	case listing.Float:
		expression = "CAST(" + expression + " AS DOUBLE PRECISION)"
	case listing.Bool:
		expression = "CAST(" + expression + " AS BOOLEAN)"
	default:
		expression = "CAST(" + expression + " AS TEXT)"
	}
	return listing.Field{Column: expression, Kind: kind, Unsorted: true}, true
}

func (c *Component) attributeKind(name string) listing.Kind {
	kind, found := listing.Text, false
	for _, r := range c.Catalogue().Classes() {
		schema, ok := r.Attributes[name]
		if !ok {
			continue
		}
		this := listing.Text
		switch schema["type"] {
		case "integer":
			this = listing.Int
		case "number":
			this = listing.Float
		case "boolean":
			this = listing.Bool
		}
		if found && this != kind {
			return listing.Text
		}
		kind, found = this, true
	}
	return kind
}
