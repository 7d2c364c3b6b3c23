package classes

import "time"

// Root is the class every other class descends from.
const Root = "item"

// What a class does with attributes it does not declare.
const (
	KeepUnknown   = "keep"
	RefuseUnknown = "refuse"
)

// Class describes one kind of item. Everything but Abstract is inherited from
// the parent where the class says nothing itself.
type Class struct {
	Name        string `json:"name"`
	Parent      string `json:"parent,omitempty"`
	Label       string `json:"label,omitempty"`
	Plural      string `json:"plural,omitempty"`
	Icon        string `json:"icon,omitempty"`
	Description string `json:"description,omitempty"`
	Abstract    bool   `json:"abstract,omitempty"` // groups classes; no item is of it alone

	// Attributes maps each attribute to its JSON Schema (draft 2020-12).
	Attributes map[string]Schema `json:"attributes,omitempty"`
	// Unknown says what happens to attributes that are not declared.
	Unknown string `json:"unknown,omitempty" enum:"keep,refuse"`
	// Telemetry names attributes that change all the time. They are refused:
	// their place is the metric store.
	Telemetry []string `json:"telemetry,omitempty"`
	// NameFrom lists attributes and identifier kinds; the first that has a
	// value names the item when no source says a name.
	NameFrom []string `json:"nameFrom,omitempty"`

	// Identification lists the rules that decide who is who, best first.
	Identification []Rule `json:"identification,omitempty"`
	// Relations restricts relations that start at items of this class. A type
	// that is not listed is allowed to any class.
	Relations []Allowed `json:"relations,omitempty"`

	Precedence Precedence `json:"precedence,omitzero"`
	// StaleAfter is how long a source's word stands without being repeated.
	StaleAfter Duration `json:"staleAfter,omitzero"`
	// RetireAfter is how long an item may be missing before it is retired.
	RetireAfter Duration `json:"retireAfter,omitzero"`
	// Ranks high in impact: reached items of this class are what the business sees.
	BusinessFacing bool `json:"businessFacing,omitempty"`

	// BuiltIn marks classes that ship with Mainstay.
	BuiltIn bool `json:"builtIn,omitempty"`
}

// Schema is the JSON Schema of one attribute.
type Schema map[string]any

// Rule is one set of identifiers that together tell an item from others.
type Rule struct {
	Kinds []string `json:"kinds"`
	// Strong rules decide alone, and forbid a merge when they disagree.
	Strong bool `json:"strong,omitempty"`
	// Within narrows the rule: when both sides have identifiers of this kind,
	// they must have one in common.
	Within string `json:"within,omitempty"`
}

// Allowed lists the classes a relation type may lead to.
type Allowed struct {
	Type string   `json:"type"`
	To   []string `json:"to"`
}

// Precedence orders sources, best first. A source "cloud:aws" also matches the
// entry "cloud". Sources that are not listed come after the listed ones.
type Precedence struct {
	Sources    []string            `json:"sources,omitempty"`
	Attributes map[string][]string `json:"attributes,omitempty"`
}

// Duration is a time.Duration written as text: "72h", "30s".
type Duration time.Duration

// MarshalText writes the duration as Go does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads the form of time.ParseDuration.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}
