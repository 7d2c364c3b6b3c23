package oncall

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/oncall/channel"
	"mainstay/internal/events/oncall/roster"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
)

// Kinds are the documents of on call.
func (c *Component) Kinds() []declare.Kind {
	kind := func(name, summary string, order int, spec any, apply func(ctx context.Context, tx *sqldb.Tx, name string, spec json.RawMessage) (bool, error)) declare.Kind {
		return declare.Kind{Name: name, Summary: summary, Order: order, Resource: "oncall", Spec: spec, Apply: apply,
			Get: func(ctx context.Context, q sqldb.Querier, document string) (json.RawMessage, bool, error) {
				d, err := documentNamed(ctx, q, name, document)
				if core.CodeOf(err) == core.CodeNotFound {
					return nil, false, nil
				}
				return d.Spec, err == nil, err
			},
			List: func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
				list, err := documents(ctx, q, "kind = $1", name)
				out := make([]declare.Document, len(list))
				for i, d := range list {
					out[i] = declare.Document{Kind: name, Name: d.Name, Spec: d.Spec}
				}
				return out, err
			},
			Delete: func(ctx context.Context, tx *sqldb.Tx, document string) (bool, error) {
				return c.deleteDocument(ctx, tx, name, document)
			},
		}
	}
	return []declare.Kind{
		kind(kindChannel, "A named way to reach people: chat, telephone, webhook", 90, channel.Spec{}, c.applyChannel),
		kind(kindRota, "Who is on call when", 91, roster.Rota{}, c.applyRota),
		kind(kindPolicy, "Which situations page, and whom in which order", 92, Policy{}, c.applyPolicy),
		c.overrideKind(),
	}
}

func (c *Component) applyChannel(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
	spec, err := ParseChannel(raw)
	if err != nil {
		return false, err
	}
	return c.putDocument(ctx, tx, kindChannel, name, spec.Team, spec)
}

// ParseChannel reads and checks the spec of a channel.
func ParseChannel(raw json.RawMessage) (*channel.Spec, error) {
	spec := &channel.Spec{}
	if err := declare.Decode(raw, spec); err != nil {
		return nil, err
	}
	return spec, spec.Validate()
}

func (c *Component) applyRota(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
	rota, err := roster.Parse(raw)
	if err != nil {
		return false, err
	}
	for i, layer := range rota.Layers {
		for j, person := range layer.People {
			if err := c.known(ctx, fmt.Sprintf("spec.layers[%d].people[%d]", i, j), Target{Person: person}); err != nil {
				return false, err
			}
		}
	}
	return c.putDocument(ctx, tx, kindRota, name, rota.Team, rota)
}

// ParsePolicy reads and checks the spec of a policy.
func ParsePolicy(raw json.RawMessage) (*Policy, error) {
	p := &Policy{}
	if err := declare.Decode(raw, p); err != nil {
		return nil, err
	}
	return p, p.Validate()
}

func (c *Component) applyPolicy(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
	policy, err := ParsePolicy(raw)
	if err != nil {
		return false, err
	}
	check := func(field string, targets []Target) error {
		for i, t := range targets {
			var err error
			switch {
			case t.Rota != "":
				_, err = documentNamed(ctx, tx, kindRota, t.Rota)
			case t.Channel != "":
				_, err = documentNamed(ctx, tx, kindChannel, t.Channel)
			default:
				if err := c.known(ctx, fmt.Sprintf("%s[%d]", field, i), t); err != nil {
					return err
				}
			}
			if core.CodeOf(err) == core.CodeNotFound {
				return core.Invalid(fmt.Sprintf("%s[%d]", field, i), "there is no "+t.String())
			} else if err != nil {
				return err
			}
		}
		return nil
	}
	for i, s := range policy.Steps {
		if err := check(fmt.Sprintf("spec.steps[%d].notify", i), s.Notify); err != nil {
			return false, err
		}
	}
	if err := check("spec.fallback", policy.Fallback); err != nil {
		return false, err
	}
	return c.putDocument(ctx, tx, kindPolicy, name, policy.Team, policy)
}

// known refuses people and teams that are not there.
func (c *Component) known(ctx context.Context, field string, t Target) error {
	var err error
	switch {
	case t.Person != "":
		_, err = c.deps.People.ByUsername(ctx, t.Person)
	case t.Team != "":
		_, err = c.deps.People.Members(ctx, t.Team)
	}
	if core.CodeOf(err) == core.CodeNotFound {
		return core.Invalid(field, "there is no "+t.String())
	}
	return err
}

// OverrideSpec is the spec of a document of kind Override.
type OverrideSpec struct {
	Rota   string    `json:"rota" minLength:"1" maxLength:"200"`
	Person string    `json:"person" minLength:"1" maxLength:"100" doc:"User name of who takes over"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason string    `json:"reason,omitempty" maxLength:"500"`
}

const longestOverride = 366 * 24 * time.Hour

// ParseOverride reads and checks the spec of an override.
func ParseOverride(raw json.RawMessage) (*OverrideSpec, error) {
	o := &OverrideSpec{}
	if err := declare.Decode(raw, o); err != nil {
		return nil, err
	}
	return o, o.validate("spec.")
}

func (o OverrideSpec) validate(prefix string) error {
	var bad []core.Detail
	if o.Rota == "" {
		bad = append(bad, core.Detail{Field: prefix + "rota", Rule: "must name a rota"})
	}
	if o.Person == "" {
		bad = append(bad, core.Detail{Field: prefix + "person", Rule: "must be a user name"})
	}
	if !o.From.Before(o.To) || o.To.Sub(o.From) > longestOverride {
		bad = append(bad, core.Detail{Field: prefix + "to", Rule: "must be after from, by at most a year"})
	}
	return core.InvalidAll(bad)
}

func (c *Component) overrideKind() declare.Kind {
	return declare.Kind{Name: "Override", Summary: "One person on call instead of another, once", Order: 93, Resource: "oncall", Spec: OverrideSpec{},
		Apply: func(ctx context.Context, tx *sqldb.Tx, name string, raw json.RawMessage) (bool, error) {
			spec, err := ParseOverride(raw)
			if err != nil {
				return false, err
			}
			if name == "" || len(name) > 200 {
				return false, core.Invalid("name", "must have 1 to 200 bytes")
			}
			return c.putOverride(ctx, tx, name, *spec, "spec.")
		},
		Get: func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
			list, err := overrides(ctx, q, "name = $1", name)
			if err != nil || len(list) == 0 {
				return nil, false, err
			}
			text, err := json.Marshal(list[0].OverrideSpec)
			return text, err == nil, err
		},
		List: func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
			list, err := overrides(ctx, q, "1 = 1")
			out := make([]declare.Document, 0, len(list))
			for _, o := range list {
				text, err := json.Marshal(o.OverrideSpec)
				if err != nil {
					return nil, err
				}
				out = append(out, declare.Document{Kind: "Override", Name: o.Name, Spec: text})
			}
			return out, err
		},
		Delete: func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
			return c.deleteOverride(ctx, tx, name)
		},
	}
}
