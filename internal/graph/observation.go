package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"mainstay/internal/platform/sqldb"
)

// observation is what one source said last of one item.
type observation struct {
	key, item          string
	source, scope      string
	class, name, team  string
	identities         []identity
	values             values
	redundancy         string
	hash               string
	observedAt, seenAt int64
	stale              bool
	encoded            string // values as JSON, or ""
}

// text returns the values as JSON.
func (o *observation) text() string {
	if o.encoded == "" {
		o.encoded = o.values.text()
	}
	return o.encoded
}

// said names an observation: whose word it is, and of whom.
type said struct{ source, scope, key string }

func (o *observation) said() said { return said{o.source, o.scope, o.key} }

const observationColumns = "key, item, source, scope, class, name, team, identities, attributes, redundancy, hash, observed_at, seen_at, stale"

func scanObservation(rows *sqldb.Rows) (*observation, error) {
	var o observation
	var identities, attributes string
	var err error
	if err := rows.Scan(&o.key, &o.item, &o.source, &o.scope, &o.class, &o.name, &o.team, &identities, &attributes, &o.redundancy, &o.hash, &o.observedAt, &o.seenAt, &o.stale); err != nil {
		return nil, err
	}
	if o.identities, err = decodeIdentities(identities); err != nil {
		return nil, err
	}
	o.values, err = parseValues(attributes)
	o.encoded = attributes
	return &o, err
}

func (o *observation) row() []any {
	return []any{o.key, o.item, o.source, o.scope, o.class, o.name, o.team, encodeIdentities(o.identities), o.text(), o.redundancy, o.hash, o.observedAt, o.seenAt, o.stale}
}

// encodeIdentities writes pairs of kind and value as one flat JSON array.
func encodeIdentities(list []identity) string {
	b := append(make([]byte, 0, 48*len(list)+2), '[')
	for n, i := range list {
		if n > 0 {
			b = append(b, ',')
		}
		b = appendText(append(appendText(b, i.kind), ','), i.value)
	}
	return string(append(b, ']'))
}

func decodeIdentities(text string) ([]identity, error) {
	var flat []string
	if err := json.Unmarshal([]byte(text), &flat); err != nil {
		return nil, err
	}
	list := make([]identity, 0, len(flat)/2)
	for i := 0; i+1 < len(flat); i += 2 {
		list = append(list, identity{flat[i], flat[i+1]})
	}
	return list, nil
}

// observationsOf loads the observations of items, by item.
func observationsOf(ctx context.Context, q sqldb.Querier, items []string) (map[string][]*observation, error) {
	out := make(map[string][]*observation, len(items))
	err := byKey(q, observationColumns, "graph_observation", "TRUE", "item", 1, items, func(query string, part []any) error {
		rows, err := q.Query(ctx, query+" ORDER BY key", part...)
		list, err := sqldb.Collect(rows, err, scanObservation)
		for _, o := range list {
			out[o.item] = append(out[o.item], o)
		}
		return err
	})
	return out, err
}

// observationsBeside loads the observations of items but those that fresh ones
// replace.
func observationsBeside(ctx context.Context, q sqldb.Querier, items []string, fresh map[string][]*observation) (map[string][]*observation, error) {
	out, err := observationsOf(ctx, q, items)
	for item, list := range out {
		out[item] = slices.DeleteFunc(list, func(o *observation) bool {
			return slices.ContainsFunc(fresh[item], func(f *observation) bool { return f.said() == o.said() })
		})
	}
	return out, err
}

// ofSource calls fn with parts of a list of keys under which one source speaks
// in one scope: the condition to put behind WHERE, and its arguments, which
// begin at $from.
func ofSource(q sqldb.Querier, from int, who said, keys []string, fn func(where string, args []any) error) error {
	for len(keys) > 0 {
		n := chunkOf(q, keys)
		where, part := q.Dialect().AtKey("graph_observation", fmt.Sprintf("source = $%d AND scope = $%d", from, from+1), "key", from+2, keys[:n])
		if err := fn(where, append([]any{who.source, who.scope}, part...)); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

// chunkSize bounds the values of one IN list. It is a power of two, and the
// rest of a list is cut by powers of two as well, so that few different
// statements are prepared.
const chunkSize = 512

// byKey is inChunks for reading: fn gets the whole query of the rows whose key
// is in the part and for which where holds.
func byKey(q sqldb.Querier, columns, table, where, key string, from int, list []string, fn func(query string, part []any) error) error {
	for len(list) > 0 {
		n := chunkOf(q, list)
		query, part := q.Dialect().ByKey(columns, table, where, key, from, list[:n])
		if err := fn(query, part); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

func chunkOf(q sqldb.Querier, list []string) int {
	n := min(chunkSize, len(list))
	for q.Dialect() == sqldb.SQLite && n&(n-1) != 0 {
		n &= n - 1
	}
	return n
}

// inChunks calls fn with parts of a list: the set to put behind IN, and its
// arguments, which begin at $from.
func inChunks(q sqldb.Querier, from int, list []string, fn func(set string, part []any) error) error {
	for len(list) > 0 {
		n := chunkOf(q, list)
		set, part := q.Dialect().Set(from, list[:n])
		if err := fn(set, part); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}
