package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"mainstay/internal/core"
	"mainstay/internal/platform/expression"
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

// compilations are the expressions of remediations.
type compilations struct{ language *expression.Language }

func newCompilations() (*compilations, error) {
	l, err := expression.Objects("situation", "alert", "item")
	return &compilations{l}, err
}

// check compiles all expressions of a remediation and names those that are wrong.
func (c *compilations) check(r *Remediation) error {
	var wrong []core.Detail
	if rule := c.language.CheckCondition(r.Condition); rule != "" {
		wrong = append(wrong, core.Detail{Field: "spec.condition", Rule: rule})
	}
	for _, name := range slices.Sorted(maps.Keys(r.Parameters)) {
		if rule := c.language.Check(r.Parameters[name]); rule != "" {
			wrong = append(wrong, core.Detail{Field: "spec.parameters." + name, Rule: rule})
		}
	}
	return core.InvalidAll(wrong)
}

func (c *compilations) eval(ctx context.Context, text string, v variables) (any, error) {
	out, err := c.language.Eval(ctx, text, v.activation())
	if err != nil {
		return nil, err
	}
	switch out.(type) {
	case string, bool, int64, uint64, float64:
		return out, nil
	case nil:
		return nil, errors.New("gives nothing, not a text, number or true or false")
	case []any:
		return nil, errors.New("gives a list, not a text, number or true or false")
	}
	return nil, errors.New("gives an object, not a text, number or true or false")
}

// applies evaluates a condition. Something that is not there makes it false:
// why says so.
func (c *compilations) applies(ctx context.Context, text string, v variables) (ok bool, why string, err error) {
	value, err := c.eval(ctx, text, v)
	switch {
	case expression.Absent(err):
		return false, err.Error(), nil
	case err != nil:
		return false, "", err
	}
	ok, isBool := value.(bool)
	if !isBool {
		return false, "", fmt.Errorf("the condition gives %v, not true or false", value)
	}
	if ok {
		return true, "the condition holds: " + text, nil
	}
	return false, "the condition does not hold: " + text, nil
}

// parameters evaluates the mapping of a remediation.
func (c *compilations) parameters(ctx context.Context, r *Remediation, v variables) (map[string]any, error) {
	out := map[string]any{}
	for name, text := range r.Parameters {
		value, err := c.eval(ctx, text, v)
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %s", name, expression.Line(err))
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
