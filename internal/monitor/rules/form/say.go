package form

import (
	"strconv"
	"strings"

	"mainstay/internal/platform/probe"
)

// Say puts the form into words.
func (f Form) Say() string {
	of := ""
	switch {
	case f.Item != "":
		of = " of one item"
	case f.Items != "":
		of = " of items with " + f.Items
	}
	if len(f.Labels) > 0 {
		var which []string
		for _, k := range sorted(f.Labels) {
			which = append(which, k+" "+f.Labels[k])
		}
		of = " (" + strings.Join(which, ", ") + ")" + of
	}
	than := map[string]string{"above": "is above ", "atLeast": "is at least ", "below": "is below ", "atMost": "is at most "}[f.Compare]
	value := strings.TrimSpace(strconv.FormatFloat(f.Value, 'g', -1, 64) + " " + f.Unit)
	over := " over " + f.Over.String()
	switch f.Function {
	case average, maximum, minimum:
		return "the " + f.Function + over + " of " + f.Metric + of + " " + than + value
	case rate:
		return f.Metric + of + " grows by a rate a second, measured" + over + ", that " + than + value
	case increase:
		return "the growth" + over + " of " + f.Metric + of + " " + than + value
	case percent:
		each := ""
		if f.PerItem {
			each = " summed for each item"
		}
		return f.Metric + of + " in percent of " + f.Of + each + " " + than + value
	case absent:
		return f.Metric + of + " was not measured for " + f.Over.String()
	case reaches:
		to := "will rise to "
		if strings.HasPrefix(f.Compare, "below") || f.Compare == "atMost" {
			to = "will fall to "
		}
		return f.Metric + of + " " + to + value + " within " + f.Within.String() + ", going on as in the last " + f.Over.String()
	case unusual:
		what := "what the baseline " + f.Baseline + " watches"
		if f.Metric != "" {
			what = f.Metric
		}
		return what + of + " was outside its baseline" + over + ": the score " + than + value
	}
	return f.Metric + of + " " + than + value
}

// Title is a template for the alert's title that a person can start from.
func (f Form) Title() string {
	if f.Function == absent {
		return f.Metric + " is not measured any more"
	}
	if f.Function == unusual {
		return "{{ $labels.metric }} is unusual"
	}
	value := "{{ $value | humanize }}"
	switch f.dimension() {
	case ratio:
		value = "{{ $value | humanizePercentage }}"
	case hundred:
		value = "{{ $value | humanize }} %"
	case bytes:
		value = "{{ $value | humanize1024 }}B"
	case seconds:
		value = "{{ $value | humanizeDuration }}"
	case celsius:
		value = "{{ $value | humanize }} °C"
	}
	if f.Function == reaches {
		return f.Metric + " will be " + value + " in " + probe.Duration(f.Within).String()
	}
	return f.Metric + " is " + value
}
