package searches

import (
	"bytes"
	"context"
	"encoding/json"

	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
)

const kindName = "SavedSearch"

// Kinds are the documents of this room: shared searches. A person's own are not
// configuration.
func (c *Component) Kinds() []declare.Kind {
	return []declare.Kind{{
		Name: kindName, Summary: "A search of logs for a team, or everybody", Order: 81, Resource: "log-searches", Spec: Spec{},
		Apply: c.apply,
		Get: func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
			s, err := c.shared(ctx, q, name)
			if s == nil || err != nil {
				return nil, false, err
			}
			raw, err := json.Marshal(s.Spec)
			return raw, true, err
		},
		List: func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
			list, err := c.where(ctx, q, "space = $1", sharedSpace)
			var out []declare.Document
			for _, s := range list {
				raw, err := json.Marshal(s.Spec)
				if err != nil {
					return nil, err
				}
				if s.sees(ctx) {
					out = append(out, declare.Document{Kind: kindName, Name: s.Name, Spec: raw})
				}
			}
			return out, err
		},
		Delete: func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
			s, err := c.shared(ctx, tx, name)
			if s == nil || err != nil {
				return false, err
			}
			if err := mayWrite(ctx, true, s.Owner, s.Spec.Team); err != nil {
				return false, err
			}
			return true, c.remove(ctx, tx, s)
		},
	}}
}

// shared reads one by its name; nil when there is none that the caller sees.
func (c *Component) shared(ctx context.Context, q sqldb.Querier, name string) (*Search, error) {
	s, err := c.one(ctx, q, "space = $1 AND name = $2", sharedSpace, name)
	if s == nil || err != nil || !s.sees(ctx) {
		return nil, err
	}
	return s, nil
}

func (c *Component) apply(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
	var spec Spec
	if err := declare.Decode(raw, &spec); err != nil {
		return false, err
	}
	if err := spec.validate(name); err != nil {
		return false, err
	}
	s, err := c.one(ctx, tx, "space = $1 AND name = $2", sharedSpace, name)
	if err != nil {
		return false, err
	}
	if s == nil {
		s = &Search{Name: name, Shared: true, Owner: person(ctx)}
	} else if err := mayWrite(ctx, true, s.Owner, s.Spec.Team); err != nil {
		return false, err
	}
	if err := mayWrite(ctx, true, s.Owner, spec.Team); err != nil {
		return false, err
	}
	before, err := json.Marshal(s.Spec)
	if err != nil {
		return false, err
	}
	after, err := json.Marshal(spec)
	if err != nil || s.Version > 0 && bytes.Equal(before, after) {
		return false, err
	}
	s.Spec = spec
	return true, c.save(ctx, tx, s, true)
}
