package httpapi

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"

	"mainstay/internal/platform/auth"
)

// attempt is one request with an idempotency key.
//
// The store holds neither the key nor anything readable of body and answer,
// which may hold passwords and new tokens: both are bound to a secret derived
// from the key, which only the caller has.
type attempt struct {
	id     string // of caller, route and key
	secret []byte
	body   []byte // fingerprint of query, media type and body
}

func newAttempt(r *http.Request, key string, body []byte) attempt {
	p := auth.From(r.Context())
	of := func(use string) []byte { return digest([]byte(key), use, p.Kind, p.ID, r.URL.Path) }
	a := attempt{id: hex.EncodeToString(of("id")), secret: of("seal")}
	a.body = digest(a.secret, r.URL.RawQuery, r.Header.Get("Content-Type"), string(body))
	return a
}

// digest is a keyed hash of parts that cannot run into each other.
func digest(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, part := range parts {
		fmt.Fprintf(h, "%d:", len(part))
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}

func (a attempt) sameBody(stored []byte) bool { return hmac.Equal(a.body, stored) }

func (a attempt) cipher() (cipher.AEAD, error) {
	block, err := aes.NewCipher(a.secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func (a attempt) seal(first answer) ([]byte, error) {
	text, err := json.Marshal(first)
	if err != nil {
		return nil, err
	}
	aead, err := a.cipher()
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, text, []byte(a.id)), nil
}

func (a attempt) open(sealed []byte) (first answer, err error) {
	aead, err := a.cipher()
	if err != nil {
		return first, err
	}
	text, err := aead.Open(nil, nil, sealed, []byte(a.id))
	if err != nil {
		return first, fmt.Errorf("a stored outcome cannot be read: %w", err)
	}
	return first, json.Unmarshal(text, &first)
}

// answer is what a request was answered with.
type answer struct {
	Status int         `json:"status"`
	Header http.Header `json:"header"`
	Body   []byte      `json:"body"`
}

func (a answer) send(w http.ResponseWriter) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.Header().Set(replayedHeader, "true")
	w.WriteHeader(a.Status)
	w.Write(a.Body)
}

// keeper holds an answer back until it is stored. One that is too large to
// keep, or is flushed, passes through.
type keeper struct {
	w       http.ResponseWriter
	header  http.Header
	status  int
	body    bytes.Buffer
	passing bool
}

// Header returns the headers to be sent.
func (k *keeper) Header() http.Header { return k.header }

// WriteHeader notes the status.
func (k *keeper) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}

// Write keeps p, or passes it on.
func (k *keeper) Write(p []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	if !k.passing && k.body.Len()+len(p) > maxAnswer {
		k.pass()
	}
	if k.passing {
		return k.w.Write(p)
	}
	return k.body.Write(p)
}

// Flush sends what is there.
func (k *keeper) Flush() {
	k.WriteHeader(http.StatusOK)
	k.pass()
	if f, ok := k.w.(http.Flusher); ok {
		f.Flush()
	}
}

// Unwrap gives http.ResponseController the connection.
func (k *keeper) Unwrap() http.ResponseWriter { return k.w }

func (k *keeper) pass() {
	if k.passing {
		return
	}
	k.passing = true
	for name, values := range k.header {
		k.w.Header()[name] = values
	}
	k.w.WriteHeader(k.status)
	k.w.Write(k.body.Bytes())
}

// finish sends an answer that was held back.
func (k *keeper) finish() {
	k.WriteHeader(http.StatusOK)
	k.pass()
}

// answer returns what to keep. Cookies belong to one exchange alone.
func (k *keeper) answer() answer {
	k.WriteHeader(http.StatusOK)
	header := k.header.Clone()
	header.Del("Set-Cookie")
	return answer{Status: k.status, Header: header, Body: k.body.Bytes()}
}
