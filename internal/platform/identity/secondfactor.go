package identity

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// One code is good for a step of 30 seconds; a step of clock difference either
// way is forgiven (RFC 6238, 5.2).
const (
	totpStep   = 30
	totpWindow = 1
	totpDigits = otp.DigitsSix
)

const recoveryCodes = 10

func newTOTPSecret() string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(randomBytes(20))
}

// totpURI is what authenticator applications read from a QR code.
func totpURI(issuer, account, secret string) string {
	query := url.Values{"secret": {secret}, "issuer": {issuer}}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account, RawQuery: query.Encode()}
	return u.String()
}

// matchTOTP returns the step whose code was given, or 0. A step at or before
// last was used already and is refused (RFC 6238, 5.2).
func matchTOTP(secret, code string, last int64, now time.Time) int64 {
	code = strings.ReplaceAll(code, " ", "")
	var matched int64
	for step := now.Unix()/totpStep - totpWindow; step <= now.Unix()/totpStep+totpWindow; step++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: totpDigits, Algorithm: otp.AlgorithmSHA1})
		if err == nil && step > last && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			matched = step
		}
	}
	return matched
}

// newRecoveryCodes are for the day the phone is lost: 80 bits each, in groups
// that can be read out.
func newRecoveryCodes() []string {
	codes := make([]string, recoveryCodes)
	for i := range codes {
		text := strings.ToLower(rand.Text())[:16]
		codes[i] = text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
	}
	return codes
}

// plainRecoveryCode undoes what people do to a code when they type it.
func plainRecoveryCode(code string) string {
	return strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
}
