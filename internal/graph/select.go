package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/graph/classes"
	"mainstay/internal/platform/listing"
)

// Select returns the ids of the active items a selector matches, in order. A
// selector is conditions joined by "and", written as in lists:
//
//	class=host and attributes.osFamily=linux and name~web
//
// class holds for subclasses too. Fields are class, name, team, site and
// attributes.<name>; an attribute an item does not have is the empty text.
// relations.<type> holds for items with such a relation to the named item, by
// id or name, or to any with *; inverse.<type> for items that it leads to.
func (c *Component) Select(ctx context.Context, selector string) ([]string, error) {
	conditions, err := parseSelector(selector, c.Catalogue())
	if err != nil {
		return nil, err
	}
	for i := range conditions {
		if err := conditions[i].relate(ctx, c.db); err != nil {
			return nil, err
		}
	}
	rows, err := c.db.Query(ctx, "SELECT "+recordColumns+" FROM graph_item WHERE state = 'active' ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		r, err := scanRecord(rows.Scan)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(conditions, func(s selection) bool { return !s.holds(r) }) {
			out = append(out, r.id)
		}
	}
	return out, rows.Err()
}

// selection is one condition of a selector.
type selection struct {
	read    func(*record) string
	accepts func(value string) bool
	related *related // of a condition on relations
}

func (s selection) holds(r *record) bool { return s.accepts(s.read(r)) }

// CheckSelector says what is wrong with a selector, but for the names of classes.
func CheckSelector(selector string) error {
	_, err := parseSelector(selector, nil)
	return err
}

// parseSelector knows the classes of a catalogue; without one any name is a class.
func parseSelector(selector string, catalogue *classes.Catalogue) ([]selection, error) {
	var out []selection
	for part := range strings.SplitSeq(selector, " and ") {
		condition, err := listing.ParseCondition(strings.TrimSpace(part))
		if err != nil {
			return nil, core.Invalid("selector", fmt.Sprintf("%q must be a field, one of = != ~, and a value", strings.TrimSpace(part)))
		}
		s, err := selected(condition, catalogue)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func selected(condition listing.Condition, catalogue *classes.Catalogue) (selection, error) {
	var s selection
	attribute, isAttribute := strings.CutPrefix(condition.Field, "attributes.")
	switch {
	case isAttribute:
		s.read = func(r *record) string { return plainText(r.values[attribute]) }
	case isRelation(condition.Field):
		return relationSelection(condition)
	case condition.Field == "name":
		s.read = func(r *record) string { return r.name }
	case condition.Field == "team":
		s.read = func(r *record) string { return r.team }
	case condition.Field == "site":
		s.read = func(r *record) string { return r.site }
	case condition.Field == "class":
		s.read = func(r *record) string { return r.class }
	default:
		return s, core.Invalid("selector."+condition.Field, "is not a field: there are class, name, team, site, attributes.<name>, relations.<type> and inverse.<type>")
	}
	same := func(value string) bool { return slices.Contains(condition.Values, value) }
	if condition.Field == "class" && catalogue != nil {
		for _, class := range condition.Values {
			if _, ok := catalogue.Class(class); !ok {
				return s, core.Invalid("selector.class", fmt.Sprintf("%q is not a class", class))
			}
		}
		same = func(value string) bool {
			return slices.ContainsFunc(condition.Values, func(class string) bool { return catalogue.IsA(value, class) })
		}
	}
	switch condition.Op {
	case "=":
		s.accepts = same
	case "!=":
		s.accepts = func(value string) bool { return !same(value) }
	case "~":
		word := strings.ToLower(condition.Values[0])
		s.accepts = func(value string) bool { return strings.Contains(strings.ToLower(value), word) }
	default:
		return s, core.Invalid("selector."+condition.Field, "takes =, != or ~")
	}
	return s, nil
}

// plainText is an attribute as people write it in conditions.
func plainText(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}
