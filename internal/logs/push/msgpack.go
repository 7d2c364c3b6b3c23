package push

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

// The bounds of what a message of MessagePack may hold. Its lengths are the
// sender's to say, so memory is taken as bytes come.
const (
	unpackDepth  = 32
	unpackValues = 2_000_000
)

// unpacker reads MessagePack (msgpack.org, spec.md): maps become
// map[string]any, arrays []any, texts and bytes string, the forward protocol's
// EventTime time.Time, and other extensions nil.
type unpacker struct {
	in     *bufio.Reader
	bytes  int // that may still be read
	values int // that may still be read
}

func newUnpacker(in *bufio.Reader, bytes int) *unpacker {
	return &unpacker{in: in, bytes: bytes, values: unpackValues}
}

var errTooMuch = errors.New("a message is larger than may be")

func (u *unpacker) take(n int) ([]byte, error) {
	if n > u.bytes {
		return nil, errTooMuch
	}
	u.bytes -= n
	if n <= 4096 {
		out := make([]byte, n)
		_, err := io.ReadFull(u.in, out)
		return out, err
	}
	var out strings.Builder
	copied, err := io.CopyN(&out, u.in, int64(n))
	if copied < int64(n) && err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return []byte(out.String()), err
}

func (u *unpacker) number(size int) (uint64, error) {
	raw, err := u.take(size)
	if err != nil {
		return 0, err
	}
	var wide [8]byte
	copy(wide[8-size:], raw)
	return binary.BigEndian.Uint64(wide[:]), nil
}

// value reads one value. io.EOF says that there is none.
func (u *unpacker) value(depth int) (any, error) {
	first, err := u.in.ReadByte()
	if err != nil {
		return nil, err
	}
	if u.bytes--; u.bytes < 0 {
		return nil, errTooMuch
	}
	if u.values--; u.values < 0 || depth > unpackDepth {
		return nil, errTooMuch
	}
	v, err := u.rest(first, depth)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return v, err
}

func (u *unpacker) rest(first byte, depth int) (any, error) {
	switch {
	case first < 0x80:
		return int64(first), nil
	case first < 0x90:
		return u.object(uint64(first&0x0f), depth)
	case first < 0xa0:
		return u.array(uint64(first&0x0f), depth)
	case first < 0xc0:
		return u.text(uint64(first & 0x1f))
	case first >= 0xe0:
		return int64(int8(first)), nil
	}
	// The size of a number or of a length is in the lowest bits of its kind.
	sized := func(base byte) (uint64, error) { return u.number(1 << (first - base)) }
	switch {
	case first == 0xc0:
		return nil, nil
	case first == 0xc2, first == 0xc3:
		return first == 0xc3, nil
	case first >= 0xc4 && first <= 0xc6:
		return u.sizedText(sized(0xc4))
	case first >= 0xc7 && first <= 0xc9:
		n, err := sized(0xc7)
		if err != nil {
			return nil, err
		}
		return u.extension(n)
	case first == 0xca:
		n, err := u.number(4)
		return float64(math.Float32frombits(uint32(n))), err
	case first == 0xcb:
		n, err := u.number(8)
		return math.Float64frombits(n), err
	case first >= 0xcc && first <= 0xcf:
		return sized(0xcc)
	case first >= 0xd0 && first <= 0xd3:
		n, err := sized(0xd0)
		unused := 64 - 8<<(first-0xd0)
		return int64(n<<unused) >> unused, err
	case first >= 0xd4 && first <= 0xd8:
		return u.extension(1 << (first - 0xd4))
	case first >= 0xd9 && first <= 0xdb:
		return u.sizedText(sized(0xd9))
	case first == 0xdc, first == 0xdd:
		n, err := u.number(2 << (first - 0xdc))
		if err != nil {
			return nil, err
		}
		return u.array(n, depth)
	case first == 0xde, first == 0xdf:
		n, err := u.number(2 << (first - 0xde))
		if err != nil {
			return nil, err
		}
		return u.object(n, depth)
	}
	return nil, fmt.Errorf("the byte %#x begins no value", first)
}

func (u *unpacker) sizedText(n uint64, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return u.text(n)
}

func (u *unpacker) text(n uint64) (any, error) {
	if n > uint64(max(u.bytes, 0)) {
		return nil, errTooMuch
	}
	raw, err := u.take(int(n))
	return string(raw), err
}

func (u *unpacker) array(n uint64, depth int) (any, error) {
	if n > uint64(max(u.bytes, 0)) { // each value has a byte at least
		return nil, errTooMuch
	}
	out := make([]any, 0, min(n, 1024))
	for range n {
		v, err := u.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (u *unpacker) object(n uint64, depth int) (any, error) {
	if n > uint64(max(u.bytes, 0)) {
		return nil, errTooMuch
	}
	out := make(map[string]any, min(n, 64))
	for range n {
		key, err := u.value(depth + 1)
		if err != nil {
			return nil, err
		}
		value, err := u.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if name, ok := key.(string); ok {
			out[name] = value
		} else {
			out[plain(key)] = value
		}
	}
	return out, nil
}

// extension reads its type and data. Type 0 of 8 bytes is an EventTime
// (fluentd, Forward Protocol v1, "EventTime Ext Format").
func (u *unpacker) extension(n uint64) (any, error) {
	if n >= uint64(max(u.bytes, 0)) {
		return nil, errTooMuch
	}
	raw, err := u.take(int(n) + 1)
	if err != nil {
		return nil, err
	}
	if raw[0] == 0 && n == 8 {
		return time.Unix(int64(binary.BigEndian.Uint32(raw[1:])), int64(binary.BigEndian.Uint32(raw[5:]))).UTC(), nil
	}
	return nil, nil
}

// packText appends a text.
func packText(out []byte, s string) []byte {
	switch n := len(s); {
	case n < 32:
		out = append(out, 0xa0|byte(n))
	case n < 1<<8:
		out = append(out, 0xd9, byte(n))
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, 0xda), uint16(n))
	default:
		out = binary.BigEndian.AppendUint32(append(out, 0xdb), uint32(n))
	}
	return append(out, s...)
}

// packBytes appends bytes, up to 255.
func packBytes(out, b []byte) []byte {
	return append(append(out, 0xc4, byte(len(b))), b...)
}

func packBool(out []byte, b bool) []byte {
	if b {
		return append(out, 0xc3)
	}
	return append(out, 0xc2)
}
