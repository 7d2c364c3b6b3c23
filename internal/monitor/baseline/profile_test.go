package baseline

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

const (
	hourSeconds = 3600
	weekSeconds = 168 * hourSeconds
	step        = 300
)

// working is busy from nine to six on the first five days of the week.
func working(unix int64) float64 {
	h := unix / hourSeconds % 168
	if h/24 < 5 && h%24 >= 9 && h%24 < 18 {
		return 100
	}
	return 10
}

func learned(weeks float64, value func(unix int64) float64) *Profile {
	var p Profile
	for at := int64(0); at < int64(weeks*weekSeconds); at += step {
		p.Add(at, value(at))
	}
	return &p
}

func TestNothingIsExpectedBeforeADay(t *testing.T) {
	t.Parallel()
	p := learned(20.0/168, working)
	if _, ok := p.Expect(0, 3); ok {
		t.Fatalf("a band after %d hours", p.Hours())
	}
	if _, ok := learned(30.0/168, working).Expect(0, 3); !ok {
		t.Fatal("no band after 30 hours")
	}
}

func TestTheWeekIsLearned(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(1, 1))
	p := learned(4, func(at int64) float64 { return working(at) + 2*chance.NormFloat64() })
	for h := range int64(168) {
		at := 10*weekSeconds + h*hourSeconds + hourSeconds/2
		band, ok := p.Expect(at, 4)
		if !ok || math.Abs(band.Middle-working(at)) > 3 {
			t.Errorf("hour %d: %+v, want about %v", h, band, working(at))
		}
		if half := band.High - band.Middle; half < 4 || half > 25 {
			t.Errorf("hour %d: the band is %.1f to each side of values of deviation 2", h, half)
		}
	}
}

// A few days know the day but not the weekend: the band is there, and wide.
func TestFewDaysShrinkToTheDay(t *testing.T) {
	t.Parallel()
	p := learned(3.0/7, func(at int64) float64 { return working(at) + float64(at/step%7) })
	monday, _ := p.Expect(9*weekSeconds+12*hourSeconds, 3)
	saturday, ok := p.Expect(9*weekSeconds+(5*24+12)*hourSeconds, 3)
	if !ok || math.Abs(saturday.Middle-monday.Middle) > 5 || math.Abs(monday.Middle-103) > 5 {
		t.Fatalf("monday %+v, saturday %+v", monday, saturday)
	}
}

func TestOneOddWeekMovesLittle(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(1, 1))
	p := learned(5, func(at int64) float64 {
		if at/weekSeconds == 2 {
			return 500
		}
		return working(at) + chance.NormFloat64()
	})
	at := int64(9*weekSeconds + 12*hourSeconds)
	if band, _ := p.Expect(at, 3); math.Abs(band.Middle-100) > 5 || band.High > 130 {
		t.Fatalf("%+v", band)
	}
}

func TestOldWeeksAreForgotten(t *testing.T) {
	t.Parallel()
	p := learned(Weeks+3, func(at int64) float64 {
		if at/weekSeconds < 3 {
			return 1000
		}
		return working(at)
	})
	if band, _ := p.Expect(20*weekSeconds, 3); math.Abs(band.Middle-10) > 1 {
		t.Fatalf("%+v", band)
	}
}

func TestWhatIsOldOrNoNumberIsLeftOut(t *testing.T) {
	t.Parallel()
	p := learned(1, working)
	hours := p.Hours()
	p.Add(0, 1e9)
	p.Add(weekSeconds, math.NaN())
	p.Add(weekSeconds, math.Inf(1))
	if p.Hours() != hours || p.Through() != weekSeconds-hourSeconds {
		t.Fatalf("%d hours through %d", p.Hours(), p.Through())
	}
}

func TestEncodingKeepsTheBand(t *testing.T) {
	t.Parallel()
	for _, weeks := range []float64{0.1, 2, 9.5} {
		p := learned(weeks, func(at int64) float64 { return working(at) + float64(at/step%5) })
		raw, err := p.MarshalBinary()
		if err != nil || len(raw) > Size {
			t.Fatalf("%d bytes, %v", len(raw), err)
		}
		var q Profile
		if err := q.UnmarshalBinary(raw); err != nil {
			t.Fatal(err)
		}
		if q.Hours() != p.Hours() || q.Through() != p.Through() {
			t.Fatalf("%d hours through %d, want %d through %d", q.Hours(), q.Through(), p.Hours(), p.Through())
		}
		for h := range int64(168) {
			a, okA := p.Expect(h*hourSeconds, 3)
			b, okB := q.Expect(h*hourSeconds, 3)
			if a != b || okA != okB {
				t.Fatalf("hour %d: %+v and %+v", h, a, b)
			}
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	raw, _ := learned(2, working).MarshalBinary()
	f.Add(raw)
	f.Add([]byte{1, 0, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var p Profile
		if p.UnmarshalBinary(raw) != nil {
			return
		}
		again, err := p.MarshalBinary()
		if err != nil || len(again) > len(raw) || (len(again) == len(raw) && !bytes.Equal(again, raw)) {
			t.Fatalf("%d bytes became %d, %v", len(raw), len(again), err)
		}
		p.Expect(12345, 3)
	})
}
