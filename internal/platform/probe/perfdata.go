package probe

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ParsePerfdata reads 'label'=value[unit];[warn];[crit];[min];[max] separated by
// blanks (Monitoring Plugins Development Guidelines, "Performance data"). What
// cannot be read is left out and named in the error; the rest is returned.
// Values come in base units: seconds, bytes, percent.
func ParsePerfdata(text string) ([]Metric, error) {
	var out []Metric
	var faults []string
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		label, after, ok := perfLabel(rest)
		if !ok {
			// Resume at the next blank: one broken figure costs only itself.
			broken, next, _ := strings.Cut(rest, " ")
			faults = append(faults, strconv.Quote(broken))
			rest = next
			continue
		}
		end := strings.IndexAny(after, " \t\n\r")
		if end < 0 {
			end = len(after)
		}
		field := after[:end]
		rest = after[end:]
		m, ok, known := perfValue(field)
		if !ok {
			faults = append(faults, strconv.Quote(label+"="+field))
			continue
		}
		if !known {
			continue
		}
		m.Name = label
		out = append(out, m)
	}
	if len(faults) > 0 {
		return out, fmt.Errorf("performance data not understood: %s", strings.Join(faults, ", "))
	}
	return out, nil
}

// perfLabel reads a label, which may be quoted and then doubles its quotes, and its "=".
func perfLabel(s string) (label, rest string, ok bool) {
	if s[0] != '\'' {
		i := strings.IndexByte(s, '=')
		if i <= 0 || strings.ContainsAny(s[:i], " \t\n\r'") {
			return "", "", false
		}
		return s[:i], s[i+1:], true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		if i+1 < len(s) && s[i+1] == '=' && b.Len() > 0 {
			return b.String(), s[i+2:], true
		}
		return "", "", false
	}
	return "", "", false
}

// perfValue reads value[unit];warn;crit;min;max. A value of "U" is valid and
// says that there is none: known is false then.
func perfValue(field string) (m Metric, ok, known bool) {
	parts := strings.Split(field, ";")
	if len(parts) > 5 && strings.Join(parts[5:], "") != "" {
		return m, false, false
	}
	if parts[0] == "U" {
		return m, true, false
	}
	number, unit := splitUnit(parts[0])
	v, err := strconv.ParseFloat(strings.Replace(number, ",", ".", 1), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return m, false, false
	}
	if m.Unit, m.Value = baseUnit(unit, v); math.IsInf(m.Value, 0) {
		return m, false, false
	}
	for i, to := range []*string{&m.Warn, &m.Crit, &m.Min, &m.Max} {
		if len(parts) > i+1 {
			*to = parts[i+1]
		}
	}
	return m, true, true
}

// splitUnit parts "1.5e3ms" into number and unit. An "e" belongs to the number
// only when an exponent follows.
func splitUnit(s string) (number, unit string) {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || strings.IndexByte("+-.,", s[i]) >= 0) {
		i++
	}
	if i > 0 && i+1 < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if s[j] == '+' || s[j] == '-' {
			j++
		}
		digits := j
		for j < len(s) && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		if j > digits {
			i = j
		}
	}
	return s[:i], s[i:]
}

// baseUnit converts to base units. KB is 1,000 bytes and KiB 1,024, as SI and
// IEC 80000-13 have it.
func baseUnit(unit string, v float64) (string, float64) {
	switch unit {
	case "s":
		return "seconds", v
	case "ms":
		return "seconds", v / 1e3
	case "us", "µs":
		return "seconds", v / 1e6
	case "ns":
		return "seconds", v / 1e9
	case "%":
		return "percent", v
	case "c":
		return "count", v
	}
	const prefixes = "KMGTP"
	upper := strings.ToUpper(unit)
	if upper == "B" {
		return "bytes", v
	}
	if len(upper) > 1 {
		power := strings.IndexByte(prefixes, upper[0]) + 1
		switch {
		case power > 0 && upper[1:] == "B":
			return "bytes", v * math.Pow(1000, float64(power))
		case power > 0 && upper[1:] == "IB":
			return "bytes", v * math.Pow(1024, float64(power))
		}
	}
	return unit, v
}
