package classes

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"mainstay/internal/core"
)

// validator checks attributes against the schemas of a class. Schemas are
// compiled when the class is first used: most classes of the default set never are.
type validator struct {
	schemas   map[string]Schema
	refuse    bool
	telemetry map[string]bool
	plain     map[string]plainType // attributes whose schema is only a type

	mu       sync.RWMutex
	compiled map[string]*jsonschema.Schema
}

func newValidator(c *Class) *validator {
	telemetry := make(map[string]bool, len(c.Telemetry))
	for _, name := range c.Telemetry {
		telemetry[name] = true
	}
	return &validator{
		schemas: c.Attributes, refuse: c.Unknown == RefuseUnknown, telemetry: telemetry,
		plain:    plainTypes(c.Attributes),
		compiled: map[string]*jsonschema.Schema{},
	}
}

// check returns the rule that the value of one attribute breaks, each with the
// path below the attribute, or nothing.
func (v *validator) check(name string, value any) []core.Detail {
	if v.telemetry[name] {
		return []core.Detail{{Field: name, Rule: "changes all the time: send it as a metric, not as an attribute"}}
	}
	if _, declared := v.schemas[name]; !declared {
		if v.refuse {
			return []core.Detail{{Field: name, Rule: "is not an attribute of this class"}}
		}
		return nil
	}
	if v.plainly(name, value) {
		return nil
	}
	schema, err := v.schema(name)
	if err != nil {
		return []core.Detail{{Field: name, Rule: "has a schema that cannot be used: " + err.Error()}}
	}
	err = schema.Validate(value)
	var invalid *jsonschema.ValidationError
	if errors.As(err, &invalid) {
		return leaves(name, invalid, nil)
	}
	if err != nil {
		return []core.Detail{{Field: name, Rule: err.Error()}}
	}
	return nil
}

// plainly says that a schema asks for nothing but a type and the value is of
// it. Most are like that, and this is many times cheaper than asking the schema.
func (v *validator) plainly(name string, value any) bool {
	plain, ok := v.plain[name]
	if !ok {
		return false
	}
	want := plain.kind
	switch value := value.(type) {
	case string:
		return want == "string" && len(value) <= plain.longest
	case bool:
		return want == "boolean"
	case int:
		return want == "integer" || want == "number" || want == "natural" && value >= 0
	case int64:
		return want == "integer" || want == "number" || want == "natural" && value >= 0
	case float64:
		whole := value == math.Trunc(value)
		return want == "number" || want == "integer" && whole || want == "natural" && whole && value >= 0
	}
	return false
}

// plainType is all that a schema asks for. An integer that must not be negative
// is natural; a text of at most longest bytes has no more characters than it may.
type plainType struct {
	kind    string
	longest int
}

// plainTypes finds the schemas that name a type, or a text's length, and
// otherwise only describe.
func plainTypes(schemas map[string]Schema) map[string]plainType {
	plain := map[string]plainType{}
	for name, schema := range schemas {
		kind, ok := schema["type"].(string)
		t := plainType{kind, math.MaxInt}
		for keyword, value := range schema {
			if keyword == "minimum" && kind == "integer" && fmt.Sprint(value) == "0" {
				t.kind = "natural"
				continue
			}
			if n, err := strconv.Atoi(fmt.Sprint(value)); keyword == "maxLength" && kind == "string" && err == nil && n >= 0 {
				t.longest = n
				continue
			}
			ok = ok && slices.Contains([]string{"type", "title", "description", "examples", "x-unit"}, keyword)
		}
		if ok {
			plain[name] = t
		}
	}
	return plain
}

func (v *validator) schema(name string) (*jsonschema.Schema, error) {
	v.mu.RLock()
	schema := v.compiled[name]
	v.mu.RUnlock()
	if schema != nil {
		return schema, nil
	}
	schema, err := compile(name, v.schemas[name])
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	v.compiled[name] = schema
	v.mu.Unlock()
	return schema, nil
}

// compile never loads anything from outside: a $ref to a URL is an error.
func compile(name string, schema Schema) (*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{})
	c.AssertFormat()
	url := "mainstay:///" + name
	if err := c.AddResource(url, map[string]any(schema)); err != nil {
		return nil, err
	}
	return c.Compile(url)
}

// leaves flattens a validation error to its causes, with paths in the form
// tags[2].name.
func leaves(name string, e *jsonschema.ValidationError, into []core.Detail) []core.Detail {
	if len(e.Causes) > 0 {
		for _, cause := range e.Causes {
			into = leaves(name, cause, into)
		}
		return into
	}
	return append(into, core.Detail{Field: fieldPath(name, e.InstanceLocation), Rule: rule(e.ErrorKind)})
}

func fieldPath(name string, location []string) string {
	var b strings.Builder
	b.WriteString(name)
	for _, step := range location {
		if _, err := strconv.Atoi(step); err == nil {
			fmt.Fprintf(&b, "[%s]", step)
		} else {
			b.WriteString("." + step)
		}
	}
	return b.String()
}

// rule words the common kinds of error for a person.
func rule(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Type:
		return fmt.Sprintf("must be %s, not %s", strings.Join(k.Want, " or "), k.Got)
	case *kind.Enum:
		names := make([]string, len(k.Want))
		for i, w := range k.Want {
			names[i] = fmt.Sprint(w)
		}
		return "must be one of " + strings.Join(names, ", ")
	default:
		return k.LocalizedString(message.NewPrinter(language.English))
	}
}
