package querycache

import (
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Cacheable says whether the value of expr at a time depends only on samples
// up to that time, and names the metrics it reads; none means any.
//
// Not so are: the @ modifier (its value changes for all steps at once),
// negative offsets and smoothed selectors (they look ahead), durations that are
// computed from the query's own range, and limitk, which takes what it meets first.
func Cacheable(expr parser.Expr) (metrics []string, ok bool) {
	ok, anyMetric := true, false
	seen := map[string]bool{}
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			if n.Timestamp != nil || n.StartOrEnd != 0 || n.OriginalOffset < 0 || n.OriginalOffsetExpr != nil || n.Smoothed {
				ok = false
			}
			name := metricOf(n)
			anyMetric = anyMetric || name == ""
			if name != "" && !seen[name] {
				seen[name] = true
				metrics = append(metrics, name)
			}
		case *parser.MatrixSelector:
			if n.RangeExpr != nil {
				ok = false
			}
		case *parser.SubqueryExpr:
			if n.Timestamp != nil || n.StartOrEnd != 0 || n.OriginalOffset < 0 || n.OriginalOffsetExpr != nil || n.RangeExpr != nil || n.StepExpr != nil {
				ok = false
			}
		case *parser.AggregateExpr:
			if n.Op == parser.LIMITK {
				ok = false
			}
		case *parser.Call:
			switch n.Func.Name {
			case "info": // reads other metrics than the one it names
				anyMetric = true
			case "start", "end", "range", "step":
				ok = false
			}
		}
		return nil
	})
	if anyMetric {
		metrics = nil
	}
	return metrics, ok
}

func metricOf(s *parser.VectorSelector) string {
	if s.Name != "" {
		return s.Name
	}
	for _, m := range s.LabelMatchers {
		if m.Name == labels.MetricName && m.Type == labels.MatchEqual {
			return m.Value
		}
	}
	return ""
}
