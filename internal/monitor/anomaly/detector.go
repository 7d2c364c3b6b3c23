package anomaly

import (
	"math"
	"unsafe"
)

// Cause names what of a point is unusual.
type Cause uint8

// The causes, in the order of Verdict.Parts.
const (
	Value     Cause = iota // the value is far from what the time of day and week let expect
	Sustained              // several values together are
	Level                  // the level of the last points is new
	Roughness              // the values move more, or less, from one to the next
	causes
)

func (c Cause) String() string {
	return [...]string{"value", "sustained", "level", "roughness"}[c]
}

// weights of the causes: the value decides, the others must be clearer.
var weights = [causes]float64{1, 0.7, 0.9, 0.7}

// windows of the slower signals, in points.
const (
	sustainedOver = 16
	levelOver     = 64
	roughOver     = 128
)

const (
	// half is how unusual a point is whose score is a half. One point in some
	// hundreds to thousands gets there, depending on the series.
	half = 2.5
	// hold is for how many points a burst keeps quiet what is not greater than it.
	hold = 60
	// Threshold is the score from which a point counts as an anomaly.
	Threshold = 0.5
)

// limit of magnitude: beyond it squares and sums lose their meaning.
const limit = 1e100

// Verdict is what a detector says of one point.
type Verdict struct {
	Score    float64         // 0 to 1; from Threshold on an anomaly
	Expected float64         // what was expected
	Low      float64         // outside of Low to High the value alone is an anomaly;
	High     float64         // infinite while the detector is learning
	Cause    Cause           // of the greatest part
	Parts    [causes]float64 // what each cause alone would score, before bursts are joined
}

// Anomalous reports whether the point counts as an anomaly.
func (v Verdict) Anomalous() bool { return v.Score >= Threshold }

// Detector judges the points of one series. The zero value is ready.
type Detector struct {
	predictor predictor
	signals   [causes]signal
	averages  [causes]float64 // of the slower signals
	last      float64
	peak      float64 // of the burst under way
	since     int     // points since the peak
	n         int
}

// SizeBytes is the memory of one detector; it does not grow.
const SizeBytes = int(unsafe.Sizeof(Detector{}))

// Points is how many points were learned.
func (d *Detector) Points() int { return d.n }

// Point judges the value at a time in Unix seconds and learns it. A value that
// is not a finite number scores 0 and is not learned.
func (d *Detector) Point(unix int64, v float64) Verdict {
	opinions, expected := d.predictor.expect(unix)
	if math.IsNaN(v) || math.Abs(v) > limit {
		return Verdict{Expected: expected, Low: math.Inf(-1), High: math.Inf(1)}
	}
	if d.n == 0 {
		opinions, expected, d.last, d.predictor.mean = [3]float64{v, v, v}, v, v, v
	}
	d.n++
	out := Verdict{Expected: expected}
	low, high := d.signals[Value].limits(half)
	out.Low, out.High = expected+low, expected+high

	residual := v - expected
	inputs := [causes]float64{
		residual,
		d.average(Sustained, residual, sustainedOver),
		d.average(Level, v, levelOver),
		d.average(Roughness, math.Abs(v-d.last), roughOver),
	}
	var most float64
	for c, x := range inputs {
		unusual := weights[c] * d.signals[c].judge(x)
		out.Parts[c] = unusual / (unusual + half)
		if unusual > most {
			most, out.Cause = unusual, Cause(c)
		}
	}
	out.Score = d.once(most)
	d.predictor.learn(unix, v, opinions)
	d.last = v
	return out
}

// average is exponential, of a weight that makes it about as old as a window
// of that many points.
func (d *Detector) average(c Cause, x float64, points int) float64 {
	d.averages[c] += max(1/float64(d.n), 2/float64(points+1)) * (x - d.averages[c])
	return d.averages[c]
}

// once lets through what is greater than the burst under way, which fades after
// a time.
func (d *Detector) once(unusual float64) float64 {
	if d.since++; d.since > hold {
		d.peak *= fade
	}
	if unusual <= d.peak || unusual == 0 {
		return 0
	}
	d.peak, d.since = unusual, 0
	return unusual / (unusual + half)
}

const fade = 1 - 1.0/hold
