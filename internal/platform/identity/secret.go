package identity

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"strings"
)

// TokenPrefix begins every API token, so that scanners of leaked secrets can
// recognise one.
const TokenPrefix = "mst_"

const (
	secretBytes   = 32
	checksumBytes = 4
	tokenLength   = len(TokenPrefix) + (secretBytes+checksumBytes)*4/3
)

// newToken returns a token: the prefix, then base64url of 256 random bits and
// the CRC-32 of prefix and bits, which tells a mistyped token without a look-up.
func newToken() string {
	secret := randomBytes(secretBytes)
	return TokenPrefix + base64.RawURLEncoding.EncodeToString(append(secret, checksum(secret)...))
}

// wellFormed says whether the token has our form and its checksum holds.
func wellFormed(token string) bool {
	if len(token) != tokenLength || !strings.HasPrefix(token, TokenPrefix) {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(token[len(TokenPrefix):])
	// The decoder passes over line ends, which the password of basic
	// authentication may hold: the length says whether there were any.
	return err == nil && len(raw) == secretBytes+4 && subtle.ConstantTimeCompare(raw[secretBytes:], checksum(raw[:secretBytes])) == 1
}

func checksum(secret []byte) []byte {
	return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(append([]byte(TokenPrefix), secret...)))
}

// newSecret returns 256 random bits as text: the value of a session cookie or
// of a set-up link.
func newSecret() string { return base64.RawURLEncoding.EncodeToString(randomBytes(secretBytes)) }

// fingerprint is what is stored of a random secret. Its 256 bits cannot be
// guessed, so a fast hash is enough.
func fingerprint(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
