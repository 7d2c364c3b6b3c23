package expression

import (
	"context"
	"errors"
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Program is an expression that was compiled to be evaluated often. It is safe
// for concurrent use.
type Program struct {
	text     string
	program  cel.Program
	ast      *cel.Ast
	counted  bool // its cost is counted as it runs
	requires []Requirement
	uses     map[string]bool
}

// longestText is the length that a text from outside is taken to have when the
// cost of a program is estimated; what holds events refuses longer ones.
const longestText = 64 << 10

// Compile compiles an expression to be held by the caller. An expression whose
// worst case is known to be cheap runs without its cost being counted.
func (l *Language) Compile(text string) (*Program, error) {
	if len(text) > Longest {
		return nil, fmt.Errorf("must have at most %d bytes", Longest)
	}
	ast, issues := l.env.Compile(text)
	if issues.Err() != nil {
		return nil, errors.New(Line(issues.Err()))
	}
	options := []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize)}
	estimate, err := l.env.EstimateCost(ast, sizes{})
	counted := err != nil || estimate.Max > mostCost
	if counted {
		options = append(options, cel.CostLimit(mostCost), cel.InterruptCheckFrequency(1000))
	}
	p, err := l.env.Program(ast, options...)
	if err != nil {
		return nil, err
	}
	out := &Program{text: text, program: p, ast: ast, counted: counted, uses: map[string]bool{}}
	root := ast.NativeRep().Expr()
	out.requires = requirements(root)
	variables(root, out.uses)
	return out, nil
}

// CompileCondition is Compile for an expression that has to be true or false.
func (l *Language) CompileCondition(text string) (*Program, error) {
	p, err := l.Compile(text)
	if err != nil {
		return nil, err
	}
	if t := p.ast.OutputType(); !t.IsExactType(types.BoolType) && !t.IsExactType(types.DynType) {
		return nil, fmt.Errorf("must be true or false, not %s", t)
	}
	return p, nil
}

// Text is what the program was compiled from.
func (p *Program) Text() string { return p.text }

// Uses says whether the expression names a variable, or a field of one
// ("event.annotations") of which Requirement tells how it is written.
func (p *Program) Uses(path string) bool { return p.uses[path] }

// Match evaluates a condition.
func (p *Program) Match(ctx context.Context, variables map[string]any) (bool, error) {
	out, err := p.run(ctx, variables)
	if err != nil {
		return false, err
	}
	yes, ok := out.Value().(bool)
	if !ok {
		return false, fmt.Errorf("gives a %s, not true or false", out.Type())
	}
	return yes, nil
}

// Eval gives what Language.Eval gives.
func (p *Program) Eval(ctx context.Context, variables map[string]any) (any, error) {
	out, err := p.run(ctx, variables)
	if err != nil {
		return nil, err
	}
	return plain(out)
}

func (p *Program) run(ctx context.Context, variables map[string]any) (ref.Val, error) {
	if !p.counted {
		out, _, err := p.program.Eval(variables)
		return out, err
	}
	out, _, err := p.program.ContextEval(ctx, variables)
	return out, err
}

// sizes bounds what is not known before an expression runs.
type sizes struct{}

func (sizes) EstimateSize(cost.AstNode) *cost.SizeEstimate {
	return &cost.SizeEstimate{Min: 0, Max: longestText}
}

func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}
