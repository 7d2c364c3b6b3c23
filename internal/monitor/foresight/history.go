package foresight

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"mainstay/internal/monitor/forecast"
)

const (
	day = 24 * time.Hour
	// daysKept is how many days of a thing that fills are kept.
	daysKept = 180
	// fewDays is below how many days hours are looked at instead.
	fewDays   = 12
	hoursKept = 14 * 24
	// most of the future that is told.
	daysAhead  = 365
	hoursAhead = 14 * 24
)

// history is what was used, evenly spaced; NaN where nothing is known.
type history struct {
	first  time.Time     // of the first value
	step   time.Duration // a day or an hour
	values []float64
}

// put sets the value of a moment, and makes the history as long as it must be.
func (h *history) put(at time.Time, v float64, most int) {
	if len(h.values) == 0 {
		h.first = at
	}
	i := int(at.Sub(h.first) / h.step)
	switch {
	case i < 0:
		gap := make([]float64, -i, -i+len(h.values))
		for k := range gap {
			gap[k] = math.NaN()
		}
		h.values, h.first, i = append(gap, h.values...), at, 0
	case i-len(h.values) > 10*daysKept:
		h.first, h.values, i = at, nil, 0 // nothing for years: begin anew
	}
	for len(h.values) <= i {
		h.values = append(h.values, math.NaN())
	}
	h.values[i] = v
	if over := len(h.values) - most; over > 0 {
		h.values = h.values[over:]
		h.first = h.first.Add(time.Duration(over) * h.step)
	}
}

// known counts values that are there.
func (h *history) known() int {
	n := 0
	for _, v := range h.values {
		if !math.IsNaN(v) {
			n++
		}
	}
	return n
}

// last is the moment of the newest value.
func (h *history) last() time.Time {
	return h.first.Add(time.Duration(len(h.values)-1) * h.step)
}

// ahead is how far a forecast of this history goes: not much farther than what
// it was learned from.
func (h *history) ahead() int {
	if h.step == day {
		return min(daysAhead, max(30, 4*len(h.values)))
	}
	return min(hoursAhead, max(24, 3*len(h.values)))
}

func (h *history) forecast() (forecast.Path, error) {
	return forecast.Make(h.values, forecast.Options{PerDay: int(day / h.step), Horizon: h.ahead(), Level: 0.9})
}

// never is the date of what is not full within the forecast; it is after all others.
const never = math.MaxInt64

// at is the stored form of a number of points from now.
func (h *history) at(points int) int64 {
	if points == forecast.Never {
		return never
	}
	return h.last().Add(time.Duration(points) * h.step).UnixMicro()
}

const historyVersion = 1

// encode is the stored form: single precision is enough for what is used.
func (h *history) encode() []byte {
	out := []byte{historyVersion, byte(day / h.step)}
	out = binary.AppendVarint(out, h.first.Unix())
	for _, v := range h.values {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(v)))
	}
	return out
}

var errHistory = errors.New("a stored history cannot be read")

func decodeHistory(raw []byte) (history, error) {
	if len(raw) < 3 || raw[0] != historyVersion || raw[1] != 1 && raw[1] != 24 {
		return history{}, errHistory
	}
	h := history{step: day / time.Duration(raw[1])}
	first, n := binary.Varint(raw[2:])
	raw = raw[2+max(n, 0):]
	if n <= 0 || len(raw)%4 != 0 || len(raw)/4 > max(daysKept, hoursKept) {
		return history{}, errHistory
	}
	h.first = time.Unix(first, 0).UTC()
	for ; len(raw) > 0; raw = raw[4:] {
		h.values = append(h.values, float64(math.Float32frombits(binary.LittleEndian.Uint32(raw))))
	}
	return h, nil
}
