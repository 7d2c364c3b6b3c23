package probe

import (
	"fmt"
	"strconv"
)

// Bounds are thresholds of a figure; one that is left out is none.
type Bounds struct {
	WarningAbove  *float64 `json:"warningAbove,omitempty"`
	WarningBelow  *float64 `json:"warningBelow,omitempty"`
	CriticalAbove *float64 `json:"criticalAbove,omitempty"`
	CriticalBelow *float64 `json:"criticalBelow,omitempty"`
}

func (b *Bounds) validate(f *fields) {
	if b == nil {
		return
	}
	f.check(b.WarningAbove == nil || b.CriticalAbove == nil || *b.WarningAbove <= *b.CriticalAbove, "warningAbove", "must not be above criticalAbove")
	f.check(b.WarningBelow == nil || b.CriticalBelow == nil || *b.WarningBelow >= *b.CriticalBelow, "warningBelow", "must not be below criticalBelow")
}

// Judge worsens the result when the value is beyond a threshold.
func (b *Bounds) Judge(res *Result, what string, value float64) {
	if b == nil {
		return
	}
	switch {
	case b.CriticalAbove != nil && value > *b.CriticalAbove:
		res.Worsen(Critical, "%s is %s, above %s", what, number(value), number(*b.CriticalAbove))
	case b.CriticalBelow != nil && value < *b.CriticalBelow:
		res.Worsen(Critical, "%s is %s, below %s", what, number(value), number(*b.CriticalBelow))
	case b.WarningAbove != nil && value > *b.WarningAbove:
		res.Worsen(Warning, "%s is %s, above %s", what, number(value), number(*b.WarningAbove))
	case b.WarningBelow != nil && value < *b.WarningBelow:
		res.Worsen(Warning, "%s is %s, below %s", what, number(value), number(*b.WarningBelow))
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 10, 64) }

// HowMany bounds how many there are of something; what is left out is no bound.
type HowMany struct {
	Min *int `json:"min,omitempty"`
	Max *int `json:"max,omitempty"`
}

func (c *HowMany) validate(f *fields) {
	if c == nil {
		return
	}
	f.check(c.Min == nil || *c.Min >= 0, "min", "must not be negative")
	f.check(c.Max == nil || *c.Max >= 0, "max", "must not be negative")
	f.check(c.Min == nil || c.Max == nil || *c.Min <= *c.Max, "max", "must not be below min")
}

// Judge makes the result critical when there are too few or too many.
func (c *HowMany) Judge(res *Result, what string, n int) {
	switch {
	case c == nil:
	case c.Min != nil && n < *c.Min:
		res.Worsen(Critical, "%d %s, at least %d are needed", n, what, *c.Min)
	case c.Max != nil && n > *c.Max:
		res.Worsen(Critical, "%d %s, at most %d are allowed", n, what, *c.Max)
	}
}

// oneOf says that value is empty or one of the names, and names the rule.
func (f *fields) oneOf(field, value string, names ...string) {
	if value == "" {
		return
	}
	for _, n := range names {
		if value == n {
			return
		}
	}
	f.check(false, field, fmt.Sprintf("must be one of %v", names))
}
