package core

import (
	"crypto/rand"
	"encoding/binary"
	"io"
	"sync"
)

// crockford is the base-32 alphabet of ULID, in lower case.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// IDLength is the number of characters of an identifier.
const IDLength = 26

// IDs makes identifiers: 26 characters that sort by the time they were made
// (ULID: 48 bits of milliseconds, 80 random bits). Identifiers of one IDs
// increase strictly, also within a millisecond. It is safe for concurrent use.
type IDs struct {
	clock  Clock
	random io.Reader

	mu     sync.Mutex
	millis uint64
	high   uint16
	low    uint64
}

// NewIDs takes its time from clock and its randomness from random; a nil
// random is the machine's cryptographic source.
func NewIDs(clock Clock, random io.Reader) *IDs {
	if random == nil {
		random = rand.Reader
	}
	return &IDs{clock: clock, random: random}
}

// New returns the next identifier.
func (g *IDs) New() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := uint64(g.clock.Now().UnixMilli())
	if now > g.millis {
		var seed [10]byte
		if _, err := io.ReadFull(g.random, seed[:]); err != nil {
			panic("core: no randomness: " + err.Error())
		}
		// The top bit stays clear so that increments within one millisecond cannot overflow.
		g.millis, g.high, g.low = now, binary.BigEndian.Uint16(seed[:2])&0x7fff, binary.BigEndian.Uint64(seed[2:])
	} else {
		g.low++
		if g.low == 0 {
			g.high++
		}
	}
	return encodeULID(g.millis, g.high, g.low)
}

// encodeULID writes 128 bits as 26 base-32 characters, most significant first.
func encodeULID(millis uint64, high uint16, low uint64) string {
	hi, lo := millis<<16|uint64(high), low
	var out [IDLength]byte
	for i := IDLength - 1; i >= 0; i-- {
		out[i] = crockford[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(out[:])
}

// ValidID says whether s has the form of an identifier.
func ValidID(s string) bool {
	if len(s) != IDLength || s[0] > '7' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' && c != 'i' && c != 'l' && c != 'o' && c != 'u') {
			return false
		}
	}
	return true
}
