package rootcause

// What findings weigh. They are priors, not fits: each is a round number with
// a meaning, and halving or doubling one of them does not change the verdict
// where the evidence is clear.
const (
	clearDeviation = 3.0  // robust deviations at which a signal is as likely abnormal as not
	crossKind      = 0.5  // of an error when latency hurts, or the reverse
	insideWeight   = 0.5  // of evidence from inside a node: resources, traffic, silence, changes
	changeWeight   = 0.3  // of a change at the moment of the onset
	confirmedPrior = 0.5  // of a cause that a person confirmed for the same signature
	inheritedShare = 0.1  // of what a node shows although its callees explain it
	unreachable    = 0.1  // what is left of a node that the victim does not need
	addressShare   = 0.5  // what is left of a mere address: what stands behind it is not measured there
	relativeFloor  = 0.05 // spread of a signal, of its normal value, at the least
	percentFloor   = 0.25 // spread of a share of failures, in percentage points, at the least
	enoughHistory  = 8    // values that make a normal
)
