package graph

import (
	"context"
	"encoding/json"
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
	flat := make([]string, 0, 2*len(list))
	for _, i := range list {
		flat = append(flat, i.kind, i.value)
	}
	text, _ := json.Marshal(flat) // strings
	return string(text)
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
	return observationsBy(ctx, q, "item", items)
}

// observationsBy loads the observations whose column is among the values, by item.
func observationsBy(ctx context.Context, q sqldb.Querier, column string, among []string) (map[string][]*observation, error) {
	out := make(map[string][]*observation, len(among))
	err := inChunks(q, 1, among, func(set string, part []any) error {
		rows, err := q.Query(ctx, "SELECT "+observationColumns+" FROM graph_observation WHERE "+column+" IN "+set+" ORDER BY key", part...)
		list, err := sqldb.Collect(rows, err, scanObservation)
		for _, o := range list {
			out[o.item] = append(out[o.item], o)
		}
		return err
	})
	return out, err
}

// observationsBeside loads the observations of items but those under the keys
// of fresh ones. Most items have no others, and then their index tells it.
func observationsBeside(ctx context.Context, q sqldb.Querier, items []string, fresh map[string][]*observation) (map[string][]*observation, error) {
	replaced := map[string]bool{}
	for _, item := range items {
		for _, o := range fresh[item] {
			replaced[o.key] = true
		}
	}
	var others []string
	err := inChunks(q, 1, items, func(set string, part []any) error {
		rows, err := q.Query(ctx, "SELECT key FROM graph_observation WHERE item IN "+set, part...)
		keys, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (key string, err error) { return key, rows.Scan(&key) })
		others = append(others, slices.DeleteFunc(keys, func(key string) bool { return replaced[key] })...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return observationsBy(ctx, q, "key", others)
}

// chunkSize bounds the values of one IN list. It is a power of two, and the
// rest of a list is cut by powers of two as well, so that few different
// statements are prepared.
const chunkSize = 512

// inChunks calls fn with parts of a list: the set to put behind IN, and its
// arguments, which begin at $from.
func inChunks(q sqldb.Querier, from int, list []string, fn func(set string, part []any) error) error {
	for len(list) > 0 {
		n := min(chunkSize, len(list))
		for q.Dialect() == sqldb.SQLite && n&(n-1) != 0 {
			n &= n - 1
		}
		set, part := q.Dialect().Set(from, list[:n])
		if err := fn(set, part); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}
