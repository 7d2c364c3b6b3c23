package desk

import (
	"fmt"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
)

// maxCost bounds the evaluation of one condition, in units of CEL.
const maxCost = 100_000

// compile reads a condition over incident, item, items and services. An empty
// one is always true (a nil program).
func compile(expr string) (cel.Program, error) {
	if strings.TrimSpace(expr) == "" {
		return nil, nil
	}
	if len(expr) > 4096 {
		return nil, fmt.Errorf("must be at most 4096 characters")
	}
	dynamic := cel.MapType(cel.StringType, cel.DynType)
	env, err := cel.NewEnv(
		cel.Variable("incident", dynamic), cel.Variable("item", dynamic),
		cel.Variable("items", cel.ListType(dynamic)), cel.Variable("services", cel.ListType(dynamic)),
	)
	if err != nil {
		return nil, err
	}
	ast, issues := env.Compile(expr)
	if issues.Err() != nil {
		first, _, _ := strings.Cut(issues.Err().Error(), "\n")
		return nil, fmt.Errorf("%s", strings.TrimPrefix(first, "ERROR: <input>:"))
	}
	if out := ast.OutputType(); !out.IsExactType(cel.BoolType) && !out.IsExactType(cel.DynType) {
		return nil, fmt.Errorf("must be true or false, not a %s", out)
	}
	return env.Program(ast, cel.CostLimit(maxCost))
}

// programs keeps compiled conditions by their text.
type programs struct {
	mu   sync.Mutex
	text map[string]cel.Program
}

// holds evaluates a condition.
func (p *programs) holds(expr string, facts map[string]any) (bool, error) {
	p.mu.Lock()
	program, known := p.text[expr]
	p.mu.Unlock()
	if !known {
		var err error
		if program, err = compile(expr); err != nil {
			return false, err
		}
		p.mu.Lock()
		if p.text == nil || len(p.text) > 1000 {
			p.text = map[string]cel.Program{}
		}
		p.text[expr] = program
		p.mu.Unlock()
	}
	if program == nil {
		return true, nil
	}
	out, _, err := program.Eval(facts)
	if err != nil {
		return false, err
	}
	value, ok := out.Value().(bool)
	if !ok {
		return false, fmt.Errorf("gave %v, not true or false", out.Value())
	}
	return value, nil
}
