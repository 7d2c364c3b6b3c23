package desk

import (
	"context"
	"encoding/json"

	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
)

// The kinds of document the desk keeps.
const (
	kindCalendar       = "Calendar"
	kindServiceLevel   = "ServiceLevel"
	kindAssignmentRule = "AssignmentRule"
)

// Kinds returns the desk's documents. A calendar named "always" and a service
// level named "standard" are there from the beginning.
func (c *Component) Kinds() []declare.Kind {
	return []declare.Kind{
		kind(c.store, declare.Kind{Name: kindCalendar, Summary: "Which days and hours count", Order: 10, Resource: "calendars"}, ParseCalendar),
		kind(c.store, declare.Kind{Name: kindServiceLevel, Summary: "How fast incidents are answered and resolved", Order: 60, Resource: "service-levels"}, ParseServiceLevel),
		kind(c.store, declare.Kind{Name: kindAssignmentRule, Summary: "Which team gets an incident", Order: 60, Resource: "assignment-rules"}, ParseAssignmentRule),
	}
}

// kind completes k with storage in desk_document. What parse returns is stored,
// so that equal specs are equal text.
func kind[T any](s store, k declare.Kind, parse func(json.RawMessage) (*T, error)) declare.Kind {
	k.Apply = func(ctx context.Context, tx *sqldb.Tx, name string, spec json.RawMessage) (bool, error) {
		value, err := parse(spec)
		if err != nil {
			return false, err
		}
		return s.saveDocument(ctx, tx, k.Name, name, value)
	}
	k.Get = func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
		return s.document(ctx, q, k.Name, name)
	}
	k.List = func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
		found, err := s.documents(ctx, q, k.Name)
		out := make([]declare.Document, len(found))
		for i, n := range found {
			out[i] = declare.Document{Kind: k.Name, Name: n.name, Spec: n.spec}
		}
		return out, err
	}
	k.Delete = func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
		return s.deleteDocument(ctx, tx, k.Name, name)
	}
	return k
}
