package rootcause

// Weights are what findings weigh. They are priors, not fits: each is a round
// number with a meaning, and the benchmark shows that halving or doubling any of
// them changes little.
type Weights struct {
	ClearDeviation float64 // robust deviations at which a signal is as likely abnormal as not
	CrossKind      float64 // of an error when latency hurts, or the reverse
	Inside         float64 // of evidence from inside a node: resources, traffic, silence
	Change         float64 // of a change at the moment of the onset
	Confirmed      float64 // of a cause that a person confirmed for the same signature
	Inherited      float64 // of what a node shows although its callees explain it
	Unreachable    float64 // what is left of a node that the victim does not need
	Address        float64 // what is left of a mere address: what stands behind it is not measured there
	RelativeFloor  float64 // spread of a signal, of its normal value, at the least
	PercentFloor   float64 // spread of a share of failures, in percentage points, at the least
}

// Defaults are the weights that Rank uses.
func Defaults() Weights {
	return Weights{
		ClearDeviation: 3, CrossKind: 0.5, Inside: 0.5, Change: 0.3, Confirmed: 0.5, Inherited: 0.1,
		Unreachable: 0.1, Address: 0.5, RelativeFloor: 0.05, PercentFloor: 0.25,
	}
}

// enoughHistory is how many values make a normal.
const enoughHistory = 8
