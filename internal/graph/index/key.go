package index

import "mainstay/internal/core"

// key is the 128 bits of an identifier: 16 bytes instead of 26 and a header,
// which matters a million times over.
type key [16]byte

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// digits is the inverse of alphabet; 0xff marks what is not in it.
var digits = func() (table [256]byte) {
	for i := range table {
		table[i] = 0xff
	}
	for i := range len(alphabet) {
		table[alphabet[i]] = byte(i)
	}
	return table
}()

// pack reads an identifier; ok is false when id is none.
func pack(id string) (k key, ok bool) {
	if len(id) != core.IDLength || id[0] > '7' {
		return k, false
	}
	var hi, lo uint64
	for i := range core.IDLength {
		d := digits[id[i]]
		if d == 0xff {
			return k, false
		}
		hi = hi<<5 | lo>>59
		lo = lo<<5 | uint64(d)
	}
	for i := range 8 {
		k[i] = byte(hi >> (56 - 8*i))
		k[8+i] = byte(lo >> (56 - 8*i))
	}
	return k, true
}

// String is the inverse of pack.
func (k key) String() string {
	text := k.text()
	return string(text[:])
}

func (k key) text() [core.IDLength]byte {
	var hi, lo uint64
	for i := range 8 {
		hi = hi<<8 | uint64(k[i])
		lo = lo<<8 | uint64(k[8+i])
	}
	var out [core.IDLength]byte
	for i := core.IDLength - 1; i >= 0; i-- {
		out[i] = alphabet[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return out
}
