package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"

	"mainstay/internal/core"
)

const (
	longestExpression = 4 << 10
	expressionCost    = 100_000 // CEL's unit; far above what a condition needs, and well under a second
	mostCompiled      = 1000
)

// variables are what expressions see; each is a map as the API shows it, empty
// when there is none.
type variables struct {
	situation map[string]any
	alert     map[string]any
	item      map[string]any
}

func (v variables) activation() map[string]any {
	some := func(m map[string]any) map[string]any {
		if m == nil {
			return map[string]any{}
		}
		return m
	}
	return map[string]any{"situation": some(v.situation), "alert": some(v.alert), "item": some(v.item)}
}

// compilations keeps compiled expressions by their text.
type compilations struct {
	env *cel.Env

	mu       sync.Mutex
	programs map[string]cel.Program
}

func newCompilations() (*compilations, error) {
	env, err := cel.NewEnv(
		cel.Variable("situation", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable("alert", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable("item", cel.MapType(cel.StringType, cel.DynType)),
		ext.Strings(), ext.Sets(),
	)
	if err != nil {
		return nil, err
	}
	return &compilations{env: env, programs: map[string]cel.Program{}}, nil
}

func (c *compilations) compile(expression string) (cel.Program, error) {
	c.mu.Lock()
	p, ok := c.programs[expression]
	c.mu.Unlock()
	if ok {
		return p, nil
	}
	ast, issues := c.env.Compile(expression)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	p, err := c.env.Program(ast, cel.CostLimit(expressionCost), cel.InterruptCheckFrequency(1000))
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.programs) >= mostCompiled {
		clear(c.programs)
	}
	c.programs[expression] = p
	return p, nil
}

// check compiles all expressions of a remediation and names those that are wrong.
func (c *compilations) check(r *Remediation) error {
	var wrong []core.Detail
	if ast, issues := c.env.Compile(r.Condition); issues.Err() != nil {
		wrong = append(wrong, core.Detail{Field: "spec.condition", Rule: oneLine(issues.Err())})
	} else if t := ast.OutputType(); !t.IsExactType(types.BoolType) && !t.IsExactType(types.DynType) {
		wrong = append(wrong, core.Detail{Field: "spec.condition", Rule: fmt.Sprintf("must be true or false, not %s", t)})
	}
	for _, name := range slices.Sorted(maps.Keys(r.Parameters)) {
		if _, issues := c.env.Compile(r.Parameters[name]); issues.Err() != nil {
			wrong = append(wrong, core.Detail{Field: "spec.parameters." + name, Rule: oneLine(issues.Err())})
		}
	}
	return core.InvalidAll(wrong)
}

// oneLine is CEL's message without its drawing of the place.
func oneLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimPrefix(line, "ERROR: <input>:")
}

func (c *compilations) eval(ctx context.Context, expression string, v variables) (any, error) {
	p, err := c.compile(expression)
	if err != nil {
		return nil, err
	}
	out, _, err := p.ContextEval(ctx, v.activation())
	if err != nil {
		return nil, err
	}
	switch value := out.Value().(type) {
	case string, bool, int64, uint64, float64:
		return value, nil
	}
	return nil, fmt.Errorf("gives a %s, not a text, number or true or false", out.Type())
}

// applies evaluates a condition. Something that is not there makes it false:
// why says so.
func (c *compilations) applies(ctx context.Context, expression string, v variables) (ok bool, why string, err error) {
	value, err := c.eval(ctx, expression, v)
	switch {
	case err != nil && strings.Contains(err.Error(), "no such key"):
		return false, err.Error(), nil
	case err != nil:
		return false, "", err
	}
	ok, isBool := value.(bool)
	if !isBool {
		return false, "", fmt.Errorf("the condition gives %v, not true or false", value)
	}
	if ok {
		return true, "the condition holds: " + expression, nil
	}
	return false, "the condition does not hold: " + expression, nil
}

// parameters evaluates the mapping of a remediation.
func (c *compilations) parameters(ctx context.Context, r *Remediation, v variables) (map[string]any, error) {
	out := map[string]any{}
	for name, expression := range r.Parameters {
		value, err := c.eval(ctx, expression, v)
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %s", name, oneLine(err))
		}
		switch n := value.(type) {
		case int64, uint64:
			value = fmt.Sprint(n)
		case float64: // every number of JSON is one
			value = strconv.FormatFloat(n, 'f', -1, 64)
		}
		out[name] = value
	}
	return out, nil
}
