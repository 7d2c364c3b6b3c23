// Package anomaly says how unusual each point of a series is, in one pass.
//
// The path of one point: the predictor expects a value from the long mean, the
// time of day and the hour of the week, weighted by how well each did lately;
// four signals are taken from the point (its distance from what was expected,
// that distance over some time, the level, the roughness); each is held against
// the most extreme values the same signal ever had on that side; the most
// unusual signal gives the score, and a burst is told once, at its growing edge.
//
// Promises: a Detector sees a point once and never a later one; the same points
// give the same scores; its memory is fixed (SizeBytes) and Point allocates
// nothing. It is not safe for concurrent use. It knows no store and no clock.
//
// What it cannot do: seasons other than the day and the week are learned only
// as width; a condition that lasts is normal after some time.
package anomaly
