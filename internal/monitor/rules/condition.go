package rules

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// Condition is an expression that compares series with a number.
type Condition struct {
	Expr      string  // of the series alone
	Op        string  // > >= < <= == !=
	Threshold float64 // the number
}

// ConditionOf takes an expression apart; ok says that it compares series with a
// number, at its top or before "and" and "unless".
func ConditionOf(expr string) (c Condition, ok bool) {
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		return c, false
	}
	return conditionOf(parsed)
}

func conditionOf(e parser.Expr) (c Condition, ok bool) {
	if p, is := e.(*parser.ParenExpr); is {
		return conditionOf(p.Expr)
	}
	b, is := e.(*parser.BinaryExpr)
	if !is {
		return c, false
	}
	if b.Op == parser.LAND || b.Op == parser.LUNLESS {
		return conditionOf(b.LHS)
	}
	if !b.Op.IsComparisonOperator() || b.ReturnBool {
		return c, false
	}
	if n, is := number(b.RHS); is {
		return Condition{b.LHS.String(), b.Op.String(), n}, true
	}
	if n, is := number(b.LHS); is {
		flipped := strings.NewReplacer("<", ">", ">", "<").Replace(b.Op.String())
		return Condition{b.RHS.String(), flipped, n}, true
	}
	return c, false
}

func number(e parser.Expr) (float64, bool) {
	switch e := e.(type) {
	case *parser.NumberLiteral:
		return e.Val, true
	case *parser.ParenExpr:
		return number(e.Expr)
	case *parser.UnaryExpr:
		n, ok := number(e.Expr)
		if e.Op == parser.SUB {
			n = -n
		}
		return n, ok
	}
	return 0, false
}
