package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"
)

// TestRFC8291 is the example of RFC 8291, section 5 and appendix A.
func TestRFC8291(t *testing.T) {
	t.Parallel()
	private, err := decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
	if err != nil {
		t.Fatal(err)
	}
	local, err := ecdh.P256().NewPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	salt, err := decode("DGv6ra1nlYgDCS1FRnbzlw")
	if err != nil {
		t.Fatal(err)
	}
	to := Subscription{Endpoint: "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
		P256DH: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", Auth: "BTBZMqHH6r4Tts7J_aSIgg"}
	body, err := encrypt(to, []byte("When I grow up, I want to be a watermelon"), local, salt)
	if err != nil {
		t.Fatal(err)
	}
	want := "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if got := base64.RawURLEncoding.EncodeToString(body); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestRequest: a browser reads what it gets, and a push service finds the
// sender's signature good and for itself.
func TestRequest(t *testing.T) {
	t.Parallel()
	browser, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secret := make([]byte, 16)
	rand.Read(secret)
	to := Subscription{"https://push.example.org:8443/send/1", base64.RawURLEncoding.EncodeToString(browser.PublicKey().Bytes()), base64.URLEncoding.EncodeToString(secret)}
	key, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	sender, err := NewSender(key, "mailto:ops@example.org")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 0)
	r, err := sender.Request(to, []byte(`{"title":"down"}`), time.Hour, true, now)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(r.Body)
	if got := open(t, browser, secret, body); got != `{"title":"down"}` {
		t.Errorf("the browser reads %q", got)
	}
	if r.Header.Get("TTL") != "3600" || r.Header.Get("Urgency") != "high" || r.Header.Get("Content-Encoding") != "aes128gcm" {
		t.Errorf("%v", r.Header)
	}
	rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), "vapid t=")
	token, public, ok2 := strings.Cut(rest, ", k=")
	if !ok || !ok2 || public != sender.PublicKey() {
		t.Fatalf("%v", r.Header)
	}
	parts := strings.Split(token, ".")
	signature, err := decode(parts[2])
	if err != nil || len(signature) != 64 {
		t.Fatalf("signature: %v", err)
	}
	point, _ := decode(public)
	verifier, err := ecdsa.ParseUncompressedPublicKey(sender.key.Curve, point)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(verifier, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Error("the signature is not good")
	}
	text, _ := decode(parts[1])
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	if err := json.Unmarshal(text, &claims); err != nil || claims.Aud != "https://push.example.org:8443" || claims.Sub != "mailto:ops@example.org" || claims.Exp != now.Add(tokenLife).Unix() {
		t.Errorf("%s %v", text, err)
	}
	if _, err := sender.Request(to, make([]byte, MaxPayload+1), 0, false, now); err == nil {
		t.Error("a payload that is too long was taken")
	}
}

// open reads a message as a browser does.
func open(t *testing.T, browser *ecdh.PrivateKey, secret, body []byte) string {
	t.Helper()
	salt, public, sealed := body[:16], body[21:86], body[86:]
	sender, err := ecdh.P256().NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := browser.ECDH(sender)
	if err != nil {
		t.Fatal(err)
	}
	derive := func(secret, salt []byte, info string, n int) []byte {
		out, err := hkdf.Key(sha256.New, secret, salt, info, n)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	ikm := derive(shared, secret, "WebPush: info\x00"+string(browser.PublicKey().Bytes())+string(public), 32)
	block, _ := aes.NewCipher(derive(ikm, salt, "Content-Encoding: aes128gcm\x00", 16))
	opener, _ := cipher.NewGCM(block)
	plain, err := opener.Open(nil, derive(ikm, salt, "Content-Encoding: nonce\x00", 12), sealed, nil)
	if err != nil || plain[len(plain)-1] != 2 {
		t.Fatalf("it does not open: %v", err)
	}
	return string(plain[:len(plain)-1])
}

// FuzzSubscription: what a browser claims never makes it panic.
func FuzzSubscription(f *testing.F) {
	f.Add("https://push.example.net/push/x", "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "BTBZMqHH6r4Tts7J_aSIgg")
	f.Add("//", "BA", "=")
	key, err := NewKey()
	if err != nil {
		f.Fatal(err)
	}
	sender, err := NewSender(key, "mailto:a@b")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, endpoint, p256dh, auth string) {
		s := Subscription{endpoint, p256dh, auth}
		_, err := sender.Request(s, []byte("x"), time.Minute, false, time.Unix(0, 0))
		if (err == nil) != (s.Validate() == nil) && s.Validate() != nil {
			t.Errorf("%v was taken", s)
		}
	})
}
