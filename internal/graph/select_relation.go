package graph

import (
	"context"
	"fmt"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/listing"
	"mainstay/internal/platform/sqldb"
)

// related is a condition on an item's relations.
type related struct {
	kind    string
	inverse bool
	names   []string // ids or names of the items at the other end; "*" is any
}

func isRelation(field string) bool {
	return strings.HasPrefix(field, "relations.") || strings.HasPrefix(field, "inverse.")
}

// relationSelection is the condition without the items for which it holds:
// those are asked for when it is used.
func relationSelection(condition listing.Condition) (selection, error) {
	direction, kind, _ := strings.Cut(condition.Field, ".")
	if condition.Op != "=" && condition.Op != "!=" {
		return selection{}, core.Invalid("selector."+condition.Field, "takes = or !=")
	}
	return selection{
		read:    func(r *record) string { return r.id },
		accepts: func(string) bool { return condition.Op == "!=" },
		related: &related{kind: kind, inverse: direction == "inverse", names: condition.Values},
	}, nil
}

// relate looks for the items for which a condition on relations holds.
func (s *selection) relate(ctx context.Context, q sqldb.Querier) error {
	if s.related == nil {
		return nil
	}
	near, far := "from_item", "to_item"
	if s.related.inverse {
		near, far = far, near
	}
	found := map[string]bool{}
	for _, name := range s.related.names {
		rows, err := q.Query(ctx, fmt.Sprintf(`SELECT DISTINCT r.%s FROM graph_relation r JOIN graph_item i ON i.id = r.%s
			WHERE r.type = $1 AND r.valid_to = $2 AND ($3 = '*' OR i.id = $3 OR i.name = $3)`, near, far), s.related.kind, forever, name)
		ids, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (id string, err error) { return id, r.Scan(&id) })
		if err != nil {
			return err
		}
		for _, id := range ids {
			found[id] = true
		}
	}
	wanted := s.accepts("") // true for !=
	s.accepts = func(id string) bool { return found[id] != wanted }
	return nil
}
