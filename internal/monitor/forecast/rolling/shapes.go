package rolling

import (
	"math"
	"math/rand/v2"
)

// Shape is a series of hourly values.
type Shape struct {
	Name   string
	Values []float64
}

const hoursOfWeek = 168

// Shapes are ten weeks of hourly values of the kinds that fill and breathe, the
// same for the same seed.
func Shapes(seed uint64) []Shape {
	const hours = 10 * hoursOfWeek
	chance := rand.New(rand.NewPCG(seed, 1))
	make := func(name string, f func(i int) float64) Shape {
		s := Shape{Name: name, Values: make([]float64, hours)}
		for i := range s.Values {
			s.Values[i] = f(i)
		}
		return s
	}
	walk, level, used := 0.0, 40.0, 30.0
	day := func(i int) float64 { return math.Sin(2*math.Pi*float64(i%24)/24 - 2) }
	working := func(i int) float64 {
		if d := i / 24 % 7; d >= 5 {
			return 0
		}
		return math.Exp(-math.Pow(float64(i%24)-13.5, 2) / 18)
	}
	return []Shape{
		make("trend", func(i int) float64 { return 30 + 0.02*float64(i) + 0.3*chance.NormFloat64() }),
		make("trend and day", func(i int) float64 { return 30 + 0.015*float64(i) + 2*day(i) + 0.4*chance.NormFloat64() }),
		make("rotation of logs, daily", func(i int) float64 { return 20 + 0.8*float64((i+7)%24) + 0.4*chance.NormFloat64() }),
		make("rotation of logs, every 37 hours", func(i int) float64 { return 20 + 0.6*float64(i%37) + 0.4*chance.NormFloat64() }),
		make("rotation on a rising disk", func(i int) float64 {
			return 20 + 0.01*float64(i) + 0.5*float64(i%24) + 0.3*chance.NormFloat64()
		}),
		make("working week", func(i int) float64 { return 10 + 60*working(i)*(1+0.08*chance.NormFloat64()) + chance.NormFloat64() }),
		make("day", func(i int) float64 { return 50 + 10*day(i) + 2*chance.NormFloat64() }),
		make("steps", func(i int) float64 {
			if chance.Float64() < 1.0/300 {
				level = 20 + 60*chance.Float64()
			}
			return level + 0.5*chance.NormFloat64()
		}),
		make("a disk that is cleaned up", func(i int) float64 {
			used += 0.05 + 0.02*chance.NormFloat64()
			if used > 85 {
				used = 35
			}
			return used
		}),
		make("random walk", func(int) float64 { walk += 0.5 * chance.NormFloat64(); return 100 + walk }),
		make("flat with noise", func(int) float64 { return 50 + chance.NormFloat64() }),
		make("bursts", func(i int) float64 {
			v := 5 + chance.NormFloat64()
			if i%24 == 2 {
				v += 40 + 5*chance.NormFloat64()
			}
			return v
		}),
	}
}

// Hourly is the mean of each hour; an hour without a value is the one before it.
func Hourly(unix []int64, values []float64) []float64 {
	var out []float64
	var sum float64
	n := 0
	for i, v := range values {
		if i > 0 {
			for hour := unix[i-1] / 3600; hour < unix[i]/3600; hour++ {
				if n > 0 {
					out = append(out, sum/float64(n))
					sum, n = 0, 0
				} else if len(out) > 0 {
					out = append(out, out[len(out)-1])
				}
			}
		}
		sum += v
		n++
	}
	return out
}
