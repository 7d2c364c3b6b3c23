package core

import "time"

// Clock tells the time and wakes sleepers. Production code gets SystemClock;
// tests get coretest.Clock, which moves only when told to.
type Clock interface {
	Now() time.Time
	NewTimer(d time.Duration) Timer
}

// Timer is the part of time.Timer that a Clock can offer.
type Timer interface {
	C() <-chan time.Time
	Stop() bool
	Reset(d time.Duration) bool
}

// SystemClock is the machine's clock, in UTC.
type SystemClock struct{}

// Now returns the current time in UTC.
func (SystemClock) Now() time.Time { return time.Now().UTC() }

// NewTimer returns a timer that fires once after d.
func (SystemClock) NewTimer(d time.Duration) Timer { return systemTimer{time.NewTimer(d)} }

type systemTimer struct{ t *time.Timer }

func (t systemTimer) C() <-chan time.Time        { return t.t.C }
func (t systemTimer) Stop() bool                 { return t.t.Stop() }
func (t systemTimer) Reset(d time.Duration) bool { return t.t.Reset(d) }

// Micros is how SQL holds a time: UTC microseconds since 1970. The zero time
// is 0 in both directions.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromMicros is the inverse of Micros.
func FromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// Moment is FromMicros for a time that may be missing: nil for 0.
func Moment(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	at := FromMicros(us)
	return &at
}

// MicrosOf is the inverse of Moment.
func MicrosOf(at *time.Time) int64 {
	if at == nil {
		return 0
	}
	return Micros(*at)
}
