package expression

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"
)

const (
	// Longest is how long the text of an expression may be.
	Longest      = 4 << 10
	mostCost     = 100_000 // CEL's unit; far above what a condition needs, and well under a second
	mostCompiled = 1000
)

// Language compiles and evaluates. It is safe for concurrent use.
type Language struct {
	env *cel.Env

	mu       sync.Mutex
	programs map[string]cel.Program
}

// Objects returns a language whose variables are JSON objects.
func Objects(names ...string) (*Language, error) {
	options := make([]cel.EnvOption, 0, len(names))
	for _, name := range names {
		options = append(options, cel.Variable(name, cel.MapType(cel.StringType, cel.DynType)))
	}
	return newLanguage(options)
}

// Values returns a language whose variables are any JSON values.
func Values(names ...string) (*Language, error) {
	options := make([]cel.EnvOption, 0, len(names))
	for _, name := range names {
		options = append(options, cel.Variable(name, cel.DynType))
	}
	return newLanguage(options)
}

func newLanguage(variables []cel.EnvOption) (*Language, error) {
	env, err := cel.NewEnv(append(variables, cel.OptionalTypes(), ext.Strings(), ext.Sets(), ext.Lists(), ext.Math(), ext.Encoders(), ext.Regex())...)
	if err != nil {
		return nil, err
	}
	return &Language{env: env, programs: map[string]cel.Program{}}, nil
}

func (l *Language) compile(text string) (cel.Program, error) {
	l.mu.Lock()
	p, ok := l.programs[text]
	l.mu.Unlock()
	if ok {
		return p, nil
	}
	if len(text) > Longest {
		return nil, fmt.Errorf("must have at most %d bytes", Longest)
	}
	ast, issues := l.env.Compile(text)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	p, err := l.env.Program(ast, cel.CostLimit(mostCost), cel.InterruptCheckFrequency(1000))
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.programs) >= mostCompiled {
		clear(l.programs)
	}
	l.programs[text] = p
	return p, nil
}

// Check says what is wrong with an expression, in one line; "" when nothing is.
func (l *Language) Check(text string) string {
	if _, err := l.compile(text); err != nil {
		return Line(err)
	}
	return ""
}

// CheckCondition is Check for an expression that has to be true or false.
func (l *Language) CheckCondition(text string) string {
	if wrong := l.Check(text); wrong != "" {
		return wrong
	}
	ast, issues := l.env.Compile(text)
	if issues.Err() != nil {
		return Line(issues.Err())
	}
	if t := ast.OutputType(); !t.IsExactType(types.BoolType) && !t.IsExactType(types.DynType) {
		return fmt.Sprintf("must be true or false, not %s", t)
	}
	return ""
}

// Line is CEL's message without its drawing of the place.
func Line(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimPrefix(line, "ERROR: <input>:")
}

// Absent says that an evaluation failed because something is not there.
func Absent(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "no such key") || strings.Contains(err.Error(), "index out of bounds"))
}

// Eval gives a text, a number (int64, uint64 or float64), a bool, nil, or a
// list ([]any) or an object (map[string]any) of such.
func (l *Language) Eval(ctx context.Context, text string, variables map[string]any) (any, error) {
	p, err := l.compile(text)
	if err != nil {
		return nil, err
	}
	out, _, err := p.ContextEval(ctx, variables)
	if err != nil {
		return nil, err
	}
	return plain(out)
}
