package bus

import (
	"context"
	"encoding/base64"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// FuzzAuthorise reads requests to be let in: only who signed the nonce with
// the key that is named gets past.
func FuzzAuthorise(f *testing.F) {
	key, err := nkeys.CreateUser()
	if err != nil {
		f.Fatal(err)
	}
	public, _ := key.PublicKey()
	signature, _ := key.Sign([]byte("nonce"))
	signed := base64.RawURLEncoding.EncodeToString(signature)
	f.Add(public, signed, "nonce", "agent")
	f.Add(public, signed, "other", "agent")
	f.Add(public, signed+"AAAA", "nonce", "a.>")
	f.Add("UAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AA", "nonce", "")
	f.Add("", "", "", "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.e30.AA")
	b, err := New(Defaults(), Dependencies{})
	if err != nil {
		f.Fatal(err)
	}
	b.closing = f.Context()
	f.Fuzz(func(t *testing.T, nkey, signature, nonce, id string) {
		b.AdmitAgents(func(context.Context, string) (string, error) { return id, nil })
		request := jwt.NewAuthorizationRequestClaims("x")
		request.ConnectOptions.Nkey, request.ConnectOptions.SignedNonce, request.ClientInformation.Nonce = nkey, signature, nonce
		if agent, err := b.identify(request); err == nil {
			raw, wrong := base64.RawURLEncoding.DecodeString(signature)
			if wrong != nil {
				raw, _ = base64.StdEncoding.DecodeString(signature)
			}
			peer, wrong := nkeys.FromPublicKey(nkey)
			if wrong != nil || peer.Verify([]byte(nonce), raw) != nil || agent != id {
				t.Errorf("%s gets past as %q", nkey, agent)
			}
		}
		b.authorise(&nats.Msg{Data: []byte(id)})
	})
}
