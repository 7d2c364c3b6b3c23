package graph

import (
	"context"
	"encoding/json"
	"slices"

	"mainstay/internal/core"
	"mainstay/internal/graph/classes"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/sqldb"
)

// Kinds returns the documents of the graph: Class, RelationType and Item.
func (c *Component) Kinds() []declare.Kind {
	return []declare.Kind{c.relationKind(), c.classKind(), c.itemKind()}
}

// ClassSpec is the spec of a Class document.
type ClassSpec struct {
	Parent         string                    `json:"parent,omitempty" doc:"The class it descends from; item when absent"`
	Label          string                    `json:"label,omitempty"`
	Plural         string                    `json:"plural,omitempty"`
	Icon           string                    `json:"icon,omitempty"`
	Description    string                    `json:"description,omitempty"`
	Abstract       bool                      `json:"abstract,omitempty"`
	Attributes     map[string]classes.Schema `json:"attributes,omitempty" doc:"JSON Schema of each attribute"`
	Unknown        string                    `json:"unknown,omitempty" enum:"keep,refuse" doc:"What to do with attributes that are not declared"`
	Telemetry      []string                  `json:"telemetry,omitempty" doc:"Attributes that are refused because they are measurements"`
	NameFrom       []string                  `json:"nameFrom,omitempty"`
	Identification []classes.Rule            `json:"identification,omitempty"`
	Relations      []classes.Allowed         `json:"relations,omitempty"`
	Precedence     *classes.Precedence       `json:"precedence,omitempty"`
	StaleAfter     string                    `json:"staleAfter,omitempty" example:"26h"`
	RetireAfter    string                    `json:"retireAfter,omitempty" example:"720h"`
	BusinessFacing bool                      `json:"businessFacing,omitempty"`
}

// class turns the spec into a class.
func (s ClassSpec) class(name string) (classes.Class, error) {
	class := classes.Class{
		Name: name, Parent: s.Parent, Label: s.Label, Plural: s.Plural, Icon: s.Icon, Description: s.Description, Abstract: s.Abstract,
		Attributes: s.Attributes, Unknown: s.Unknown, Telemetry: s.Telemetry, NameFrom: s.NameFrom, Identification: s.Identification,
		Relations: s.Relations, BusinessFacing: s.BusinessFacing,
	}
	if s.Precedence != nil {
		class.Precedence = *s.Precedence
	}
	for field, d := range map[string]struct {
		text string
		into *classes.Duration
	}{"staleAfter": {s.StaleAfter, &class.StaleAfter}, "retireAfter": {s.RetireAfter, &class.RetireAfter}} {
		if d.text == "" {
			continue
		}
		if err := d.into.UnmarshalText([]byte(d.text)); err != nil || *d.into <= 0 {
			return class, core.Invalid(field, "must be a duration such as 26h")
		}
	}
	return class, nil
}

func (c *Component) classKind() declare.Kind {
	return declare.Kind{
		Name: "Class", Summary: "A class of items: attributes, identification, precedence of sources", Order: 10, Resource: "classes", Spec: ClassSpec{},
		Apply: func(ctx context.Context, tx *sqldb.Tx, name string, spec json.RawMessage) (bool, error) {
			var s ClassSpec
			if err := declare.Decode(spec, &s); err != nil {
				return false, err
			}
			class, err := s.class(name)
			if err != nil {
				return false, err
			}
			return c.defineClass(ctx, tx, class)
		},
		Get: definitionGetter(classDefinition), List: definitionLister("Class", classDefinition),
		Delete: func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
			return c.undefine(ctx, tx, classDefinition, name)
		},
	}
}

// RelationTypeSpec is the spec of a RelationType document.
type RelationTypeSpec struct {
	Label       string              `json:"label,omitempty" doc:"Read from source to target: depends on"`
	Inverse     string              `json:"inverse,omitempty" doc:"Read from target to source: is needed by"`
	Description string              `json:"description,omitempty"`
	Propagation classes.Propagation `json:"propagation" enum:"target-to-source,source-to-target,both,none" doc:"How a failure travels"`
}

func (c *Component) relationKind() declare.Kind {
	return declare.Kind{
		Name: "RelationType", Summary: "A type of relations and the way failures travel along it", Order: 9, Resource: "classes", Spec: RelationTypeSpec{},
		Apply: func(ctx context.Context, tx *sqldb.Tx, name string, spec json.RawMessage) (bool, error) {
			var s RelationTypeSpec
			if err := declare.Decode(spec, &s); err != nil {
				return false, err
			}
			return c.defineRelation(ctx, tx, classes.RelationType{Name: name, Label: s.Label, Inverse: s.Inverse, Description: s.Description, Propagation: s.Propagation})
		},
		Get: definitionGetter(relationDefinition), List: definitionLister("RelationType", relationDefinition),
		Delete: func(ctx context.Context, tx *sqldb.Tx, name string) (bool, error) {
			return c.undefine(ctx, tx, relationDefinition, name)
		},
	}
}

// bare returns a stored definition as a document's spec: without the name and
// what is not for documents.
func bare(spec json.RawMessage) (json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(spec, &fields); err != nil {
		return nil, err
	}
	delete(fields, "name")
	delete(fields, "builtIn")
	return json.Marshal(fields)
}

func definitionGetter(kind string) func(context.Context, sqldb.Querier, string) (json.RawMessage, bool, error) {
	return func(ctx context.Context, q sqldb.Querier, name string) (json.RawMessage, bool, error) {
		_, specs, err := storedDefinitions(ctx, q, kind)
		spec, ok := specs[name]
		if err != nil || !ok {
			return nil, false, err
		}
		spec, err = bare(spec)
		return spec, err == nil, err
	}
}

func definitionLister(document, kind string) func(context.Context, sqldb.Querier) ([]declare.Document, error) {
	return func(ctx context.Context, q sqldb.Querier) ([]declare.Document, error) {
		names, specs, err := storedDefinitions(ctx, q, kind)
		if err != nil {
			return nil, err
		}
		docs := make([]declare.Document, 0, len(names))
		for _, name := range slices.Clip(names) {
			spec, err := bare(specs[name])
			if err != nil {
				return nil, err
			}
			docs = append(docs, declare.Document{Kind: document, Name: name, Spec: spec})
		}
		return docs, nil
	}
}
