package anomaly

import (
	"math"
	"testing"
)

const step = 300 // seconds from point to point

// noise is a deterministic stand-in for chance, normal of deviation 1.
type noise uint64

func (n *noise) uniform() float64 {
	*n = *n*6364136223846793005 + 1442695040888963407
	return float64(*n>>11) / (1 << 53)
}

func (n *noise) normal() float64 {
	return math.Sqrt(-2*math.Log(n.uniform()+1e-300)) * math.Cos(2*math.Pi*n.uniform())
}

// daily is a plateau from nine to six with noise.
func daily(i int, n *noise) float64 {
	hour := i * step / 3600 % 24
	if hour >= 9 && hour < 18 {
		return 80 + n.normal()
	}
	return 20 + n.normal()
}

const dayPoints = 24 * 3600 / step

// anomalies returns the rows that count as anomalies.
func anomalies(rows int, value func(i int) float64) (found []int, verdicts []Verdict) {
	var d Detector
	for i := range rows {
		v := d.Point(int64(i)*step, value(i))
		verdicts = append(verdicts, v)
		if v.Anomalous() {
			found = append(found, i)
		}
	}
	return found, verdicts
}

func TestWhatIsFound(t *testing.T) {
	t.Parallel()
	const at, until = 10*dayPoints + dayPoints/2, 11 * dayPoints
	for name, c := range map[string]struct {
		value  func(i int, n *noise) float64
		within int // points until it must be found
		cause  Cause
	}{
		"a spike": {func(i int, n *noise) float64 {
			if i == at {
				return 130
			}
			return daily(i, n)
		}, 1, Value},
		"a day without its plateau": {func(i int, n *noise) float64 {
			if i >= at && i < until {
				return 20 + n.normal()
			}
			return daily(i, n)
		}, 1, Value},
		"a plateau at night": {func(i int, n *noise) float64 {
			if i >= at+dayPoints/2 && i < until+dayPoints/4 {
				return 80 + n.normal()
			}
			return daily(i, n)
		}, dayPoints/2 + 1, Value},
		"a new level": {func(i int, n *noise) float64 {
			if i >= at {
				return 6 + n.normal()
			}
			return n.normal()
		}, 3, Value},
		"a small shift that stays": {func(i int, n *noise) float64 {
			if i >= at {
				return 1.5 + n.normal()
			}
			return n.normal()
		}, 60, Sustained},
		"noise that grows": {func(i int, n *noise) float64 {
			if i >= at {
				return 2.2 * n.normal()
			}
			return n.normal()
		}, 100, Value},
		"spikes that come closer together": {func(i int, n *noise) float64 {
			every := 0.02
			if i >= at && i < until {
				every = 0.25
			}
			if n.uniform() < every {
				return 50 + 10*n.uniform()
			}
			return n.normal()
		}, 100, Sustained},
		"a flat line that moves": {func(i int, n *noise) float64 {
			if i >= at {
				return 101
			}
			return 100
		}, 1, Value},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := noise(3)
			found, verdicts := anomalies(14*dayPoints, func(i int) float64 { return c.value(i, &n) })
			before, first := 0, -1
			for _, row := range found {
				switch {
				case row < at && row >= 4*dayPoints:
					before++
				case row >= at && first < 0:
					first = row
				}
			}
			if before > 2 {
				t.Errorf("%d anomalies before there was one", before)
			}
			if first < 0 || first >= at+c.within {
				t.Fatalf("first found at row %d, wanted from %d within %d", first, at, c.within)
			}
			if got := verdicts[first].Cause; got != c.cause && c.within == 1 {
				t.Errorf("cause %s, want %s", got, c.cause)
			}
		})
	}
}

func TestQuietSeriesAreQuiet(t *testing.T) {
	t.Parallel()
	n := noise(11)
	for name, value := range map[string]func(i int) float64{
		"flat":          func(int) float64 { return 42 },
		"zero":          func(int) float64 { return 0 },
		"exact season":  func(i int) float64 { return math.Sin(2 * math.Pi * float64(i) / dayPoints) },
		"season, noise": func(i int) float64 { return daily(i, &n) },
		"noise":         func(int) float64 { return n.normal() },
		"heavy tail":    func(int) float64 { return math.Exp(1.5 * n.normal()) },
	} {
		found, _ := anomalies(30*dayPoints, value)
		late := 0
		for _, row := range found {
			if row > 8*dayPoints {
				late++
			}
		}
		// 22 days of 288 points: not one alarm in two days.
		if late > 10 {
			t.Errorf("%s: %d anomalies in %d points", name, late, 22*dayPoints)
		}
	}
}

// What lasts becomes normal, and is told again when it ends or grows.
func TestABurstIsToldOnce(t *testing.T) {
	t.Parallel()
	n := noise(5)
	found, _ := anomalies(12*dayPoints, func(i int) float64 {
		v := n.normal()
		if i >= 10*dayPoints {
			v += 50
		}
		return v
	})
	burst := 0
	for _, row := range found {
		if row >= 10*dayPoints {
			burst++
		}
	}
	if burst == 0 || burst > 40 {
		t.Fatalf("%d of %d points of a new level are anomalies", burst, 2*dayPoints)
	}
}

func TestBandHoldsMostPoints(t *testing.T) {
	t.Parallel()
	n := noise(9)
	outside, total := 0, 0
	_, verdicts := anomalies(20*dayPoints, func(i int) float64 { return daily(i, &n) })
	n = noise(9)
	for i, v := range verdicts {
		x := daily(i, &n)
		if i < 8*dayPoints {
			continue
		}
		total++
		if x < v.Low || x > v.High {
			outside++
		}
		if v.High-v.Low > 70 {
			t.Fatalf("row %d: the band %.1f to %.1f is wider than the day", i, v.Low, v.High)
		}
	}
	if outside > total/200 {
		t.Fatalf("%d of %d points outside of the band", outside, total)
	}
}

func TestScoresAreBoundedAndRepeat(t *testing.T) {
	t.Parallel()
	n := noise(1)
	values := make([]float64, 5000)
	for i := range values {
		switch i % 500 {
		case 100:
			values[i] = math.NaN()
		case 200:
			values[i] = math.Inf(1)
		case 300:
			values[i] = 1e99
		case 400:
			values[i] = -1e-300
		default:
			values[i] = n.normal()
		}
	}
	var a, b Detector
	for i, v := range values {
		x, y := a.Point(int64(i)*step, v), b.Point(int64(i)*step, v)
		if x != y && !(math.IsNaN(x.Score) && math.IsNaN(y.Score)) {
			t.Fatalf("row %d: %+v and %+v", i, x, y)
		}
		if !(x.Score >= 0 && x.Score <= 1) {
			t.Fatalf("row %d: score %v", i, x.Score)
		}
	}
	if a.Points() >= len(values) {
		t.Fatal("what is no number was learned")
	}
}

func TestPointAllocatesNothing(t *testing.T) {
	var d Detector
	n := noise(1)
	i := int64(0)
	if got := testing.AllocsPerRun(1000, func() { i++; d.Point(i*step, n.normal()) }); got != 0 {
		t.Fatalf("%v allocations a point", got)
	}
	if SizeBytes > 8192 {
		t.Fatalf("a detector takes %d bytes", SizeBytes)
	}
}

func FuzzPoint(f *testing.F) {
	f.Add(int64(0), 1.0, int64(300), 2.0)
	f.Add(int64(math.MinInt64), -1e308, int64(math.MaxInt64), math.Inf(-1))
	f.Fuzz(func(t *testing.T, at int64, v float64, at2 int64, v2 float64) {
		var d Detector
		for i := range 300 {
			x := d.Point(at+int64(i), v)
			y := d.Point(at2-int64(i), v2)
			for _, s := range []float64{x.Score, y.Score} {
				if !(s >= 0 && s <= 1) {
					t.Fatalf("score %v after %d points", s, i)
				}
			}
		}
	})
}
