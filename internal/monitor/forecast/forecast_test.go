package forecast

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"mainstay/internal/core"
)

func hourly(hours int, f func(i int) float64) []float64 {
	out := make([]float64, hours)
	for i := range out {
		out[i] = f(i)
	}
	return out
}

func made(t *testing.T, values []float64, o Options) Path {
	t.Helper()
	p, err := Make(values, o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Mid {
		if !(p.Low[i] <= p.Mid[i] && p.Mid[i] <= p.High[i]) {
			t.Fatalf("point %d: %v, %v, %v", i, p.Low[i], p.Mid[i], p.High[i])
		}
	}
	return p
}

func TestShapesAreContinued(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(1, 2))
	for name, c := range map[string]struct {
		f       func(i int) float64
		allowed float64 // error
	}{
		"flat":         {func(int) float64 { return 7 }, 1e-9},
		"line":         {func(i int) float64 { return 0.1 * float64(i) }, 1},
		"day":          {func(i int) float64 { return 10 * math.Sin(2*math.Pi*float64(i)/24) }, 0.2},
		"working week": {func(i int) float64 { return float64(min(max(5-i/24%7, 0), 1) * (i % 24)) }, 1},
		"saw tooth":    {func(i int) float64 { return float64(i % 37) }, 0.5},
	} {
		noisy := func(i int) float64 { return c.f(i) + 1e-3*chance.NormFloat64()*c.allowed }
		p := made(t, hourly(6*168, noisy), Options{PerDay: 24, Horizon: 48})
		for i, v := range p.Mid {
			if d := math.Abs(v - c.f(6*168+i)); d > c.allowed {
				t.Errorf("%s: %d hours ahead %.2f, want %.2f", name, i+1, v, c.f(6*168+i))
				break
			}
		}
	}
}

// A disk that was cleaned up goes on from where it is, as steeply as before.
func TestTrendAfterAShift(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(3, 4))
	days := hourly(60, func(i int) float64 {
		v := 20 + 0.8*float64(i) + 0.2*chance.NormFloat64()
		if i >= 40 {
			v -= 30
		}
		return v
	})
	p := made(t, days, Options{PerDay: 1, Horizon: 90})
	if p.Shift != 20 {
		t.Errorf("the shift was %d days ago, want 20", p.Shift)
	}
	if math.Abs(p.Slope-0.8) > 0.1 {
		t.Errorf("slope %.3f a day, want 0.8", p.Slope)
	}
	full := p.Full(days[59], 100)
	// 100 is reached when 20 + 0.8 d - 30 = 100, 78 days after the last.
	if full.Likely < 60 || full.Likely > 90 || full.Earliest == Never || full.Earliest > full.Likely {
		t.Errorf("full %+v, want about 78 days", full)
	}
}

func TestFull(t *testing.T) {
	t.Parallel()
	p := Path{Low: []float64{1, 2, 3}, Mid: []float64{2, 4, 6}, High: []float64{5, 7, 9}}
	for limit, want := range map[float64]Full{0.5: {}, 5: {1, 3, Never}, 3: {1, 2, 3}, 10: {Never, Never, Never}} {
		if got := p.Full(1, limit); got != want {
			t.Errorf("limit %v: %+v, want %+v", limit, got, want)
		}
	}
}

func TestAFlatDiskIsNeverFull(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(5, 6))
	days := hourly(90, func(int) float64 { return 60 + 0.3*chance.NormFloat64() })
	if full := made(t, days, Options{PerDay: 1, Horizon: 180}).Full(60, 95); full.Likely != Never || full.Earliest != Never {
		t.Errorf("full %+v", full)
	}
}

func TestGapsAreClosed(t *testing.T) {
	t.Parallel()
	n := math.NaN()
	for _, c := range []struct{ in, want []float64 }{
		{[]float64{n, n, 1, 2}, []float64{1, 2}},
		{[]float64{1, n, n, 4}, []float64{1, 2, 3, 4}},
		{[]float64{1, 2, n, math.Inf(1)}, []float64{1, 2, 2, 2}},
		{[]float64{n, n}, []float64{}},
	} {
		if got := filled(c.in); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: %v, want %v", c.in, got, c.want)
		}
	}
}

func TestShiftIsOneThatStays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		values []float64
		want   int
	}{
		"flat":       {[]float64{1, 1, 1, 1, 1}, 0},
		"line":       {[]float64{1, 2, 3, 4, 5, 6, 7}, 0},
		"one jump":   {[]float64{1, 2, 3, 40, 41, 42}, 3},
		"two jumps":  {[]float64{1, 2, 3, 40, 41, 42, 5, 6, 7}, 6},
		"saw tooth":  {[]float64{1, 2, 3, 40, 1, 2, 3, 40, 1, 2, 3, 40}, 0},
		"two values": {[]float64{1, 100}, 0},
	} {
		if got := shift(c.values); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestWhatCannotBeForecast(t *testing.T) {
	t.Parallel()
	ok := Options{PerDay: 24, Horizon: 10}
	for field, c := range map[string]struct {
		values []float64
		o      Options
	}{
		"values":  {make([]float64, 7), ok},
		"horizon": {make([]float64, 50), Options{PerDay: 24, Horizon: 100000}},
		"perDay":  {make([]float64, 50), Options{Horizon: 1}},
		"level":   {make([]float64, 50), Options{PerDay: 1, Horizon: 1, Level: 1}},
	} {
		_, err := Make(c.values, c.o)
		if core.CodeOf(err) != core.CodeInvalid || err.(*core.Error).Details[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestForecastsRepeat(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(7, 8))
	values := hourly(400, func(i int) float64 { return float64(i%24) + chance.NormFloat64() })
	a, b := made(t, values, Options{PerDay: 24, Horizon: 100}), made(t, values, Options{PerDay: 24, Horizon: 100})
	if !reflect.DeepEqual(a, b) {
		t.Fatal("the same values gave two forecasts")
	}
}

func FuzzMake(f *testing.F) {
	f.Add(uint64(1), uint16(100), uint8(24), uint16(10), 1.0)
	f.Add(uint64(2), uint16(9), uint8(1), uint16(300), 1e300)
	f.Fuzz(func(t *testing.T, seed uint64, points uint16, perDay uint8, horizon uint16, scale float64) {
		chance := rand.New(rand.NewPCG(seed, 1))
		values := hourly(int(points%800), func(int) float64 {
			if chance.IntN(10) == 0 {
				return math.NaN()
			}
			return scale * chance.NormFloat64()
		})
		p, err := Make(values, Options{PerDay: int(perDay), Horizon: int(horizon)})
		if err == nil && (len(p.Mid) != int(horizon) || len(p.Low) != len(p.Mid) || len(p.High) != len(p.Mid)) {
			t.Fatalf("%d points", len(p.Mid))
		}
	})
}
