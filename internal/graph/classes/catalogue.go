package classes

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"mainstay/internal/core"
)

// Definitions is what a Catalogue is built from.
type Definitions struct {
	Classes       []Class
	RelationTypes []RelationType
	Identifiers   []Identifier
}

// Catalogue answers questions about classes, relation types and identifiers.
// It never changes; see Extend.
type Catalogue struct {
	source      Definitions
	classes     map[string]*Resolved
	order       []string
	relations   map[string]RelationType
	identifiers map[string]Identifier
	restricted  map[string]bool // relation types that some class restricts
}

// Resolved is a class with everything it inherits.
type Resolved struct {
	Class
	Ancestors   []string // itself first, Root last
	Descendants []string // itself first, then by name
	// Family is the outermost ancestor below Root: items of one family are
	// compared with each other, so that what a scan calls a device can turn
	// out to be a host.
	Family string

	// universal rules are those of Root: they come first in every class.
	universal []Rule
	validator *validator
}

// Build resolves inheritance and checks that everything named exists. A later
// definition of the same name replaces an earlier one.
func Build(d Definitions) (*Catalogue, error) {
	c := &Catalogue{classes: map[string]*Resolved{}, relations: map[string]RelationType{}, identifiers: map[string]Identifier{}, restricted: map[string]bool{}}
	for _, k := range d.Identifiers {
		c.identifiers[k.Name] = k
	}
	for _, t := range d.RelationTypes {
		if err := checkRelationType(t); err != nil {
			return nil, err
		}
		c.relations[t.Name] = t
	}
	raw := map[string]Class{}
	for _, class := range d.Classes {
		if err := checkNames(class); err != nil {
			return nil, err
		}
		raw[class.Name] = class
	}
	if _, ok := raw[Root]; !ok {
		return nil, core.Invalid("classes", "the root class \""+Root+"\" is missing")
	}
	c.order = slices.Sorted(maps.Keys(raw))
	for _, name := range c.order {
		if _, err := c.resolve(raw, name, nil); err != nil {
			return nil, err
		}
	}
	c.link()
	c.source = d
	return c, c.check()
}

// Extend returns a catalogue with further definitions, which replace those of the same name.
func (c *Catalogue) Extend(d Definitions) (*Catalogue, error) {
	return Build(Definitions{
		Classes:       slices.Concat(c.source.Classes, d.Classes),
		RelationTypes: slices.Concat(c.source.RelationTypes, d.RelationTypes),
		Identifiers:   slices.Concat(c.source.Identifiers, d.Identifiers),
	})
}

func (c *Catalogue) resolve(raw map[string]Class, name string, path []string) (*Resolved, error) {
	if done, ok := c.classes[name]; ok {
		return done, nil
	}
	if slices.Contains(path, name) {
		return nil, core.Invalid("parent", "the class descends from itself: "+strings.Join(append(path, name), ", "))
	}
	class, ok := raw[name]
	if !ok {
		return nil, core.Invalid("parent", fmt.Sprintf("there is no class %q", name))
	}
	if name == Root {
		return c.store(&Resolved{Class: class, Ancestors: []string{Root}, universal: class.Identification}), nil
	}
	if class.Parent == "" {
		class.Parent = Root
	}
	parent, err := c.resolve(raw, class.Parent, append(path, name))
	if err != nil {
		return nil, err
	}
	return c.store(inherit(class, parent)), nil
}

func (c *Catalogue) store(r *Resolved) *Resolved {
	if r.Label == "" {
		r.Label = strings.ToUpper(r.Name[:1]) + strings.ReplaceAll(r.Name[1:], "_", " ")
	}
	if r.Plural == "" {
		r.Plural = r.Label + "s"
	}
	r.validator = newValidator(&r.Class)
	c.classes[r.Name] = r
	return r
}

// link fills what needs every class: descendants and families.
func (c *Catalogue) link() {
	for _, name := range c.order {
		r := c.classes[name]
		for _, allowed := range r.Relations {
			c.restricted[allowed.Type] = true
		}
		r.Family = r.Ancestors[max(0, len(r.Ancestors)-2)]
		for _, a := range r.Ancestors {
			c.classes[a].Descendants = append(c.classes[a].Descendants, name)
		}
	}
	for _, r := range c.classes {
		sort.SliceStable(r.Descendants, func(i, j int) bool { return r.Descendants[i] == r.Name && r.Descendants[j] != r.Name })
	}
}

// Class returns a class with what it inherits.
func (c *Catalogue) Class(name string) (*Resolved, bool) {
	r, ok := c.classes[name]
	return r, ok
}

// Classes lists all classes by name.
func (c *Catalogue) Classes() []*Resolved {
	out := make([]*Resolved, len(c.order))
	for i, name := range c.order {
		out[i] = c.classes[name]
	}
	return out
}

// IsA says whether class is ancestor or descends from it.
func (c *Catalogue) IsA(class, ancestor string) bool {
	r, ok := c.classes[class]
	return ok && slices.Contains(r.Ancestors, ancestor)
}

// Relation returns a relation type.
func (c *Catalogue) Relation(name string) (RelationType, bool) {
	t, ok := c.relations[name]
	return t, ok
}

// Relations lists the relation types by name.
func (c *Catalogue) Relations() []RelationType {
	out := make([]RelationType, 0, len(c.relations))
	for _, name := range slices.Sorted(maps.Keys(c.relations)) {
		out = append(out, c.relations[name])
	}
	return out
}

// Identifier returns a kind of identifier.
func (c *Catalogue) Identifier(name string) (Identifier, bool) {
	k, ok := c.identifiers[name]
	return k, ok
}

// Identifiers lists the kinds of identifiers by name.
func (c *Catalogue) Identifiers() []Identifier {
	out := make([]Identifier, 0, len(c.identifiers))
	for _, name := range slices.Sorted(maps.Keys(c.identifiers)) {
		out = append(out, c.identifiers[name])
	}
	return out
}

// Allows says whether a relation of this type may lead from one class to another.
func (c *Catalogue) Allows(relation, from, to string) bool {
	r, ok := c.classes[from]
	if !ok {
		return false
	}
	for _, a := range r.Relations {
		if a.Type == relation {
			return slices.ContainsFunc(a.To, func(target string) bool { return c.IsA(to, target) })
		}
	}
	return true
}

// Restricts says whether any class restricts where relations of a type lead.
func (c *Catalogue) Restricts(relation string) bool { return c.restricted[relation] }

// CheckAttribute returns the rules that the value breaks, none when it is fine.
// The value has the form encoding/json decodes to.
func (r *Resolved) CheckAttribute(name string, value any) []core.Detail {
	return r.validator.check(name, value)
}

// Rank returns the place of a source for an attribute: 0 is best.
func (r *Resolved) Rank(attribute, source string) int {
	order, ok := r.Precedence.Attributes[attribute]
	if !ok {
		order = r.Precedence.Sources
	}
	base, _, _ := strings.Cut(source, ":")
	for i, s := range order {
		if s == source || s == base {
			return i
		}
	}
	return len(order)
}
