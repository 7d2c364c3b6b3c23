package form

import (
	"math"
	"strconv"
	"strings"
)

// Unit is one in which a value can be given.
type Unit struct {
	Name string
	mul  float64
	div  float64 // of units that divide: 55/100 is 0.55, 55*0.01 is not
}

func (u Unit) measured(v float64) float64 { return v * u.mul / u.div }

// given is the value in the unit, without the noise of binary fractions.
func (u Unit) given(v float64) float64 {
	out, err := strconv.ParseFloat(strconv.FormatFloat(v*u.div/u.mul, 'g', 12, 64), 64)
	if err != nil {
		return v
	}
	return out
}

// dimension is what a form's value measures.
type dimension string

const (
	plain   dimension = ""
	ratio   dimension = "ratio"
	hundred dimension = "percent"
	bytes   dimension = "bytes"
	seconds dimension = "seconds"
	celsius dimension = "celsius"
)

// dimensionOf follows the conventions of metric names.
func dimensionOf(metric string) dimension {
	metric = strings.TrimSuffix(metric, "_total")
	for _, known := range []struct {
		suffix string
		is     dimension
	}{{"_bytes", bytes}, {"_seconds", seconds}, {"_ratio", ratio}, {"_utilization", ratio}, {"_percent", hundred}, {"_celsius", celsius}} {
		if strings.HasSuffix(metric, known.suffix) {
			return known.is
		}
	}
	return plain
}

func (f Form) dimension() dimension {
	switch f.Function {
	case percent:
		return hundred
	case unusual:
		return plain
	case rate:
		if d := dimensionOf(f.Metric); d != seconds {
			return d
		}
		return ratio // seconds in a second
	}
	return dimensionOf(f.Metric)
}

// Units are those that the form's value can be given in, the usual one first.
func (f Form) Units() []Unit {
	asMeasured := Unit{"", 1, 1}
	switch f.dimension() {
	case ratio:
		return []Unit{{"%", 1, 100}, asMeasured}
	case hundred:
		return []Unit{{"%", 1, 1}, asMeasured}
	case bytes:
		return []Unit{{"GiB", 1 << 30, 1}, {"MiB", 1 << 20, 1}, {"KiB", 1 << 10, 1}, {"TiB", 1 << 40, 1}, {"GB", 1e9, 1}, {"MB", 1e6, 1}, {"B", 1, 1}, asMeasured}
	case seconds:
		return []Unit{{"s", 1, 1}, {"ms", 1, 1000}, {"min", 60, 1}, {"h", 3600, 1}, {"d", 86400, 1}, asMeasured}
	case celsius:
		return []Unit{{"°C", 1, 1}, asMeasured}
	}
	return []Unit{asMeasured}
}

func find(units []Unit, name string) (Unit, bool) {
	for _, u := range units {
		if u.Name == name {
			return u, true
		}
	}
	return Unit{}, false
}

// names lists units for a person.
func names(units []Unit) string {
	var out []string
	for _, u := range units {
		if u.Name != "" {
			out = append(out, u.Name)
		}
	}
	return strings.Join(append(out, "empty"), ", ")
}

// choose is the unit in which a person would give the measured value: the
// largest in which it is 1 at least and has few digits behind the point.
func choose(units []Unit, v float64) Unit {
	best, cost := units[0], math.Inf(1)
	for _, u := range units {
		given := math.Abs(u.given(v))
		_, fraction, _ := strings.Cut(strconv.FormatFloat(given, 'f', -1, 64), ".")
		one := float64(len(fraction)) * 10
		if given < 1 && given > 0 {
			one += 15
		}
		if given >= 1000 {
			one += 4 * math.Log10(given)
		}
		if u.Name != "" && one < cost {
			best, cost = u, one
		} else if u.Name != "" && one == cost && v != 0 && u.mul/u.div > best.mul/best.div {
			best = u
		}
	}
	return best
}
