package form

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"mainstay/internal/platform/probe"
)

// ErrHand says, for a person, which part of an expression the form has no place for.
type ErrHand struct{ Part string }

func (e *ErrHand) Error() string { return e.Part }

func hand(format string, args ...any) error { return &ErrHand{fmt.Sprintf(format, args...)} }

// Read makes the form that gives the expression; *ErrHand when there is none.
func Read(expr, items string) (Form, error) {
	parsed, err := parse(expr)
	if err != nil {
		return Form{}, hand("it is not PromQL: %v", err)
	}
	f, err := read(parsed)
	if err != nil {
		return Form{}, err
	}
	f.Items = items
	again, err := f.Write()
	if err != nil {
		return Form{}, hand("the form would not take it: %v", err)
	}
	same, err := parse(again)
	if err != nil || same.String() != bare(parsed).String() {
		return Form{}, hand("the form would write it as %s", again)
	}
	return f, nil
}

// bare is an expression without the parentheses around it.
func bare(e parser.Expr) parser.Expr {
	for {
		p, ok := e.(*parser.ParenExpr)
		if !ok {
			return e
		}
		e = p.Expr
	}
}

func read(e parser.Expr) (f Form, err error) {
	switch e := bare(e).(type) {
	case *parser.Call:
		if e.Func.Name != "absent_over_time" {
			return f, hand("it compares nothing with a number")
		}
		f.Function = absent
		if err := f.window(e.Args[0]); err != nil {
			return f, err
		}
		if f.Item == "" {
			return f, hand("absent_over_time() without an item says only that no item has the metric")
		}
		return f, nil
	case *parser.BinaryExpr:
		if e.Op == parser.LUNLESS {
			return readAbsent(e)
		}
		return readComparison(e)
	}
	return f, hand("it compares nothing with a number")
}

// readAbsent reads: was there lately, and is not any more.
func readAbsent(e *parser.BinaryExpr) (f Form, err error) {
	r, ok := bare(e.RHS).(*parser.Call)
	if !ok || r.Func.Name != "last_over_time" {
		return f, hand("it joins expressions with unless")
	}
	f.Function = absent
	return f, f.window(r.Args[0])
}

func readComparison(e *parser.BinaryExpr) (f Form, err error) {
	for name, sign := range signs() {
		if e.Op.String() == sign {
			f.Compare = name
		}
	}
	switch {
	case e.Op.IsSetOperator():
		return f, hand("it joins expressions with %s", e.Op)
	case f.Compare == "":
		return f, hand("it does not end in a comparison with >, >=, < or <=")
	case e.ReturnBool:
		return f, hand("it compares with bool")
	}
	v, ok := literal(e.RHS)
	if !ok {
		if _, ok = literal(e.LHS); ok {
			return f, hand("the number stands before the comparison")
		}
		return f, hand("it compares with an expression, not with a number")
	}
	if err := f.left(bare(e.LHS)); err != nil {
		return f, err
	}
	unit := choose(f.Units(), v)
	f.Unit, f.Value = unit.Name, unit.given(v)
	if unit.measured(f.Value) != v {
		f.Unit, f.Value = "", v
	}
	return f, nil
}

// left reads what is compared.
func (f *Form) left(e parser.Expr) error {
	switch e := e.(type) {
	case *parser.VectorSelector:
		f.Function = value
		return f.series(e)
	case *parser.BinaryExpr:
		return f.share(e)
	case *parser.AggregateExpr:
		return hand("it uses %s over several series", e.Op)
	case *parser.Call:
		for name, call := range calls() {
			if e.Func.Name == call {
				f.Function = name
			}
		}
		if f.Function == "" {
			return hand("it uses %s(), which the form does not have", e.Func.Name)
		}
		if f.Function == reaches {
			ahead, ok := literal(e.Args[1])
			if !ok || ahead != math.Trunc(ahead) || ahead < 1 || ahead > 1e9 {
				return hand("predict_linear() does not look whole seconds ahead")
			}
			f.Within = probe.Duration(time.Duration(ahead) * time.Second)
		}
		if err := f.window(e.Args[0]); err != nil {
			return err
		}
		if name := f.Labels["baseline"]; f.Function == maximum && f.Metric == scores && name != "" {
			f.Function, f.Baseline, f.Metric = unusual, name, f.Labels["metric"]
			delete(f.Labels, "baseline")
			delete(f.Labels, "metric")
		}
		return nil
	}
	return hand("it watches something other than one metric")
}

// share reads 100 * part / whole.
func (f *Form) share(e *parser.BinaryExpr) error {
	product, ok := bare(e.LHS).(*parser.BinaryExpr)
	if e.Op != parser.DIV || !ok || product.Op != parser.MUL {
		return hand("it calculates with %s", e.Op)
	}
	if n, ok := literal(product.LHS); !ok || n != 100 {
		return hand("it calculates with %s", product.Op)
	}
	f.Function = percent
	part, whole := bare(product.RHS), bare(e.RHS)
	if a, ok := part.(*parser.AggregateExpr); ok {
		b, both := whole.(*parser.AggregateExpr)
		if !both || a.Op != parser.SUM || b.Op != parser.SUM {
			return hand("it uses %s over several series", a.Op)
		}
		f.PerItem, part, whole = true, bare(a.Expr), bare(b.Expr)
	}
	of, ok := whole.(*parser.VectorSelector)
	if !ok {
		return hand("the whole of the percentage is not one metric")
	}
	var other Form
	if err := other.series(of); err != nil {
		return err
	}
	one, ok := part.(*parser.VectorSelector)
	if !ok {
		return hand("the part of the percentage is not one metric")
	}
	f.Of = other.Metric
	return f.series(one)
}

// window reads metric[5m].
func (f *Form) window(e parser.Expr) error {
	m, ok := bare(e).(*parser.MatrixSelector)
	if !ok {
		return hand("it looks over a time of something other than one metric")
	}
	f.Over = probe.Duration(m.Range)
	v, ok := m.VectorSelector.(*parser.VectorSelector)
	if !ok || m.Range <= 0 {
		return hand("it looks over a time that is no plain duration")
	}
	return f.series(v)
}

// series reads metric{label="value"}.
func (f *Form) series(v *parser.VectorSelector) error {
	if v.OriginalOffset != 0 || v.Timestamp != nil || v.StartOrEnd != 0 {
		return hand("it looks at another time with offset or @")
	}
	for _, m := range v.LabelMatchers {
		switch {
		case m.Type != labels.MatchEqual:
			return hand("it matches the label %s with %s", m.Name, m.Type)
		case m.Name == labels.MetricName:
			f.Metric = m.Value
		case m.Name == "item":
			f.Item = m.Value
		default:
			if f.Labels == nil {
				f.Labels = map[string]string{}
			}
			f.Labels[m.Name] = m.Value
		}
	}
	if f.Metric == "" {
		return hand("it names no metric")
	}
	return nil
}

func literal(e parser.Expr) (float64, bool) {
	switch e := bare(e).(type) {
	case *parser.NumberLiteral:
		return e.Val, true
	case *parser.UnaryExpr:
		n, ok := literal(e.Expr)
		if e.Op == parser.SUB {
			n = -n
		}
		return n, ok
	}
	return 0, false
}

// AsHand is the reason that err gives, when it is one.
func AsHand(err error) (reason string, ok bool) {
	var h *ErrHand
	if errors.As(err, &h) {
		return h.Part, true
	}
	return "", false
}
