package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"mainstay/internal/core"
)

// Limits of a person's password. The upper one bounds the work of hashing.
const (
	PasswordMinimum = 12
	PasswordMaximum = 256
)

// ValidatePassword says whether a person may choose the password: long enough,
// and not merely their name (NIST SP 800-63B, 3.1.1.2).
func ValidatePassword(field, password, username string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < PasswordMinimum:
		return core.Invalid(field, fmt.Sprintf("must have at least %d characters", PasswordMinimum))
	case len(password) > PasswordMaximum:
		return core.Invalid(field, fmt.Sprintf("must have at most %d bytes", PasswordMaximum))
	case !utf8.ValidString(password):
		return core.Invalid(field, "must be UTF-8")
	case strings.EqualFold(password, username):
		return core.Invalid(field, "must not be the user name")
	case strings.Count(password, password[:1]) == len(password):
		return core.Invalid(field, "must not be one character repeated")
	}
	return nil
}

// argonCost is the work of one hash: RFC 9106 with the OWASP minimum of memory.
type argonCost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

const (
	saltLength = 16
	hashLength = 32
)

// hasher computes argon2id with bounded memory: at most cap(slots) hashes at
// once, at most maxWaiting callers in the queue, then "too many".
type hasher struct {
	cost       argonCost
	slots      chan struct{}
	waiting    atomic.Int64
	maxWaiting int64
	decoy      string // verified when there is no user, for equal work
}

func newHasher(cost argonCost, parallel int) *hasher {
	h := &hasher{cost: cost, slots: make(chan struct{}, parallel), maxWaiting: int64(parallel) * 32}
	h.decoy = h.encode(randomBytes(saltLength), randomBytes(hashLength))
	return h
}

// Hash returns the PHC string of the password.
func (h *hasher) Hash(ctx context.Context, password string) (string, error) {
	release, err := h.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	salt := randomBytes(saltLength)
	return h.encode(salt, argon2.IDKey([]byte(password), salt, h.cost.Passes, h.cost.MemoryKiB, h.cost.Lanes, hashLength)), nil
}

// Verify compares in constant time; with encoded "" it does the same work and
// returns false. outdated says that the hash was made with another cost.
func (h *hasher) Verify(ctx context.Context, encoded, password string) (match, outdated bool, err error) {
	real := encoded != ""
	if !real {
		encoded = h.decoy
	}
	cost, salt, want, err := decodeHash(encoded)
	if err != nil {
		return false, false, err
	}
	if len(password) > PasswordMaximum {
		password, real = password[:PasswordMaximum], false
	}
	release, err := h.acquire(ctx)
	if err != nil {
		return false, false, err
	}
	defer release()
	got := argon2.IDKey([]byte(password), salt, cost.Passes, cost.MemoryKiB, cost.Lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && real, cost != h.cost, nil
}

func (h *hasher) acquire(ctx context.Context) (release func(), err error) {
	if h.waiting.Add(1) > h.maxWaiting {
		h.waiting.Add(-1)
		return nil, core.Errorf(core.CodeTooMany, "too many sign-ins at once; try again in a moment")
	}
	defer h.waiting.Add(-1)
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// encode writes the PHC string format: $argon2id$v=19$m=..,t=..,p=..$salt$hash.
func (h *hasher) encode(salt, hash []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.cost.MemoryKiB, h.cost.Passes, h.cost.Lanes, b.EncodeToString(salt), b.EncodeToString(hash))
}

func decodeHash(encoded string) (cost argonCost, salt, hash []byte, err error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return cost, nil, nil, fmt.Errorf("identity: a stored password is not argon2id")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &cost.MemoryKiB, &cost.Passes, &cost.Lanes); err != nil {
		return cost, nil, nil, fmt.Errorf("identity: a stored password has no cost: %w", err)
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return cost, nil, nil, fmt.Errorf("identity: a stored password has no salt: %w", err)
	}
	if hash, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(hash) < 16 || cost.Lanes == 0 || cost.Passes == 0 {
		return cost, nil, nil, fmt.Errorf("identity: a stored password is damaged")
	}
	return cost, salt, hash, nil
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: crypto/rand, since Go 1.24
	return b
}
