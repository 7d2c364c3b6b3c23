package baseline

import (
	"encoding/binary"
	"errors"
	"math"
)

const version = 1

// MarshalBinary gives what was learned; the hour under way is not in it.
func (p *Profile) MarshalBinary() ([]byte, error) {
	out := append(make([]byte, 0, Size), version)
	out = binary.AppendVarint(out, p.at)
	out = binary.AppendUvarint(out, uint64(p.closed))
	for i := range p.hours {
		h := &p.hours[i]
		out = append(out, h.n)
		for k := range int(h.n) { // the oldest first
			w := h.words[(int(h.next)+Weeks-int(h.n)+k)%Weeks]
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(w.middle))
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(w.spread))
		}
	}
	return out, nil
}

var errBroken = errors.New("a stored baseline cannot be read")

// UnmarshalBinary reads what MarshalBinary gave.
func (p *Profile) UnmarshalBinary(raw []byte) error {
	*p = Profile{}
	if len(raw) == 0 || raw[0] != version {
		return errBroken
	}
	raw = raw[1:]
	at, n := binary.Varint(raw)
	if n <= 0 {
		return errBroken
	}
	raw = raw[n:]
	closed, n := binary.Uvarint(raw)
	if n <= 0 || closed > math.MaxInt32 {
		return errBroken
	}
	raw = raw[n:]
	for i := range p.hours {
		if len(raw) == 0 || raw[0] > Weeks || len(raw) < 1+8*int(raw[0]) {
			return errBroken
		}
		h := &p.hours[i]
		h.n, h.next = raw[0], raw[0]%Weeks
		raw = raw[1:]
		for k := range int(h.n) {
			h.words[k] = word{math.Float32frombits(binary.LittleEndian.Uint32(raw)), math.Float32frombits(binary.LittleEndian.Uint32(raw[4:]))}
			if bad(h.words[k].middle) || bad(h.words[k].spread) || h.words[k].spread < 0 {
				return errBroken
			}
			raw = raw[8:]
		}
	}
	if len(raw) != 0 {
		return errBroken
	}
	p.at, p.closed = at, int(closed)
	p.derive()
	return nil
}

func bad(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) }
