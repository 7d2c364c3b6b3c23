// Package webpush makes requests that a push service hands to a browser: the
// message is encrypted for the browser alone (RFC 8291, with the coding of RFC
// 8188) and the sender is identified by a signed token (VAPID, RFC 8292). It is
// pure but for randomness: who calls sends the request.
package webpush

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Subscription is what a browser gives (Push API, PushSubscription).
type Subscription struct {
	Endpoint string
	P256DH   string // public key of the browser, base64url
	Auth     string // its authentication secret, base64url
}

// MaxPayload keeps a record below the 4096 bytes every push service takes (RFC 8291, 4).
const MaxPayload = 3900

const recordSize = 4096

// Validate refuses what cannot be a subscription.
func (s Subscription) Validate() error {
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(s.Endpoint) > 2000 {
		return errors.New("the endpoint must be an address")
	}
	_, _, err = s.keys()
	return err
}

func (s Subscription) keys() (*ecdh.PublicKey, []byte, error) {
	point, err := decode(s.P256DH)
	if err != nil {
		return nil, nil, errors.New("p256dh must be base64url")
	}
	key, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return nil, nil, errors.New("p256dh must be a point of P-256")
	}
	secret, err := decode(s.Auth)
	if err != nil || len(secret) != 16 {
		return nil, nil, errors.New("auth must be 16 bytes in base64url")
	}
	return key, secret, nil
}

// decode reads base64url, with or without padding.
func decode(text string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
}

// NewKey makes the key that identifies a sender, in PKCS #8.
func NewKey() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKCS8PrivateKey(key)
}

// Sender identifies itself with one key.
type Sender struct {
	key     *ecdsa.PrivateKey
	subject string
	public  string
}

// NewSender reads a key of NewKey. The subject is where its owner is reached: mailto: or https:.
func NewSender(pkcs8 []byte, subject string) (*Sender, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("webpush: the key must be of P-256")
	}
	public, err := key.PublicKey.ECDH()
	if err != nil {
		return nil, err
	}
	return &Sender{key, subject, base64.RawURLEncoding.EncodeToString(public.Bytes())}, nil
}

// PublicKey is what a browser subscribes with (applicationServerKey), base64url.
func (s *Sender) PublicKey() string { return s.public }

// Request makes the request that delivers payload. ttl is how long the push
// service keeps it for a browser that is away (RFC 8030, 5.2); urgent wakes a
// sleeping device (5.3).
func (s *Sender) Request(to Subscription, payload []byte, ttl time.Duration, urgent bool, now time.Time) (*http.Request, error) {
	if err := to.Validate(); err != nil {
		return nil, err
	}
	local, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	body, err := encrypt(to, payload, local, salt)
	if err != nil {
		return nil, err
	}
	token, err := s.token(to.Endpoint, now)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(http.MethodPost, to.Endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "vapid t="+token+", k="+s.public)
	r.Header.Set("Content-Encoding", "aes128gcm")
	r.Header.Set("Content-Type", "application/octet-stream")
	r.Header.Set("TTL", strconv.Itoa(int(ttl.Seconds())))
	r.Header.Set("Urgency", map[bool]string{true: "high", false: "normal"}[urgent])
	return r, nil
}

// encrypt is RFC 8291, 3.4, in one record of RFC 8188.
func encrypt(to Subscription, payload []byte, local *ecdh.PrivateKey, salt []byte) ([]byte, error) {
	if len(payload) > MaxPayload {
		return nil, fmt.Errorf("webpush: the payload has more than %d bytes", MaxPayload)
	}
	browser, secret, err := to.keys()
	if err != nil {
		return nil, err
	}
	shared, err := local.ECDH(browser)
	if err != nil {
		return nil, err
	}
	public := local.PublicKey().Bytes()
	info := "WebPush: info\x00" + string(browser.Bytes()) + string(public)
	ikm, err := hkdf.Key(sha256.New, shared, secret, info, 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	sealer, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	// RFC 8188, 2.1: salt, record size, length of the key's id, the id: the sender's key.
	out := binary.BigEndian.AppendUint32(bytes.Clone(salt), recordSize)
	out = append(out, byte(len(public)))
	out = append(out, public...)
	// The delimiter 2 ends the last record.
	return sealer.Seal(out, nonce, append(bytes.Clone(payload), 2), nil), nil
}

// tokenLife is half of what RFC 8292, 2 allows.
const tokenLife = 12 * time.Hour

// token is the JWT of RFC 8292, 2, signed with ES256 (RFC 7518, 3.4).
func (s *Sender) token(endpoint string, now time.Time) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{"aud": u.Scheme + "://" + u.Host, "exp": now.Add(tokenLife).Unix(), "sub": s.subject})
	if err != nil {
		return "", err
	}
	signed := base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	digest := sha256.Sum256([]byte(signed))
	r, v, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	v.FillBytes(signature[32:])
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}
