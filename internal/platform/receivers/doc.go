// Package receivers is what all listeners for others' signals have in common:
// a Meter that each counts with, a Limit on what one may bring, and a Registry
// that shows who listens where and how it goes.
//
// A receiver makes its Meter with Registry.Add when it starts to listen and
// gives it back with Meter.Close when it stops. Per message it costs one or two
// atomic additions; rates are worked out when someone looks.
package receivers
