package graph

import (
	"context"
	"encoding/json"

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
	out := make(map[string][]*observation, len(items))
	err := inChunks(items, func(part []any) error {
		rows, err := q.Query(ctx, "SELECT "+observationColumns+" FROM graph_observation WHERE item IN ("+sqldb.In(len(part), 1)+") ORDER BY key", part...)
		list, err := sqldb.Collect(rows, err, scanObservation)
		for _, o := range list {
			out[o.item] = append(out[o.item], o)
		}
		return err
	})
	return out, err
}

// chunkSize bounds the values of one IN list. It is a power of two, and the
// rest of a list is cut by powers of two as well, so that few different
// statements are prepared.
const chunkSize = 512

// inChunks calls fn with parts of a list, as arguments of a statement.
func inChunks[T any](list []T, fn func(part []any) error) error {
	for len(list) > 0 {
		n := chunkSize
		for n > len(list) {
			n /= 2
		}
		part := make([]any, n)
		for i, v := range list[:n] {
			part[i] = v
		}
		if err := fn(part); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}
