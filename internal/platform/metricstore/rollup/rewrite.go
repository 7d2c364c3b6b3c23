package rollup

import (
	"fmt"
	"math"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Label tells the aggregates of a series apart. It never leaves this package's queriers.
const Label = "__rollup__"

// The aggregates.
const (
	Last  = "last"
	Min   = "min"
	Max   = "max"
	Sum   = "sum"
	Count = "count"
	Inc   = "inc"
)

// closeEnough is how much of its length the window of a rate may be off: the
// window of a rate is a choice of smoothing, and Grafana's is its step and a scrape.
const closeEnough = 0.05

// Rewritten is an expression over rollups.
type Rewritten struct {
	Expr string
	// Exact: at times that are multiples of the width the value is that of raw
	// samples (rate and increase: without the engine's extrapolation).
	Exact bool
	Notes []string // why not
}

// Rewrite turns an expression over raw samples into one over buckets of a
// width. It changes expr. ok is false where rollups cannot answer at all.
func Rewrite(expr parser.Expr, width, lookback time.Duration) (out Rewritten, ok bool) {
	r := &rewriter{width: width, lookback: lookback, exact: true}
	rewritten := r.expr(expr)
	if r.impossible {
		return Rewritten{}, false
	}
	return Rewritten{Expr: rewritten.String(), Exact: r.exact, Notes: r.notes}, true
}

// Reach is how far back and ahead of its time an expression looks. ok is false
// when that is not fixed (the @ modifier, computed durations).
func Reach(expr parser.Expr, lookback time.Duration) (back, ahead time.Duration, ok bool) {
	ok = true
	parser.Inspect(expr, func(node parser.Node, path []parser.Node) error {
		s, is := node.(*parser.VectorSelector)
		if !is {
			return nil
		}
		if s.Timestamp != nil || s.StartOrEnd != 0 || s.OriginalOffsetExpr != nil {
			ok = false
		}
		b, a := lookback+s.OriginalOffset, -s.OriginalOffset
		for _, p := range path {
			switch p := p.(type) {
			case *parser.MatrixSelector:
				b += p.Range
				ok = ok && p.RangeExpr == nil
			case *parser.SubqueryExpr:
				b += p.Range + p.OriginalOffset
				a -= p.OriginalOffset
				ok = ok && p.RangeExpr == nil && p.StepExpr == nil && p.OriginalOffsetExpr == nil && p.Timestamp == nil && p.StartOrEnd == 0
			}
		}
		if s.Smoothed {
			a += lookback
		}
		back, ahead = max(back, b), max(ahead, a)
		return nil
	})
	return back, ahead, ok
}

type rewriter struct {
	width, lookback time.Duration
	exact           bool
	impossible      bool
	notes           []string
}

func (r *rewriter) inexact(format string, args ...any) {
	r.exact = false
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

func (r *rewriter) expr(e parser.Expr) parser.Expr {
	switch n := e.(type) {
	case *parser.NumberLiteral, *parser.StringLiteral:
	case *parser.ParenExpr:
		n.Expr = r.expr(n.Expr)
	case *parser.UnaryExpr:
		n.Expr = r.expr(n.Expr)
	case *parser.BinaryExpr:
		n.LHS, n.RHS = r.expr(n.LHS), r.expr(n.RHS)
	case *parser.AggregateExpr:
		n.Expr = r.expr(n.Expr)
		if n.Param != nil {
			n.Param = r.expr(n.Param)
		}
		return scaledAfter(n)
	case *parser.VectorSelector:
		r.of(n, Last)
	case *parser.SubqueryExpr:
		r.subquery(n)
	case *parser.Call:
		return r.call(n)
	default:
		r.impossible = true
	}
	return e
}

// of makes a selector one of an aggregate.
func (r *rewriter) of(s *parser.VectorSelector, aggregate string) {
	if s.Timestamp != nil || s.StartOrEnd != 0 || s.OriginalOffsetExpr != nil || s.Anchored || s.Smoothed {
		r.impossible = true
		return
	}
	if s.OriginalOffset%r.width != 0 {
		r.inexact("offset %v is not a multiple of the buckets", s.OriginalOffset)
	}
	s.LabelMatchers = append(s.LabelMatchers, labels.MustNewMatcher(labels.MatchEqual, Label, aggregate))
}

func (r *rewriter) subquery(n *parser.SubqueryExpr) {
	if n.Timestamp != nil || n.StartOrEnd != 0 || n.OriginalOffsetExpr != nil || n.RangeExpr != nil || n.StepExpr != nil {
		r.impossible = true
		return
	}
	if n.Step == 0 || n.Step%r.width != 0 || n.OriginalOffset%r.width != 0 {
		r.inexact("the steps of a subquery are not those of the buckets")
		n.Step = max(r.width, (n.Step+r.width-1)/r.width*r.width)
		n.Range = max(n.Range, 2*n.Step)
	}
	n.Expr = r.expr(n.Expr)
}

func (r *rewriter) call(n *parser.Call) parser.Expr {
	switch n.Func.Name {
	case "absent", "absent_over_time", "info":
		// absent makes labels of the selector's matchers; info reads other metrics.
		r.impossible = true
		return n
	case "timestamp":
		r.inexact("timestamp gives that of the bucket")
	}
	for i, arg := range n.Args {
		if m, ok := arg.(*parser.MatrixSelector); ok {
			return r.overTime(n, i, m)
		}
	}
	for i := range n.Args {
		n.Args[i] = r.expr(n.Args[i])
	}
	return n
}

// overTime rewrites a function of a window of samples.
func (r *rewriter) overTime(n *parser.Call, arg int, m *parser.MatrixSelector) parser.Expr {
	s, ok := m.VectorSelector.(*parser.VectorSelector)
	if !ok || m.RangeExpr != nil {
		r.impossible = true
		return n
	}
	asked := m.Range
	m.Range = max(r.width, time.Duration(math.Round(float64(asked)/float64(r.width)))*r.width)
	scale := float64(asked) / float64(m.Range)
	off := math.Abs(1 - scale)
	whole := func() {
		if off != 0 {
			r.inexact("the window %v is answered as %v", asked, m.Range)
		}
	}
	over := func(f, aggregate string) parser.Expr { return r.function(f, s, m, aggregate) }
	switch n.Func.Name {
	case "rate", "increase":
		if off > closeEnough {
			whole()
		}
		if n.Func.Name == "rate" {
			return operate(parser.DIV, over("sum_over_time", Inc), number(m.Range.Seconds()))
		}
		return operate(parser.MUL, over("sum_over_time", Inc), number(scale))
	case "avg_over_time":
		whole()
		return operate(parser.DIV, over("sum_over_time", Sum), over("sum_over_time", Count))
	case "sum_over_time":
		whole()
		return operate(parser.MUL, over("sum_over_time", Sum), number(scale))
	case "count_over_time":
		whole()
		return operate(parser.MUL, over("sum_over_time", Count), number(scale))
	case "min_over_time":
		whole()
		return over("min_over_time", Min)
	case "max_over_time":
		whole()
		return over("max_over_time", Max)
	case "present_over_time":
		whole()
		return over("present_over_time", Count)
	case "last_over_time":
		whole()
		if r.width > r.lookback {
			r.inexact("last_over_time sees the end of a bucket alone")
		}
		return over("last_over_time", Last)
	case "irate":
		m.Range = r.width
		r.inexact("irate is the rate of a bucket")
		return operate(parser.DIV, over("sum_over_time", Inc), number(m.Range.Seconds()))
	default:
		m.Range = max(m.Range, 2*r.width)
		r.inexact("%s is computed from the last value of each bucket", n.Func.Name)
		r.of(s, Last)
		n.Args[arg] = m
		return n
	}
}

// function is a call over a copy of a selector, of one aggregate.
func (r *rewriter) function(name string, s *parser.VectorSelector, m *parser.MatrixSelector, aggregate string) parser.Expr {
	own := *s
	own.LabelMatchers = append([]*labels.Matcher(nil), s.LabelMatchers...)
	r.of(&own, aggregate)
	return &parser.Call{
		Func: parser.Functions[name],
		Args: parser.Expressions{&parser.MatrixSelector{VectorSelector: &own, Range: m.Range}},
	}
}

func operate(op parser.ItemType, l, r parser.Expr) parser.Expr {
	b := &parser.BinaryExpr{Op: op, LHS: l, RHS: r}
	if n, ok := r.(*parser.NumberLiteral); !ok {
		b.VectorMatching = &parser.VectorMatching{Card: parser.CardOneToOne}
	} else if n.Val == 1 {
		// A sum has already lost its name, so there is nothing left to do.
		return l
	}
	return &parser.ParenExpr{Expr: b}
}

// scaledAfter aggregates the sums of windows before they are scaled, where that
// gives the same: so there is less to scale.
func scaledAfter(n *parser.AggregateExpr) parser.Expr {
	switch n.Op {
	case parser.SUM, parser.AVG, parser.MIN, parser.MAX:
	default:
		return n
	}
	paren, ok := n.Expr.(*parser.ParenExpr)
	if !ok {
		return n
	}
	scaled, ok := paren.Expr.(*parser.BinaryExpr)
	if !ok || scaled.Op != parser.DIV && scaled.Op != parser.MUL {
		return n
	}
	by, ok := scaled.RHS.(*parser.NumberLiteral)
	if !ok || !(by.Val > 0) || math.IsInf(by.Val, 1) {
		return n
	}
	// A call of a window has lost its name already, as what is scaled would.
	if window, ok := scaled.LHS.(*parser.Call); !ok || window.Func.Name != "sum_over_time" {
		return n
	}
	n.Expr = scaled.LHS
	return operate(scaled.Op, n, by)
}

func number(v float64) parser.Expr { return &parser.NumberLiteral{Val: v} }
