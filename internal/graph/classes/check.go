package classes

import (
	"fmt"
	"regexp"

	"mainstay/internal/core"
)

var (
	namePattern      = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
	attributePattern = regexp.MustCompile(`^[a-z][A-Za-z0-9]{0,62}$`)
)

// ValidAttributeName says whether a name can be an attribute: camelCase,
// letters and digits, so that it needs no quoting in filters and SQL.
func ValidAttributeName(name string) bool { return attributePattern.MatchString(name) }

func checkNames(c Class) error {
	if !namePattern.MatchString(c.Name) {
		return core.Invalid("name", fmt.Sprintf("%q must be lower case letters, digits and _, starting with a letter", c.Name))
	}
	for name := range c.Attributes {
		if !ValidAttributeName(name) {
			return core.Invalid("attributes."+name, "must be camelCase letters and digits")
		}
	}
	switch c.Unknown {
	case "", KeepUnknown, RefuseUnknown:
		return nil
	}
	return core.Invalid("unknown", "must be keep or refuse")
}

func checkRelationType(t RelationType) error {
	if !namePattern.MatchString(t.Name) {
		return core.Invalid("name", fmt.Sprintf("%q must be lower case letters, digits and _, starting with a letter", t.Name))
	}
	switch t.Propagation {
	case TargetToSource, SourceToTarget, BothWays, NoPropagation:
		return nil
	}
	return core.Invalid("propagation", "must be target-to-source, source-to-target, both or none")
}

// check verifies every reference of the built catalogue. Schemas of run-time
// classes are compiled by CheckSchemas, so that start-up does not pay for them.
func (c *Catalogue) check() error {
	for _, name := range c.order {
		r := c.classes[name]
		for i, rule := range r.Identification {
			if err := c.checkRule(rule, fmt.Sprintf("%s.identification[%d]", name, i)); err != nil {
				return err
			}
		}
		for i, allowed := range r.Relations {
			at := fmt.Sprintf("%s.relations[%d]", name, i)
			if _, ok := c.relations[allowed.Type]; !ok {
				return core.Invalid(at+".type", fmt.Sprintf("there is no relation type %q", allowed.Type))
			}
			for _, to := range allowed.To {
				if _, ok := c.classes[to]; !ok {
					return core.Invalid(at+".to", fmt.Sprintf("there is no class %q", to))
				}
			}
		}
	}
	return nil
}

func (c *Catalogue) checkRule(rule Rule, at string) error {
	if len(rule.Kinds) == 0 {
		return core.Invalid(at+".kinds", "must name at least one kind of identifier")
	}
	for _, kind := range append(rule.Kinds[:len(rule.Kinds):len(rule.Kinds)], rule.Within) {
		if _, ok := c.identifiers[kind]; !ok && kind != "" {
			return core.Invalid(at, fmt.Sprintf("there is no identifier kind %q", kind))
		}
	}
	return nil
}

// CheckSchemas compiles the attribute schemas of one class.
func (c *Catalogue) CheckSchemas(class string) error {
	r, ok := c.classes[class]
	if !ok {
		return core.NotFound("class", class)
	}
	for name := range r.Attributes {
		if _, err := r.validator.schema(name); err != nil {
			return core.Invalid("attributes."+name, "is not a JSON Schema: "+err.Error())
		}
	}
	return nil
}
