package form

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"mainstay/internal/core"
)

// Write makes the expression of a form. Items is not in it: it is a field of
// its own of a rule.
func (f Form) Write() (expr string, err error) {
	if err := f.validate(); err != nil {
		return "", err
	}
	expr = f.watched()
	if f.Function != absent {
		unit, _ := find(f.Units(), f.Unit)
		expr += " " + signs()[f.Compare] + " " + number(unit.measured(f.Value))
	}
	if _, err := parse(expr); err != nil {
		return "", core.Invalid("form.metric", "does not make an expression: "+err.Error())
	}
	return expr, nil
}

// watched is the expression without the comparison.
func (f Form) watched() string {
	series := selector(f.Metric, f.Item, f.Labels)
	over := func(d time.Duration) string { return "[" + model.Duration(d).String() + "]" }
	window := over(f.Over.Std())
	switch f.Function {
	case percent:
		whole := selector(f.Of, f.Item, nil)
		if f.PerItem {
			return fmt.Sprintf("100 * sum by (item) (%s) / sum by (item) (%s)", series, whole)
		}
		if len(f.Labels) > 0 {
			var ignored []string
			for _, name := range sorted(f.Labels) {
				ignored = append(ignored, labelName(name))
			}
			return fmt.Sprintf("100 * %s / ignoring (%s) %s", series, strings.Join(ignored, ", "), whole)
		}
		return fmt.Sprintf("100 * %s / %s", series, whole)
	case absent:
		if f.Item != "" {
			return "absent_over_time(" + series + window + ")"
		}
		return "last_over_time(" + series + over(memory) + ") unless last_over_time(" + series + window + ")"
	case reaches:
		return fmt.Sprintf("predict_linear(%s%s, %s)", series, window, number(f.Within.Std().Seconds()))
	case unusual:
		labels := map[string]string{"baseline": f.Baseline}
		if f.Metric != "" {
			labels["metric"] = f.Metric
		}
		for k, v := range f.Labels {
			labels[k] = v
		}
		return "max_over_time(" + selector(scores, f.Item, labels) + window + ")"
	}
	if call, ok := calls()[f.Function]; ok {
		return call + "(" + series + window + ")"
	}
	return series
}

// selector selects the series of a metric.
func selector(metric, item string, labels map[string]string) string {
	var matchers []string
	name := metric
	if _, is := plainly(metric).(*parser.VectorSelector); !is || !model.LegacyValidation.IsValidMetricName(metric) {
		name, matchers = "", append(matchers, strconv.Quote(metric))
	}
	if item != "" {
		matchers = append(matchers, "item="+strconv.Quote(item))
	}
	for _, k := range sorted(labels) {
		matchers = append(matchers, labelName(k)+"="+strconv.Quote(labels[k]))
	}
	if len(matchers) == 0 {
		return name
	}
	return name + "{" + strings.Join(matchers, ",") + "}"
}

// plainly is what a name alone is read as: "sum" and "inf" are no metrics.
func plainly(name string) parser.Expr {
	e, err := parse(name)
	if err != nil {
		return nil
	}
	return e
}

func labelName(name string) string {
	if model.LegacyValidation.IsValidLabelName(name) {
		return name
	}
	return strconv.Quote(name)
}

func sorted(labels map[string]string) []string {
	out := make([]string, 0, len(labels))
	for k := range labels {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// number writes what people read: no exponent where there are few digits.
func number(v float64) string {
	if a := math.Abs(v); a == 0 || a >= 1e-6 && a < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

func parse(expr string) (parser.Expr, error) {
	return parser.NewParser(parser.Options{}).ParseExpr(expr)
}
